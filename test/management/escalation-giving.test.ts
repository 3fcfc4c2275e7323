import { beforeAll, describe, expect, it } from 'vitest'
import { seconds, later } from '../../src/domain/time.ts'
import { changeApi, listApis } from '../../src/management/apis.ts'
import { changeBinding, createBinding } from '../../src/management/bindings.ts'
import { addGroupMember, removeGroupMember } from '../../src/management/groups.ts'
import { changeRole, createRole } from '../../src/management/roles.ts'
import { changeServiceAccount } from '../../src/management/service-accounts.ts'
import {
  accepted,
  description,
  inDays,
  name,
  newGroup,
  permission,
  resource,
  useDesk,
} from './desk.ts'
import type { Tenant } from './escalation/world.ts'
import { newTenant } from './escalation/world.ts'

import { castOf, managementNotHeld, notHeld, refusalOf, to, tokenOf } from './escalation/cast.ts'

const desk = useDesk()
let mine: Tenant

beforeAll(async () => {
  mine = await newTenant(desk())
})

const { acting, as, account, bindingOf } = castOf(desk, () => mine)

describe('escalation by a binding', () => {
  it('is refused: of a role that one does not hold, to oneself or to another', async () => {
    const { organization, who, roles } = mine
    for (const id of [who.granter, await account()]) {
      const owner = { organization, role: roles.owner.id, subject: to(id) }
      expect(refusalOf(await createBinding(desk(), as('granter'), owner))).toEqual(
        managementNotHeld,
      )
      const writer = { organization, role: roles.writer.id, subject: to(id) }
      expect(refusalOf(await createBinding(desk(), as('granter'), writer))).toEqual(
        notHeld('a:write', mine.api.audience),
      )
    }
    const reader = { organization, role: roles.reader.id, subject: to(await account()) }
    accepted(await createBinding(desk(), as('granter'), reader))
    const any = { organization, role: roles.owner.id, subject: to(await account()) }
    accepted(await createBinding(desk(), as('owner'), any))
  })

  it('is refused: to a group that one is in', async () => {
    const { organization, who, roles } = mine
    const { id: group } = await newGroup(desk(), organization)
    accepted(
      await addGroupMember(desk(), as('granter'), { organization, group, principal: who.granter }),
    )
    const given = {
      organization,
      role: roles.owner.id,
      subject: { type: 'group', id: group } as const,
    }
    expect(refusalOf(await createBinding(desk(), as('granter'), given))).toEqual(managementNotHeld)
  })

  it('is refused: from a resource to another, and to the whole organization', async () => {
    const { organization, roles } = mine
    const subject = to(await account())
    const owner = { organization, role: roles.owner.id, subject }
    expect(refusalOf(await createBinding(desk(), as('somewhere'), owner))).toEqual(
      managementNotHeld,
    )
    const other = { ...owner, resource: resource('cluster/two') }
    expect(refusalOf(await createBinding(desk(), as('somewhere'), other))).toEqual(
      expect.objectContaining({ reason: 'permission_not_held', resource: 'cluster/two' }),
    )
    const same = { ...owner, resource: resource('cluster/one') }
    accepted(await createBinding(desk(), as('somewhere'), same))
  })

  it('is refused: beyond the end of what one holds oneself, at once or later', async () => {
    const { organization, roles } = mine
    const given = { organization, role: roles.viewer.id, subject: to(await account()) }
    expect(refusalOf(await createBinding(desk(), as('forNow'), given))).toEqual(managementNotHeld)
    const forTwoDays = { ...given, expiresAt: inDays(desk(), 2) }
    const { id: binding } = accepted(await createBinding(desk(), as('forNow'), forTwoDays))
    for (const expiresAt of [null, later(inDays(desk(), 2), seconds(1))]) {
      const longer = { organization, binding, expiresAt }
      expect(refusalOf(await changeBinding(desk(), as('forNow'), longer))).toEqual(
        managementNotHeld,
      )
    }
    const own = await bindingOf(mine.who.forNow, 'owner')
    expect(
      refusalOf(await changeBinding(desk(), as('forNow'), { ...own, expiresAt: null })),
    ).toEqual(managementNotHeld)
  })

  it('is refused: beyond the end of the account that gives it', async () => {
    const { organization, roles, who } = mine
    const given = { organization, role: roles.viewer.id, subject: to(await account()) }
    const ending = acting(tokenOf(mine, 'ending'))
    expect(refusalOf(await createBinding(desk(), ending, given))).toEqual(managementNotHeld)
    const own = { organization, account: who.ending, expiresAt: null }
    expect(refusalOf(await changeServiceAccount(desk(), ending, own))).toEqual(managementNotHeld)
  })
})

describe('escalation by a group', () => {
  it('is refused: by entering one that carries more, oneself or another', async () => {
    const { organization, who, groups } = mine
    const group = groups.strong.id
    for (const principal of [who.granter, await account()]) {
      const membership = { organization, group, principal }
      expect(refusalOf(await addGroupMember(desk(), as('granter'), membership))).toMatchObject({
        reason: 'permission_not_held',
      })
      accepted(await addGroupMember(desk(), as('owner'), membership))
      accepted(await removeGroupMember(desk(), as('owner'), membership))
    }
  })
})

describe('escalation by a role', () => {
  it('is refused: by adding to one what one does not hold everywhere and for ever', async () => {
    const { organization, api, roles } = mine
    const change = (text: string) => ({
      organization,
      role: roles.editor.id,
      addPermissions: [{ api: api.id, permission: permission(text) }],
    })
    expect(refusalOf(await changeRole(desk(), as('editor'), change('a:write')))).toEqual(
      notHeld('a:write', mine.api.audience),
    )
    // What the editor holds of a:read ends in nine days.
    expect(refusalOf(await changeRole(desk(), as('editor'), change('a:read')))).toEqual(
      notHeld('a:read', mine.api.audience),
    )
  })

  it('is refused: by making one of the management API', async () => {
    const { organization } = mine
    const { items } = await listApis(desk(), organization)
    const management = items.find(({ builtIn }) => builtIn)
    if (management === undefined) throw new Error('no management API')
    const called = { name: name('Mine'), description: description('') }
    const wanted = [{ api: management.id, permission: permission('members:manage') }]
    expect(
      refusalOf(
        await createRole(desk(), as('editor'), { organization, ...called, permissions: wanted }),
      ),
    ).toEqual(notHeld('members:manage', '/api'))
  })
})

describe('escalation by an API', () => {
  it("is refused: a permission that one has just made is nobody's to give but an Owner's", async () => {
    const { organization, api, roles } = mine
    const made = permission('made:now')
    const addition = { permission: made, description: description('') }
    accepted(
      await changeApi(desk(), as('editor'), {
        organization,
        api: api.id,
        addPermissions: [addition],
      }),
    )
    const change = {
      organization,
      role: roles.editor.id,
      addPermissions: [{ api: api.id, permission: made }],
    }
    expect(refusalOf(await changeRole(desk(), as('editor'), change))).toEqual(
      notHeld('made:now', mine.api.audience),
    )
  })
})

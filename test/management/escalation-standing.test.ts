import { beforeAll, describe, expect, it } from 'vitest'
import type { PrincipalId } from '../../src/domain/id.ts'
import { listApis } from '../../src/management/apis.ts'
import {
  changeBinding,
  createBinding,
  listBindings,
  removeBinding,
} from '../../src/management/bindings.ts'
import {
  changeCredential,
  createClientSecret,
  removeCredential,
} from '../../src/management/credentials.ts'
import { removeGroup, removeGroupMember } from '../../src/management/groups.ts'
import { changeOrganization, createOrganization } from '../../src/management/organizations.ts'
import { whyNotPermitted } from '../../src/management/permitted.ts'
import { changeRole } from '../../src/management/roles.ts'
import { disableServiceAccount } from '../../src/management/service-accounts.ts'
import { accepted, inDays, name, newRole, permission, useDesk } from './desk.ts'
import { byKey, bySession, byToken } from './escalation/actors.ts'
import type { Tenant } from './escalation/world.ts'
import { newTenant } from './escalation/world.ts'
import { asPerson, newPerson } from './people.ts'

import {
  castOf,
  insufficient,
  managementNotHeld,
  missing,
  refusalOf,
  to,
  tokenOf,
} from './escalation/cast.ts'

const desk = useDesk()
let mine: Tenant
let theirs: Tenant

beforeAll(async () => {
  mine = await newTenant(desk())
  theirs = await newTenant(desk())
})

const { acting, as, asMachine, account, bindingOf, secretOf } = castOf(desk, () => mine)

describe('escalation by a token', () => {
  it('is refused: in narrow hands the strongest account is as narrow', async () => {
    const { organization, who, roles } = mine
    const narrow = asMachine(['bindings:manage', 'credentials:manage'])
    const given = { organization, role: roles.owner.id, subject: to(await account()) }
    expect(refusalOf(await createBinding(desk(), narrow, given))).toEqual(managementNotHeld)
    const own = { organization, principal: who.machine, name: name('own') }
    expect(refusalOf(await createClientSecret(desk(), narrow, own))).toEqual(managementNotHeld)
    const named = { organization, name: name('Renamed') }
    expect(refusalOf(await changeOrganization(desk(), narrow, named))).toEqual(
      missing('organization:manage'),
    )
    accepted(await createBinding(desk(), asMachine(), given))
  })

  it('is refused: a role that was withdrawn counts no more for a token issued before', async () => {
    const { organization, roles } = mine
    const id = await account()
    const given = { organization, role: roles.viewer.id, subject: to(id) }
    const { id: binding } = accepted(await createBinding(desk(), desk().act, given))
    const { credential } = await secretOf(id)
    const token = acting(byToken(organization, id, credential))
    const asked = { organization, operation: 'listGroups' } as const
    expect(await whyNotPermitted(desk(), token, asked)).toBeUndefined()
    accepted(await removeBinding(desk(), desk().act, { organization, binding }))
    expect(await whyNotPermitted(desk(), token, asked)).toEqual(missing('groups:read'))
  })

  it('is refused: an account that is disabled, at its end or in a disabled organization has no word', async () => {
    const { organization, roles } = mine
    const id = await account()
    const given = { organization, role: roles.viewer.id, subject: to(id) }
    accepted(await createBinding(desk(), desk().act, given))
    const { credential } = await secretOf(id)
    const token = acting(byToken(organization, id, credential))
    const asked = { organization, operation: 'listGroups' } as const
    accepted(await disableServiceAccount(desk(), desk().act, { organization, account: id }))
    expect(await whyNotPermitted(desk(), token, asked)).toEqual(missing('groups:read'))
    const late = { ...acting(tokenOf(mine, 'ending')), at: inDays(desk(), 3) }
    expect(await whyNotPermitted(desk(), late, asked)).toEqual(missing('groups:read'))

    const other = acting(bySession(theirs.organization, theirs.who.viewer))
    const there = { organization: theirs.organization, operation: 'listGroups' } as const
    expect(await whyNotPermitted(desk(), other, there)).toBeUndefined()
    const closed = { organization: theirs.organization, enabled: false }
    accepted(await changeOrganization(desk(), desk().act, closed))
    expect(await whyNotPermitted(desk(), other, there)).toEqual({ reason: 'organization_disabled' })
    accepted(await changeOrganization(desk(), desk().act, { ...closed, enabled: true }))
  })

  it('is refused: a token is worth no more than the credential that got it', async () => {
    const { organization, roles } = mine
    const asked = { organization, operation: 'listGroups' } as const
    const holder = async () => {
      const id = await account()
      const given = { organization, role: roles.viewer.id, subject: to(id) }
      accepted(await createBinding(desk(), desk().act, given))
      const place = await secretOf(id)
      return { id, place, token: acting(byToken(organization, id, place.credential)) }
    }
    for (const end of [{ enabled: false }, { expiresAt: inDays(desk(), 1) }, undefined]) {
      const { place, token } = await holder()
      expect(await whyNotPermitted(desk(), token, asked)).toBeUndefined()
      if (end === undefined) accepted(await removeCredential(desk(), desk().act, place))
      else accepted(await changeCredential(desk(), desk().act, { ...place, ...end }))
      const later = { ...token, at: inDays(desk(), 1) }
      expect(await whyNotPermitted(desk(), later, asked)).toEqual(missing('groups:read'))
    }
    const [one, other] = [await holder(), await holder()]
    const foreign = acting(byToken(organization, one.id, other.place.credential))
    expect(await whyNotPermitted(desk(), foreign, asked)).toEqual(missing('groups:read'))
  })

  it('is refused: with an application key nobody makes or changes credentials', async () => {
    const { organization, who } = mine
    const key = acting(byKey(organization, who.owner, mine.key))
    const input = { organization, principal: await account(), name: name('by key') }
    const secret = await secretOf(input.principal)
    for (const outcome of [
      await createClientSecret(desk(), key, input),
      await changeCredential(desk(), key, { ...secret, name: name('other') }),
    ]) {
      expect(refusalOf(outcome)).toEqual({ reason: 'session_needed' })
    }
  })
})

describe('escalation abroad', () => {
  it('is refused: an Owner is nobody in another organization', async () => {
    const { organization, roles } = theirs
    const unknown = { reason: 'organization_unknown', organization }
    const given = { organization, role: roles.viewer.id, subject: to(theirs.who.viewer) }
    expect(refusalOf(await createBinding(desk(), as('owner'), given))).toEqual(unknown)
    expect(
      await whyNotPermitted(desk(), as('owner'), { organization, operation: 'listGroups' }),
    ).toEqual(unknown)
  })

  it("is refused: the other organization's ids are ids of nothing", async () => {
    const { organization, roles } = mine
    const subject = to(theirs.who.viewer)
    expect(
      refusalOf(
        await createBinding(desk(), as('owner'), { organization, role: roles.viewer.id, subject }),
      ),
    ).toEqual({ reason: 'principal_unknown', principal: theirs.who.viewer })
    const role = theirs.roles.viewer.id
    expect(
      refusalOf(
        await createBinding(desk(), as('owner'), {
          organization,
          role,
          subject: to(mine.who.viewer),
        }),
      ),
    ).toEqual({ reason: 'role_unknown', role })
  })

  it('is refused: what concerns all is for operators, not for Owners', async () => {
    const { organization } = mine
    const needed = { reason: 'operator_needed' }
    expect(
      refusalOf(await createOrganization(desk(), as('owner'), { name: name('Mine, too') })),
    ).toEqual(needed)
    expect(
      refusalOf(await changeOrganization(desk(), as('owner'), { organization, enabled: false })),
    ).toEqual(needed)
    const operator = await newPerson(desk(), undefined, true)
    const pia = await asPerson(desk(), operator, { isOperator: true })
    const asked = { organization, operation: 'showOrganization' } as const
    expect(await whyNotPermitted(desk(), pia, asked)).toBeUndefined()
    accepted(await changeOrganization(desk(), pia, { organization, enabled: false }))
    accepted(await changeOrganization(desk(), pia, { organization, enabled: true }))
    expect(
      refusalOf(await changeOrganization(desk(), pia, { organization, name: name('Pia rules') })),
    ).toEqual(missing('organization:manage'))
    const reader = { organization, role: mine.roles.reader.id, subject: to(mine.who.viewer) }
    expect(refusalOf(await createBinding(desk(), pia, reader))).toEqual(missing('bindings:manage'))
  })
})

describe('taking', () => {
  it('of what is held at the management API is refused to those who hold less', async () => {
    const { organization, who, groups } = mine
    const binding = await bindingOf(who.owner, 'owner')
    expect(refusalOf(await removeBinding(desk(), as('manager'), binding))).toEqual(insufficient)
    const shorter = { ...binding, expiresAt: inDays(desk(), 1) }
    expect(refusalOf(await changeBinding(desk(), as('manager'), shorter))).toEqual(insufficient)
    const membership = { organization, group: groups.strong.id, principal: who.inGroup }
    expect(refusalOf(await removeGroupMember(desk(), as('granter'), membership))).toEqual(
      insufficient,
    )
    const place = { organization, group: groups.strong.id }
    expect(refusalOf(await removeGroup(desk(), as('granter'), place))).toEqual(insufficient)
    const { items } = await listApis(desk(), organization)
    const api = items.find(({ builtIn }) => builtIn)?.id ?? mine.api.id
    const edit = {
      organization,
      role: mine.roles.granter.id,
      removePermissions: [{ api, permission: permission('bindings:manage') }],
    }
    expect(refusalOf(await changeRole(desk(), as('editor'), edit))).toEqual(insufficient)
  })

  it('of what is held elsewhere is up to those who may withdraw', async () => {
    const { organization } = mine
    const id = await account()
    const role = await newRole(desk(), organization, [[mine.api, 'b:read']])
    const given = { organization, role: role.id, subject: to(id) }
    const { id: binding } = accepted(await createBinding(desk(), desk().act, given))
    const outcome = await removeBinding(desk(), as('granter'), { organization, binding })
    expect(refusalOf(outcome)).toBe('accepted')
  })
})

describe('the last Owner', () => {
  it('stays: neither withdrawn nor given an end, by whomever', async () => {
    const { organization, who, roles } = await newTenant(desk())
    const owner = acting(bySession(organization, who.owner))
    const bindings = async (id: PrincipalId) => {
      const filter = { role: roles.owner.id, subject: to(id) }
      const { items } = await listBindings(desk(), organization, filter)
      return items.map((one) => ({ organization, binding: one.id }))
    }
    const [second] = await bindings(who.second)
    const [own] = await bindings(who.owner)
    if (second === undefined || own === undefined) throw new Error('no Owners')
    accepted(await removeBinding(desk(), owner, second))
    // One for two days, an account and one for a resource are left: none of them counts.
    for (const act of [owner, desk().act]) {
      expect(refusalOf(await removeBinding(desk(), act, own))).toEqual({ reason: 'last_owner' })
      const ended = { ...own, expiresAt: inDays(desk(), 1) }
      expect(refusalOf(await changeBinding(desk(), act, ended))).toEqual({ reason: 'last_owner' })
    }
    const given = { organization, role: roles.owner.id, subject: to(who.viewer) }
    accepted(await createBinding(desk(), owner, given))
    accepted(await removeBinding(desk(), owner, own))
  })
})

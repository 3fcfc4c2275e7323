import { beforeAll, describe, expect, it } from 'vitest'
import { permissionFor } from '../../src/domain/management-permission.ts'
import { listApis } from '../../src/management/apis.ts'
import { createBinding, listBindings, removeBinding } from '../../src/management/bindings.ts'
import { acceptInvitation } from '../../src/management/invitation-acceptance.ts'
import { createInvitation } from '../../src/management/invitations.ts'
import { removeMember } from '../../src/management/members.ts'
import { createRecoveryLink, recover } from '../../src/management/recovery.ts'
import { accepted, name, newMember, newRole, useDesk } from './desk.ts'
import {
  castOf,
  insufficient,
  managementNotHeld,
  missing,
  refusalOf,
  to,
} from './escalation/cast.ts'
import { bySession } from './escalation/actors.ts'
import type { Tenant } from './escalation/world.ts'
import { newTenant } from './escalation/world.ts'
import {
  asMember,
  asPerson,
  circumstances,
  email,
  newPerson,
  otherPassword,
  password,
  tokenOf,
  tryToSignIn,
} from './people.ts'

const desk = useDesk()
let mine: Tenant

beforeAll(async () => {
  mine = await newTenant(desk())
})

const { acting, as } = castOf(desk, () => mine)

let made = 0
const invitation = (given: { roles?: readonly Tenant['roles']['owner']['id'][] } = {}) => ({
  organization: mine.organization,
  email: email(`tricked-${(made += 1)}@example.com`),
  roles: [],
  groups: [],
  ...given,
})

/** A member who may invite, and holds the reader role, but may not grant. */
async function inviter() {
  const { organization, roles } = mine
  const { items } = await listApis(desk(), organization)
  const management = items.find(({ builtIn }) => builtIn)
  if (management === undefined) throw new Error('no management API')
  const inviting = await newRole(desk(), organization, [[management, 'members:manage']])
  const member = await newMember(desk(), organization)
  for (const role of [inviting.id, roles.reader.id]) {
    accepted(
      await createBinding(desk(), desk().act, { organization, role, subject: to(member.id) }),
    )
  }
  return member
}

describe('escalation by an invitation', () => {
  it('is refused: to invite is not to grant, nor to put into a group', async () => {
    const { roles, groups } = mine
    const act = await asMember(desk(), await inviter())
    expect((await createInvitation(desk(), act, invitation())).ok).toBe(true)
    const withRole = invitation({ roles: [roles.reader.id] })
    expect(refusalOf(await createInvitation(desk(), act, withRole))).toEqual(
      missing(permissionFor.createBinding),
    )
    const withGroup = { ...invitation(), groups: [groups.weak.id] }
    expect(refusalOf(await createInvitation(desk(), act, withGroup))).toEqual(
      missing(permissionFor.addGroupMember),
    )
  })

  it('is refused: by one that was made while one could still grant', async () => {
    const { organization, roles } = mine
    const member = await inviter()
    const granting = { organization, role: roles.granter.id, subject: to(member.id) }
    const binding = accepted(await createBinding(desk(), desk().act, granting))
    const created = accepted(
      await createInvitation(
        desk(),
        await asMember(desk(), member),
        invitation({ roles: [roles.reader.id] }),
      ),
    )
    accepted(await removeBinding(desk(), desk().act, { organization, binding: binding.id }))
    const by = { name: name('Mallory'), password }
    const acceptance = { token: tokenOf(created), by }
    expect(refusalOf(await acceptInvitation(desk(), circumstances(desk()), acceptance))).toEqual({
      reason: 'invitation_lapsed',
    })
    const { items } = await listBindings(desk(), organization, { role: roles.reader.id })
    expect(items.filter(({ createdBy }) => createdBy.id === member.id)).toEqual([])
  })

  it('is refused: of an Owner, by whoever is one only for now or only somewhere', async () => {
    const owner = invitation({ roles: [mine.roles.owner.id] })
    expect(refusalOf(await createInvitation(desk(), as('forNow'), owner))).toEqual(
      managementNotHeld,
    )
    expect(refusalOf(await createInvitation(desk(), as('somewhere'), owner))).toEqual(
      missing(permissionFor.createInvitation),
    )
  })
})

describe('escalation by removing', () => {
  it('is refused: a member who holds more of the management API', async () => {
    const { organization, who } = mine
    for (const member of [who.owner, who.forNow, who.editor]) {
      const outcome = await removeMember(desk(), as('manager'), { organization, member })
      expect(refusalOf(outcome)).toEqual(insufficient)
    }
    const outcome = await removeMember(desk(), as('forNow'), { organization, member: who.second })
    expect(refusalOf(outcome)).toEqual(insufficient)
  })
})

describe('escalation by a recovery', () => {
  it('is refused: nobody gets into another organization as somebody who is in both', async () => {
    const { organization } = mine
    const theirs = await newTenant(desk())
    const both = await newPerson(desk(), organization)
    const here = { organization, member: both.id }
    const link = accepted(await createRecoveryLink(desk(), as('owner'), here))

    const ownerThere = acting(bySession(theirs.organization, theirs.who.owner))
    const wanted = { ...invitation(), organization: theirs.organization, email: both.email }
    const token = tokenOf(accepted(await createInvitation(desk(), ownerThere, wanted)))
    const by = (await asPerson(desk(), both)).actor
    const there = accepted(await acceptInvitation(desk(), circumstances(desk()), { token, by }))

    const use = { token: tokenOf(link), password: otherPassword }
    expect(refusalOf(await recover(desk(), circumstances(desk()), use))).toEqual({
      reason: 'link_lapsed',
    })
    for (const [act, place] of [
      [as('owner'), here],
      [ownerThere, { organization: theirs.organization, member: there.id }],
    ] as const) {
      expect(refusalOf(await createRecoveryLink(desk(), act, place))).toEqual({
        reason: 'operator_needed',
      })
    }
    expect((await tryToSignIn(desk(), both)).ok).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { linkLifetime } from '../../src/domain/link.ts'
import { later } from '../../src/domain/time.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { removeBinding, listBindings } from '../../src/management/bindings.ts'
import { listGroupMembers } from '../../src/management/groups.ts'
import { acceptInvitation, lookAtInvitation } from '../../src/management/invitation-acceptance.ts'
import type { InvitationCreation } from '../../src/management/invitations.ts'
import {
  createInvitation,
  invitationRolesMax,
  listInvitations,
  removeInvitation,
  showInvitation,
} from '../../src/management/invitations.ts'
import { listMembers, removeMember } from '../../src/management/members.ts'
import type { Act } from '../../src/storage/tx.ts'
import { accepted, issuer, name, newGroup, newOrganization, tracesOf, useDesk } from './desk.ts'
import {
  asMember,
  asPerson,
  builtInRole,
  circumstances,
  email,
  newHolder,
  newPerson,
  otherPassword,
  others,
  password,
  tokenOf,
  tryToSignIn,
} from './people.ts'

const desk = useDesk()

let made = 0
const someone = () => email(`invited-${(made += 1)}@example.com`)

async function owned() {
  const { id: organization, name: called } = await newOrganization(desk())
  const owner = await newHolder(desk(), organization, 'owner')
  return { organization, called, owner, act: await asMember(desk(), owner) }
}

type Wishes = Partial<InvitationCreation> & Pick<InvitationCreation, 'organization'>

async function invite(act: Act, wishes: Wishes) {
  const input = { email: someone(), roles: [], groups: [], ...wishes }
  return createInvitation(desk(), act, input)
}

const newcomer = { name: name('Grace'), password }

async function acceptAs(by: Parameters<typeof acceptInvitation>[2]['by'], link: { link: string }) {
  return acceptInvitation(desk(), circumstances(desk()), { token: tokenOf(link), by })
}

const refusedFor = (reason: string) => ({ ok: false, refusal: { reason } })

describe('an invitation', () => {
  it('makes somebody new a member, with the roles and groups that it names', async () => {
    const { organization, called, owner, act } = await owned()
    const role = await builtInRole(desk(), organization, 'viewer')
    const group = await newGroup(desk(), organization)
    const wishes = { organization, email: someone(), roles: [role], groups: [group.id] }
    const created = accepted(await invite(act, wishes))
    expect(created.link).toMatch(`${issuer}/console/invitation#cln_`)
    expect(created.invitation).toMatchObject({
      ...wishes,
      expiresAt: later(desk().act.at, linkLifetime),
      createdBy: { id: owner.id },
    })

    const look = { token: tokenOf(created) }
    const seen = accepted(await lookAtInvitation(desk(), circumstances(desk()), look.token))
    expect(seen).toMatchObject({ organization: called, isKnown: false, roles: ['Viewer'] })
    expect(seen.groups).toEqual([group.name])
    const { audit } = await tracesOf(desk(), async () => {
      const member = accepted(await acceptAs(newcomer, created))
      expect(member).toMatchObject({ email: wishes.email, name: 'Grace', organization })
      const subject = { type: 'principal', id: member.id } as const
      const { items } = await listBindings(desk(), organization, { subject })
      expect(items).toMatchObject([{ role, createdBy: { id: owner.id }, subjectName: 'Grace' }])
      const place = { organization, group: group.id }
      expect(accepted(await listGroupMembers(desk(), place)).items).toMatchObject([
        { id: member.id, name: 'Grace' },
      ])
    })
    expect(audit.map(({ kind }) => kind)).toEqual([
      'invitation.accepted',
      'person.created',
      'member.added',
      'binding.created',
      'group.member_added',
    ])
    expect(JSON.stringify(audit)).not.toMatch(/cln_|argon2|correct horse/)
    expect((await tryToSignIn(desk(), wishes)).ok).toBe(true)

    // Once.
    expect(await acceptAs(newcomer, created)).toEqual(refusedFor('link_unknown'))
    expect((await listInvitations(desk(), organization)).items).toEqual([])
  })

  it('never sets the password of somebody who is known: they sign in to accept', async () => {
    const { organization, act } = await owned()
    const [known, stranger] = [await newPerson(desk()), await newPerson(desk())]
    const created = accepted(await invite(act, { organization, email: known.email }))
    const token = tokenOf(created)
    const seen = accepted(await lookAtInvitation(desk(), circumstances(desk()), token))
    expect(seen.isKnown).toBe(true)
    const stolen = { name: name('Mallory'), password: otherPassword }
    expect(await acceptAs(stolen, created)).toEqual(refusedFor('sign_in_needed'))
    expect(await acceptAs((await asPerson(desk(), stranger)).actor, created)).toEqual(
      refusedFor('invitation_of_another'),
    )
    expect((await tryToSignIn(desk(), known)).ok).toBe(true)
    const member = accepted(await acceptAs((await asPerson(desk(), known)).actor, created))
    expect(member).toMatchObject({ person: known.person, name: known.name })
    expect(member.id).not.toBe(known.id)
  })

  it('is used by looking at it not, and by accepting once however many try', async () => {
    const { organization, act } = await owned()
    const created = accepted(await invite(act, { organization }))
    for (let looks = 0; looks < 3; looks += 1) {
      const token = tokenOf(created)
      expect((await lookAtInvitation(desk(), circumstances(desk()), token)).ok).toBe(true)
    }
    const outcomes = await Promise.all([1, 2].map(async () => acceptAs(newcomer, created)))
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('ends after a day, and is withdrawn before', async () => {
    const { organization, act } = await owned()
    const created = accepted(await invite(act, { organization }))
    const at = later(desk().act.at, linkLifetime)
    const input = { token: tokenOf(created), by: newcomer }
    const late = { ...circumstances(desk()), at }
    expect(await acceptInvitation(desk(), late, input)).toEqual(refusedFor('link_unknown'))
    expect(await lookAtInvitation(desk(), late, input.token)).toEqual(refusedFor('link_unknown'))
    const place = { organization, invitation: created.invitation.id }
    expect(created.invitation).toMatchObject(accepted(await showInvitation(desk(), place)))
    const { audit } = await tracesOf(desk(), async () => removeInvitation(desk(), act, place))
    expect(audit).toMatchObject([{ kind: 'invitation.removed' }])
    expect(await acceptAs(newcomer, created)).toEqual(refusedFor('link_unknown'))
    const unknown = { reason: 'invitation_unknown', invitation: place.invitation }
    expect(await removeInvitation(desk(), act, place)).toEqual({ ok: false, refusal: unknown })
    expect(await showInvitation(desk(), place)).toEqual({ ok: false, refusal: unknown })
  })

  it('is one for each email, and none for a member', async () => {
    const { organization, owner, act } = await owned()
    const created = accepted(await invite(act, { organization }))
    const again = { organization, email: created.invitation.email }
    expect(await invite(act, again)).toMatchObject(refusedFor('invitation_exists'))
    expect(await invite(act, { organization, email: owner.email })).toEqual({
      ok: false,
      refusal: { reason: 'member_exists', member: owner.id },
    })
    // One that has ended is no hindrance.
    const later25 = { ...act, at: later(act.at, linkLifetime) }
    expect((await invite(later25, again)).ok).toBe(true)
  })

  it('gives no more than whoever invites holds', async () => {
    const { organization } = await owned()
    const manager = await asMember(desk(), await newHolder(desk(), organization, 'memberManager'))
    const owner = await builtInRole(desk(), organization, 'owner')
    const viewer = await builtInRole(desk(), organization, 'viewer')
    expect(await invite(manager, { organization, roles: [owner] })).toMatchObject(
      refusedFor('permission_not_held'),
    )
    expect((await invite(manager, { organization, roles: [viewer] })).ok).toBe(true)
    const onlooker = await asMember(desk(), await newHolder(desk(), organization, 'viewer'))
    expect(await invite(onlooker, { organization })).toMatchObject(refusedFor('permission_missing'))
    const roles = Array.from({ length: invitationRolesMax + 1 }, () => desk().random.id('role'))
    expect(await invite(manager, { organization, roles })).toMatchObject(
      refusedFor('invitation_roles_too_many'),
    )
    expect(await invite(manager, { organization, roles: [roles[0] ?? viewer] })).toMatchObject(
      refusedFor('role_unknown'),
    )
  })

  it('lapses when whoever invited has lost what it gives, or is gone', async () => {
    const { organization, act } = await owned()
    const manager = await newHolder(desk(), organization, 'memberManager')
    const roles = [await builtInRole(desk(), organization, 'viewer')]
    const first = accepted(await invite(await asMember(desk(), manager), { organization, roles }))
    const second = accepted(await invite(await asMember(desk(), manager), { organization }))
    await withdrawAll(act, manager)
    expect(await acceptAs(newcomer, first)).toEqual(refusedFor('invitation_lapsed'))
    accepted(await removeMember(desk(), act, { organization, member: manager.id }))
    expect(await acceptAs(newcomer, second)).toEqual(refusedFor('invitation_lapsed'))
    expect((await listMembers(desk(), organization)).items).toHaveLength(1)
  })

  it('comes from an operator only while the organization has no Owner', async () => {
    const { id: organization } = await newOrganization(desk())
    const operator = await newPerson(desk(), undefined, true)
    const act = await asPerson(desk(), operator, { isOperator: true })
    const roles = [await builtInRole(desk(), organization, 'owner')]
    const first = accepted(await invite(act, { organization, roles }))
    const second = accepted(await invite(act, { organization, roles }))
    expect((await acceptAs(newcomer, first)).ok).toBe(true)
    expect(await acceptAs(newcomer, second)).toEqual(refusedFor('invitation_lapsed'))
    expect(await invite(act, { organization, roles })).toMatchObject(
      refusedFor('permission_missing'),
    )
  })

  it('is accepted by nobody but a person', async () => {
    const { organization, act } = await owned()
    const member = await newPerson(desk())
    const created = accepted(await invite(act, { organization, email: member.email }))
    for (const actor of others(desk(), member)) {
      expect(await acceptAs(actor, created)).toEqual(refusedFor('session_needed'))
    }
  })
})

async function withdrawAll(act: Act, { organization, id }: NamedMember) {
  const { items } = await listBindings(desk(), organization, {
    subject: { type: 'principal', id },
  })
  for (const { id: binding } of items) {
    accepted(await removeBinding(desk(), act, { organization, binding }))
  }
}

import type { AuthorityInsufficient, LastOwner } from '../domain/authority.ts'
import type { MemberId, OrganizationId } from '../domain/id.ts'
import type { NamedMember } from '../domain/member.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { listHoldings } from '../storage/holdings.ts'
import * as storage from '../storage/members.ts'
import { findOrganization } from '../storage/organizations.ts'
import type { Page } from '../storage/page.ts'
import { lockPerson } from '../storage/people.ts'
import { removeSessionsOf } from '../storage/sessions.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotTaken, whyNotWithoutOwner } from './giving.ts'
import { ofPerson, removeIfUnattached } from './people.ts'
import type { NotPermitted, PermittedAct } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { PeoplePorts } from './ports.ts'

type Needs = Pick<PeoplePorts, 'db'>

/** A member inside their organization. */
export type MemberPlace = { readonly organization: OrganizationId; readonly member: MemberId }

export type UnknownMember = {
  readonly reason: 'membership_unknown'
  readonly member: MemberId
}

export type MemberRefusal = NotPermitted | UnknownMember | AuthorityInsufficient | LastOwner

export async function listMembers(
  { db }: Needs,
  organization: OrganizationId,
  asked: storage.MembersAsked = {},
): Promise<Page<NamedMember, MemberId>> {
  return storage.listMembers(db.management, organization, asked)
}

export async function showMember(
  { db }: Needs,
  { organization, member: id }: MemberPlace,
): Promise<Result<NamedMember, UnknownMember>> {
  const member = await storage.findMember(db.management, organization, id)
  return member ? accept(member) : refuse({ reason: 'membership_unknown', member: id })
}

/**
 * Removes a member: what they held, their application keys and their sessions end at once. What they
 * made goes on; a service account is nobody's. A person without any membership left is no person here
 * any more, unless they are an operator.
 */
export async function removeMember(
  { db }: Needs,
  act: Act,
  { organization, member: id }: MemberPlace,
): Promise<Result<NamedMember, MemberRefusal>> {
  const asked = { organization, operation: 'removeMember' } as const
  return permitted<NamedMember, MemberRefusal>(db, asked, act, async (tx, by) => {
    const member = await storage.findMember(tx, organization, id)
    if (member === undefined) return refuse({ reason: 'membership_unknown', member: id })
    const refusal = await whyRefused(tx, by, { organization, member: id })
    if (refusal) return refuse(refusal)

    const { person, name, email } = member
    await lockPerson(tx, person)
    await storage.removeMember(tx, member)
    const ended = await removeSessionsOf(tx, person)
    return accept({
      value: member,
      audit: [
        {
          kind: 'member.removed',
          target: { type: 'member', id, name },
          before: { person, email, sessions: ended },
        },
        ...(await removeIfUnattached(tx, { id: person, name, email })),
      ],
      changes: [{ kind: 'principal', organization, subject: id }, ofPerson(person)],
    })
  })
}

/** The places of a person who is signed in, or the one in which a member acts by a key of theirs. */
export async function listOwnMemberships(
  { db }: Needs,
  { actor }: Act,
): Promise<readonly storage.Membership[]> {
  if (actor.type === 'person') return storage.listMembershipsOf(db.management, actor.id)
  if (actor.type !== 'member') return []
  const found = await findOrganization(db.management, actor.organization)
  if (found === undefined) return []
  return [{ organization: found.id, organizationName: found.name, member: actor.id }]
}

async function whyRefused(
  tx: Tx,
  by: PermittedAct,
  { organization, member: principal }: MemberPlace,
): Promise<MemberRefusal | undefined> {
  const held = await listHoldings(tx, organization, { type: 'principal', id: principal })
  const from = { type: 'principal', id: principal, organization } as const
  return (
    (await whyNotTaken(tx, by, held, from)) ??
    (await whyNotWithoutOwner(tx, { organization, principal }))
  )
}

import type { Actor, PersonActor } from '../domain/audit.ts'
import type { SessionNeeded } from '../domain/authority.ts'
import type { MemberId, OrganizationId } from '../domain/id.ts'
import type { Invitation } from '../domain/invitation.ts'
import type { LinkToken } from '../domain/link.ts'
import type { NamedMember } from '../domain/member.ts'
import type { Name } from '../domain/name.ts'
import type { Password, PasswordPersonal } from '../domain/password.ts'
import { whyPersonal } from '../domain/password.ts'
import type { Email, Person } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import { firstVersion } from '../domain/version.ts'
import { addGroupMember, countGroupMembers, findGroup } from '../storage/groups.ts'
import { findInvitationByToken, removeInvitation } from '../storage/invitations.ts'
import { findMemberOf } from '../storage/members.ts'
import { findOrganization } from '../storage/organizations.ts'
import { findPersonByEmail, lockPerson } from '../storage/people.ts'
import { findRole } from '../storage/roles.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { writeBinding } from './bindings.ts'
import { membersOfGroupMax } from './groups.ts'
import { whyNotInvited } from './invitations.ts'
import { hasWord, wordOfMaker } from './makers.ts'
import type { Circumstances, Told } from './people.ts'
import { addMembership, addNewcomer, holderOf, signedIn } from './people.ts'
import type { PeoplePorts } from './ports.ts'
import { createdIn } from './written.ts'

export type AcceptanceRefusal =
  | ConcernRefusal
  | PasswordPersonal
  | SessionNeeded
  | { readonly reason: 'link_unknown' }
  /** Whoever invited may not give any more what the invitation gives, or is gone. */
  | { readonly reason: 'invitation_lapsed' }
  /** There is such a person: they have to be signed in, as themselves. */
  | { readonly reason: 'sign_in_needed' }
  | { readonly reason: 'invitation_of_another' }
  | { readonly reason: 'member_exists'; readonly member: MemberId }

/** What the holder of a link may see of it before they accept. */
export type InvitationView = {
  readonly invitation: Invitation
  readonly organization: Name
  /** What it gives; roles and groups that are no longer there are left out. */
  readonly roles: readonly Name[]
  readonly groups: readonly Name[]
  /** Whether they have to sign in to accept, or to choose a password. */
  readonly isKnown: boolean
}

type LookNeeds = Pick<PeoplePorts, 'db' | 'tokens'>

/** Shows an invitation to whoever has its link, and changes nothing: a preview must not use it up. */
export async function lookAtInvitation(
  { db: { management: db }, tokens }: LookNeeds,
  { at }: Pick<Circumstances, 'at'>,
  token: LinkToken,
): Promise<Result<InvitationView, { readonly reason: 'link_unknown' }>> {
  const invitation = await findInvitationByToken(db, tokens.hash(token))
  if (!isOpen(invitation, at)) return refuse({ reason: 'link_unknown' })
  const organization = await findOrganization(db, invitation.organization)
  if (organization === undefined) return refuse({ reason: 'link_unknown' })
  const person = await findPersonByEmail(db, invitation.email)
  const roles = await namesOf(invitation.roles, async (id) => findRole(db, organization.id, id))
  const groups = await namesOf(invitation.groups, async (id) => findGroup(db, organization.id, id))
  const isKnown = person !== undefined
  return accept({ invitation, organization: organization.name, roles, groups, isKnown })
}

async function namesOf<Id>(
  ids: readonly Id[],
  find: (id: Id) => Promise<{ readonly name: Name } | undefined>,
): Promise<readonly Name[]> {
  const names: Name[] = []
  for (const id of ids) {
    const found = await find(id)
    if (found) names.push(found.name)
  }
  return names
}

export type Acceptance = {
  readonly token: LinkToken
  /** Somebody new says who they are; somebody who is known is signed in. */
  readonly by: Actor | { readonly name: Name; readonly password: Password }
}

type Needs = LookNeeds & Pick<PeoplePorts, 'random' | 'passwords'>

/** Makes whoever was invited a member, once. Never touches the password of somebody who is known. */
export async function acceptInvitation(
  ports: Needs,
  circumstances: Circumstances,
  { token, by }: Acceptance,
): Promise<Result<NamedMember, AcceptanceRefusal>> {
  const hash = ports.tokens.hash(token)
  const invitation = await findInvitationByToken(ports.db.management, hash)
  if (!isOpen(invitation, circumstances.at)) return refuse({ reason: 'link_unknown' })
  const { organization, id, email } = invitation
  const accepting = await whoAccepts(ports, circumstances, { by, email })
  if (!accepting.ok) return accepting
  const { act, add } = accepting.value
  return inTransaction<NamedMember, AcceptanceRefusal>(
    ports.db,
    organization,
    act,
    async (tx): Promise<Result<Written<NamedMember>, AcceptanceRefusal>> => {
      const open = await findInvitationByToken(tx, hash)
      if (!isOpen(open, act.at)) return refuse({ reason: 'link_unknown' })
      const authority = await wordOfMaker(tx, open, { organization, now: act.at })
      const giver = { at: act.at, authority }
      if (!hasWord(authority) || (await whyNotInvited(tx, giver, open))) {
        return refuse({ reason: 'invitation_lapsed' })
      }
      const person = await add(tx)
      if (!person.ok) return person
      const joined = await join(tx, ports, act, { invitation: open, ...person.value })
      if (!joined.ok) return joined
      await removeInvitation(tx, open)
      const accepted = { member: joined.value.value.id }
      const target = { type: 'invitation', id }
      return accept({
        ...joined.value,
        audit: [{ kind: 'invitation.accepted', target, after: accepted }, ...joined.value.audit],
      })
    },
  )
}

type Accepting = { readonly person: Pick<Person, 'id' | 'name' | 'email'>; readonly told: Told }

type Who = {
  readonly act: Act
  /** Finds the person, or adds them. */
  readonly add: (tx: Tx) => Promise<Result<Accepting, AcceptanceRefusal>>
}

async function whoAccepts(
  ports: Needs,
  circumstances: Circumstances,
  { by, email }: { readonly by: Acceptance['by']; readonly email: Email },
): Promise<Result<Who, AcceptanceRefusal>> {
  if ('type' in by) {
    const actor = signedIn({ ...circumstances, actor: by })
    return actor.ok ? accept(known({ ...circumstances, actor: by }, actor.value, email)) : actor
  }
  const person = await findPersonByEmail(ports.db.management, email)
  if (person !== undefined) return refuse({ reason: 'sign_in_needed' })
  const personal = whyPersonal(by.password, { email, name: by.name })
  if (personal) return refuse(personal)
  const newcomer = {
    id: ports.random.id('person'),
    email,
    name: by.name,
    password: await ports.passwords.hash(by.password),
    isOperator: false,
  }
  const act: Act = { ...circumstances, actor: holderOf(newcomer, 'invitation') }
  return accept({
    act,
    add: async (tx) =>
      (await findPersonByEmail(tx, email))
        ? refuse({ reason: 'sign_in_needed' })
        : accept({ person: newcomer, told: await addNewcomer(tx, act, newcomer) }),
  })
}

function known(act: Act, by: PersonActor, email: Email): Who {
  return {
    act,
    add: async (tx) => {
      const person = await lockPerson(tx, by.id)
      return person?.email === email
        ? accept({ person, told: { audit: [], changes: [] } })
        : refuse({ reason: 'invitation_of_another' })
    },
  }
}

type Joining = Accepting & { readonly invitation: Invitation }

/** Membership, roles and groups: from whoever invited, as far as people are told who gave what. */
async function join(
  tx: Tx,
  { random }: Pick<Needs, 'random'>,
  act: Act,
  { invitation, person, told }: Joining,
): Promise<Result<Written<NamedMember>, AcceptanceRefusal>> {
  const { organization, createdBy } = invitation
  const already = await findMemberOf(tx, organization, person.id)
  if (already) return refuse({ reason: 'member_exists', member: already.id })
  const created = { ...createdIn(act), createdBy }
  const member = { id: random.id('member'), organization, person: person.id, ...created }
  const joined = await addMembership(tx, member, person)
  const given = [
    ...(await giveRoles(tx, { random }, { member, roles: invitation.roles })),
    ...(await giveGroups(tx, { member, groups: invitation.groups })),
  ]
  return accept({
    value: { ...member, name: person.name, email: person.email },
    audit: [...told.audit, ...joined.audit, ...given],
    changes: [...told.changes, ...joined.changes],
  })
}

type Joined = { readonly member: Omit<NamedMember, 'name' | 'email'> }

async function giveRoles(
  tx: Tx,
  { random }: Pick<Needs, 'random'>,
  { member, roles }: Joined & Pick<Invitation, 'roles'>,
): Promise<Told['audit']> {
  const { organization, id: principal, createdAt, createdBy } = member
  const told: Told['audit'][number][] = []
  for (const role of roles) {
    const binding = await writeBinding(tx, {
      id: random.id('binding'),
      organization,
      role,
      subject: { type: 'principal', id: principal },
      resource: undefined,
      expiresAt: undefined,
      createdAt,
      createdBy,
      version: firstVersion,
    })
    told.push(...binding.audit)
  }
  return told
}

/** A group that is full by now is left out: the membership does not depend on it. */
async function giveGroups(
  tx: Tx,
  { member, groups }: Joined & Pick<Invitation, 'groups'>,
): Promise<Told['audit']> {
  const told: Told['audit'][number][] = []
  for (const id of groups) {
    const group = await findGroup(tx, member.organization, id)
    if (group === undefined || (await countGroupMembers(tx, group)) >= membersOfGroupMax) continue
    await addGroupMember(tx, group, member.id)
    told.push({
      kind: 'group.member_added',
      target: { type: 'group', id, name: group.name },
      after: { principal: member.id },
    })
  }
  return told
}

function isOpen(
  invitation: Invitation | undefined,
  now: NumericDate,
): invitation is Invitation & { readonly organization: OrganizationId } {
  return invitation !== undefined && !hasEnded(invitation.expiresAt, now)
}

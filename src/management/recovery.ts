import type { OperatorNeeded, PermissionNotHeld } from '../domain/authority.ts'
import { isOperator } from '../domain/authority.ts'
import type { OrganizationId, PersonId } from '../domain/id.ts'
import type { LinkToken } from '../domain/link.ts'
import { linkLifetime, linkTo } from '../domain/link.ts'
import type { NamedMember } from '../domain/member.ts'
import type { Password, PasswordPersonal } from '../domain/password.ts'
import { whyPersonal } from '../domain/password.ts'
import type { Person } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, later } from '../domain/time.ts'
import type { TokenHash } from '../ports/tokens.ts'
import { lockChain } from '../storage/audit-trail.ts'
import type { Link } from '../storage/links.ts'
import { addLink, findLink, findRecoveryEnd, removeLink } from '../storage/links.ts'
import { findMember, listMembershipsOf } from '../storage/members.ts'
import { setPassword } from '../storage/passwords.ts'
import { findPerson, lockPerson } from '../storage/people.ts'
import { removeSessionsOf } from '../storage/sessions.ts'
import { removeTotp } from '../storage/totp.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotReachable } from './giving.ts'
import { hasWord, isByOperator, wordOfMaker } from './makers.ts'
import type { MemberPlace, UnknownMember } from './members.ts'
import type { Circumstances } from './people.ts'
import { holderOf, ofPerson, personTarget } from './people.ts'
import type { NotPermitted, PermittedAct } from './permitted.ts'
import { asOperator, permitted } from './permitted.ts'
import type { PeoplePorts } from './ports.ts'
import { createdIn, endFact } from './written.ts'

/** The link is nowhere else: it leaves in this one answer. */
export type CreatedLink = { readonly link: string; readonly expiresAt: NumericDate }

/** A browser left alone would be enough to take the person over. */
type RecoveryOfOneself = { readonly reason: 'recovery_of_oneself' }

export type RecoveryLinkRefusal =
  | NotPermitted
  | UnknownMember
  | PermissionNotHeld
  | OperatorNeeded
  | RecoveryOfOneself

type LinkUnknown = { readonly reason: 'link_unknown' }

export type PersonRecoveryRefusal =
  | ConcernRefusal
  | OperatorNeeded
  | { readonly reason: 'person_unknown'; readonly person: PersonId }

export type RecoveryRefusal =
  | ConcernRefusal
  | PasswordPersonal
  | LinkUnknown
  /** Whoever made the link could not make it now. */
  | { readonly reason: 'link_lapsed' }

/**
 * Makes a link by which a person who cannot sign in any more chooses a new password. Whoever has it
 * becomes that person: so who makes it has to hold all that the member holds, and for a person with
 * more than this one membership it takes an operator. It is always somebody else's to make.
 */
export async function createRecoveryLink(
  { db, tokens, issuer }: Pick<PeoplePorts, 'db' | 'tokens' | 'issuer'>,
  act: Act,
  { organization, member: id }: MemberPlace,
): Promise<Result<CreatedLink, RecoveryLinkRefusal>> {
  const asked = { organization, operation: 'createRecoveryLink' } as const
  return permitted<CreatedLink, RecoveryLinkRefusal>(db, asked, act, async (tx, by) => {
    const member = await findMember(tx, organization, id)
    if (member === undefined) return refuse({ reason: 'membership_unknown', member: id })
    await lockPerson(tx, member.person)
    const refusal = await whyNotRecoverable(tx, by, member)
    if (refusal) return refuse(refusal)

    const token = tokens.link()
    const expiresAt = later(act.at, linkLifetime)
    const { person, name } = member
    const link = { purpose: 'recovery', person, expiresAt, ...createdIn(act) } as const
    await addLink(tx, link, tokens.hash(token))
    return accept({
      value: { link: linkTo(issuer, 'recovery', token), expiresAt },
      audit: [
        {
          kind: 'link.created',
          target: { type: 'member', id, name },
          after: { link: 'recovery', person, expires_at: endFact(expiresAt) },
        },
      ],
      changes: [ofPerson(person)],
    })
  })
}

/** The same for any person, by an operator: who has no Owner to ask, or is an operator themselves. */
export async function createRecoveryLinkOf(
  { db, tokens, issuer }: Pick<PeoplePorts, 'db' | 'tokens' | 'issuer'>,
  act: Act,
  id: PersonId,
): Promise<Result<CreatedLink, PersonRecoveryRefusal>> {
  return asOperator<CreatedLink, PersonRecoveryRefusal>(db, 'server', act, async (tx) => {
    await lockPerson(tx, id)
    const person = await findPerson(tx, id)
    if (person === undefined) return refuse({ reason: 'person_unknown', person: id })
    const token = tokens.link()
    const expiresAt = later(act.at, linkLifetime)
    const link = { purpose: 'recovery', person: id, expiresAt, ...createdIn(act) } as const
    await addLink(tx, link, tokens.hash(token))
    return accept({
      value: { link: linkTo(issuer, 'recovery', token), expiresAt },
      audit: [
        {
          kind: 'link.created',
          target: personTarget(person),
          after: { link: 'recovery', person: id, expires_at: endFact(expiresAt) },
        },
      ],
      changes: [ofPerson(id)],
    })
  })
}

/** How long the link of a member is good; the link itself is shown only when it is made. */
export async function showRecoveryLink(
  { db: { management: db } }: Pick<PeoplePorts, 'db'>,
  { organization, member: id }: MemberPlace,
  now: NumericDate,
): Promise<Result<Pick<CreatedLink, 'expiresAt'>, UnknownMember | LinkUnknown>> {
  const member = await findMember(db, organization, id)
  if (member === undefined) return refuse({ reason: 'membership_unknown', member: id })
  const expiresAt = await findRecoveryEnd(db, member.person)
  return expiresAt === undefined || hasEnded(expiresAt, now)
    ? refuse({ reason: 'link_unknown' })
    : accept({ expiresAt })
}

/** Whom a link lets in, and until when. */
export type RecoveryView = Pick<Person, 'email' | 'name'> & Pick<CreatedLink, 'expiresAt'>

/** Shows a recovery link to whoever has it, and changes nothing: a preview must not use it up. */
export async function lookAtRecoveryLink(
  { db: { management: db }, tokens }: Pick<PeoplePorts, 'db' | 'tokens'>,
  { at }: Pick<Circumstances, 'at'>,
  token: LinkToken,
): Promise<Result<RecoveryView, LinkUnknown>> {
  const link = await openLink(db, tokens.hash(token), at)
  if (link === undefined) return refuse({ reason: 'link_unknown' })
  const person = await findPerson(db, link.person)
  if (person === undefined) return refuse({ reason: 'link_unknown' })
  return accept({ email: person.email, name: person.name, expiresAt: link.expiresAt })
}

/**
 * Gives whoever has the link a new password, and ends every session. The second factor goes as well:
 * whoever lost their telephone is helped by the same link.
 */
export async function recover(
  { db, tokens, passwords }: Pick<PeoplePorts, 'db' | 'tokens' | 'passwords'>,
  circumstances: Circumstances,
  { token, password }: { readonly token: LinkToken; readonly password: Password },
): Promise<Result<Person, RecoveryRefusal>> {
  const hash = tokens.hash(token)
  const found = await openLink(db.management, hash, circumstances.at)
  const person = found && (await findPerson(db.management, found.person))
  if (person === undefined) return refuse({ reason: 'link_unknown' })
  const personal = whyPersonal(password, person)
  if (personal) return refuse(personal)
  const phc = await passwords.hash(password)
  const act: Act = { ...circumstances, actor: holderOf(person, 'recovery') }
  return inTransaction<Person, RecoveryRefusal>(db, 'server', act, async (tx) => {
    const place = await lockPlace(tx, person.id)
    await lockPerson(tx, person.id)
    const link = await openLink(tx, hash, act.at)
    if (link === undefined) return refuse({ reason: 'link_unknown' })
    if (await hasLapsed(tx, act, { link, place })) return refuse({ reason: 'link_lapsed' })
    await removeLink(tx, hash)
    await setPassword(tx, person.id, { hash: phc, at: act.at })
    const hadTotp = await removeTotp(tx, person.id)
    const ended = await removeSessionsOf(tx, person.id)
    return accept({
      value: person,
      audit: [
        {
          kind: 'person.recovered',
          target: personTarget(person),
          after: { sessions_ended: ended, totp_removed: hadTotp },
        },
      ],
      changes: [ofPerson(person.id)],
    })
  })
}

async function whyNotRecoverable(
  tx: Tx,
  by: PermittedAct,
  { organization, id: principal, person: personId }: NamedMember,
): Promise<PermissionNotHeld | OperatorNeeded | RecoveryOfOneself | undefined> {
  const self: readonly string[] = [principal, personId]
  if (self.includes(by.actor.id)) return { reason: 'recovery_of_oneself' }
  if (isOperator(by.actor)) return undefined
  const person = await findPerson(tx, personId)
  const memberships = await listMembershipsOf(tx, personId)
  if (person?.isOperator === true || memberships.length > 1) return { reason: 'operator_needed' }
  return whyNotReachable(tx, by, { organization, principal })
}

type RecoveryLink = Extract<Link, { readonly purpose: 'recovery' }>

async function openLink(
  db: Parameters<typeof findLink>[0],
  hash: TokenHash,
  now: NumericDate,
): Promise<RecoveryLink | undefined> {
  const link = await findLink(db, hash)
  return link?.purpose === 'recovery' && !hasEnded(link.expiresAt, now) ? link : undefined
}

/** Locks the one organization of a person, if it is one, before the person: as everybody does. */
async function lockPlace(tx: Tx, person: PersonId): Promise<OrganizationId | undefined> {
  const [only, ...others] = await listMembershipsOf(tx, person)
  if (only === undefined || others.length > 0) return undefined
  await lockChain(tx, only.organization)
  return only.organization
}

type Use = { readonly link: RecoveryLink; readonly place: OrganizationId | undefined }

/** Between the making and the use, its maker may have lost, and the person have gained. */
async function hasLapsed(tx: Tx, act: Act, { link, place }: Use): Promise<boolean> {
  if (await isByOperator(tx, link)) return false
  const [only, ...others] = await listMembershipsOf(tx, link.person)
  const person = await findPerson(tx, link.person)
  if (only?.organization !== place || others.length > 0) return true
  if (only === undefined || person?.isOperator === true) return true
  const { organization, member: principal } = only
  const authority = await wordOfMaker(tx, link, { organization, now: act.at })
  const by = { at: act.at, authority }
  return (
    !hasWord(authority) ||
    (await whyNotReachable(tx, by, { organization, principal })) !== undefined
  )
}

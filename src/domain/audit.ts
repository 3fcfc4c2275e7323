import type {
  ApplicationKeyId,
  ClientId,
  CredentialId,
  MemberId,
  OrganizationId,
  PersonId,
  ServiceAccountId,
  SessionId,
} from './id.ts'
import type { Permission } from './permission.ts'
import { unreachable } from './brand.ts'
import type { NumericDate } from './time.ts'
import { isoText } from './time.ts'

/** Who acts. */
export type Actor =
  /** Holds the command line beside the database. */
  | { readonly type: 'operator'; readonly id: string; readonly name: string }
  /** The server, by itself. */
  | { readonly type: 'server'; readonly id: 'server'; readonly name: 'Countersign' }
  | PersonActor
  | LinkHolder
  | PrincipalActor

/** A person who is signed in, where no organization is concerned or they are no member of it. */
export type PersonActor = {
  readonly type: 'person'
  readonly id: PersonId
  readonly name: string
  readonly by: SessionProof
}

/** A person who holds a one-time link and is not signed in: what the link is for, and nothing else. */
export type LinkHolder = {
  readonly type: 'link_holder'
  readonly id: PersonId
  readonly name: string
  readonly by: LinkProof
}

/** Somebody of an organization. What they may do is what they hold now, and never more than `by` says. */
export type PrincipalActor = {
  readonly organization: OrganizationId
  readonly name: string
} & (
  | { readonly type: 'member'; readonly id: MemberId; readonly by: SessionProof | TokenProof }
  | { readonly type: 'service_account'; readonly id: ServiceAccountId; readonly by: TokenProof }
)

export type SessionProof = {
  readonly type: 'session'
  readonly session: SessionId
  /** Whether it is an operator who is signed in, whatever they are in an organization. */
  readonly isOperator: boolean
}

export type LinkProof = {
  readonly type: 'link'
  readonly link: 'setup' | 'invitation' | 'recovery'
}

export type TokenProof = {
  readonly type: 'token'
  /** The account itself, or an application key of a member. */
  readonly client: ClientId
  /** What the token was got with: a credential of the account, or that application key. */
  readonly gotWith: CredentialId | ApplicationKeyId
  readonly jti: string
  readonly scope: readonly Permission[]
}

export const theServer: Actor = { type: 'server', id: 'server', name: 'Countersign' }

/** A value that is written the same way by everyone: no numbers but whole ones, no dates, no undefined. */
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [name: string]: AuditValue }

/** What happened, without secrets: `service_account.created`, its target, what it was and became. */
export type AuditEvent = {
  readonly kind: AuditKind
  readonly target: { readonly type: string; readonly id: string; readonly name?: string }
  readonly before?: AuditValue
  readonly after?: AuditValue
  /** The organization whose chain it belongs to, if that is not what the act concerns. */
  readonly of?: OrganizationId
}

type Verb = 'created' | 'changed' | 'disabled' | 'enabled' | 'removed'
export type AuditKind =
  | `${'organization' | 'service_account' | 'credential' | 'application_key' | 'api' | 'role' | 'group' | 'binding'}.${Verb}`
  | 'person.created'
  | 'person.removed'
  | 'person.password_changed'
  | 'person.recovered'
  | 'person.totp_begun'
  | 'person.totp_confirmed'
  | 'person.totp_removed'
  | 'operator.added'
  | 'operator.removed'
  | 'member.added'
  | 'member.removed'
  | 'invitation.created'
  | 'invitation.accepted'
  | 'invitation.removed'
  | 'link.created'
  | 'session.created'
  | 'session.ended'
  | 'group.member_added'
  | 'audience_approval.created'
  | 'audience_approval.removed'
  | 'group.member_removed'
  | 'signing_key.created'
  | 'signing_key.planned'
  | 'signing_key.revoked'
  | 'signing_key.removed'
  | 'key_encryption_key.changed'
  | 'change_log.recovered'

export type AuditEntry = AuditEvent & {
  /** 1, 2, 3 … without gaps, per chain. */
  readonly sequence: number
  /** The chain: an organization's id, or `server`. */
  readonly chain: string
  readonly at: NumericDate
  readonly actor: Actor
  readonly traceId: string
  /** The address the call came from; `local` or none for the command line beside the database. */
  readonly network?: string | undefined
}

/**
 * The one way to write an entry down: JSON with sorted names and no spaces (the form of RFC 8785
 * for the values allowed here). The bytes are stored as they were hashed, so that a later program
 * that knows more fields still verifies them. The hash of an entry is SHA-256 over the hash of the
 * one before (32 zero bytes for the first) and these bytes.
 */
export function canonicalEntry(entry: AuditEntry): string {
  const { sequence, chain, at, kind, actor, target, before, after, traceId, network } = entry
  return canonical({
    sequence,
    chain,
    at: isoText(at),
    kind,
    actor: { type: actor.type, id: actor.id, name: actor.name, ...proof(actor) },
    target,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    trace_id: traceId,
    ...(network === undefined ? {} : { network }),
  })
}

/** What the actor proved themselves with: the client that got the token, the session or the link. */
function proof(actor: Actor): { readonly [name: string]: string | true } {
  if (!('by' in actor)) return {}
  switch (actor.by.type) {
    case 'token':
      return { client: actor.by.client }
    case 'session':
      return { session: actor.by.session, ...(actor.by.isOperator ? { operator: true } : {}) }
    case 'link':
      return { link: actor.by.link }
    default:
      return unreachable(actor.by)
  }
}

function canonical(value: AuditValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

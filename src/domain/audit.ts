import type { NumericDate } from './time.ts'
import { isoText } from './time.ts'

/** Who acts. An operator holds the command line beside the database; the server acts by itself. */
export type Actor =
  | { readonly type: 'operator'; readonly id: string; readonly name: string }
  | { readonly type: 'server'; readonly id: 'server'; readonly name: 'Countersign' }

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
}

type Verb = 'created' | 'changed' | 'disabled' | 'enabled' | 'removed'
export type AuditKind =
  | `${'organization' | 'service_account' | 'credential' | 'api' | 'role' | 'group' | 'binding'}.${Verb}`
  | 'group.member_added'
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
}

/**
 * The one way to write an entry down: JSON with sorted names and no spaces (the form of RFC 8785
 * for the values allowed here). The bytes are stored as they were hashed, so that a later program
 * that knows more fields still verifies them. The hash of an entry is SHA-256 over the hash of the
 * one before (32 zero bytes for the first) and these bytes.
 */
export function canonicalEntry(entry: AuditEntry): string {
  const { sequence, chain, at, kind, actor, target, before, after, traceId } = entry
  return canonical({
    sequence,
    chain,
    at: isoText(at),
    kind,
    actor: { type: actor.type, id: actor.id, name: actor.name },
    target,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    trace_id: traceId,
  })
}

function canonical(value: AuditValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

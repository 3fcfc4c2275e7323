import type { Transaction } from 'kysely'
import type { Actor } from '../domain/audit.ts'
import type { Brand } from '../domain/brand.ts'
import type { OrganizationId, SessionId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Tables } from './tables.ts'

/** A transaction that holds the lock it needs. Every write of storage takes one. */
export type Tx = Brand<Transaction<Tables>, 'Tx'>

/** Who does something, when, from where, and the trace it belongs to. */
export type Act = {
  readonly actor: Actor
  readonly at: NumericDate
  readonly traceId: string
  /** The address the call came from; `local` or none for the command line beside the database. */
  readonly network?: string | undefined
  /** What the caller calls this, if it creates something and may be asked for again. */
  readonly idempotency?: Idempotency | undefined
  /** The session that this very act opens: before it there is none. */
  readonly opens?: SessionId | undefined
}

export type Idempotency = {
  readonly key: string
  /** A hash of all that was asked for: the same key for anything else is a mistake. */
  readonly fingerprint: Uint8Array
}

/** What an act concerns, and so what it locks: one organization, or what all tenants share. */
export type Concern = OrganizationId | 'server'

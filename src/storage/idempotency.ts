import { sql } from 'kysely'
import type { AuditEvent } from '../domain/audit.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import type { Database } from './database.ts'
import { timestamp } from './timestamp.ts'
import type { Act, Concern, Tx } from './tx.ts'

export type IdempotencyRefusal =
  /** Somebody did this under the same key already; this is what it made. */
  | { readonly reason: 'request_replayed'; readonly target: ReplayedTarget }
  /** The key was used for something else. */
  | { readonly reason: 'idempotency_key_reused' }

export type ReplayedTarget = Pick<AuditEvent['target'], 'type' | 'id'>

/** Why a creation is not done: under its key it was done before, or another was. */
export async function whyDoneBefore(
  tx: Tx,
  concern: Concern,
  { actor, idempotency }: Act,
): Promise<IdempotencyRefusal | undefined> {
  if (idempotency === undefined) return undefined
  const row = await tx
    .selectFrom('idempotency_key')
    .select(['fingerprint', 'target_type', 'target_id'])
    .where('concern', '=', concern)
    .where('actor_id', '=', actor.id)
    .where('key', '=', idempotency.key)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return Buffer.from(idempotency.fingerprint).equals(row.fingerprint)
    ? { reason: 'request_replayed', target: { type: row.target_type, id: row.target_id } }
    : { reason: 'idempotency_key_reused' }
}

/** Remembers what was made under a key. */
export async function addIdempotencyKey(
  tx: Tx,
  concern: Concern,
  { actor, at, idempotency }: Act,
  { type, id }: ReplayedTarget,
): Promise<void> {
  if (idempotency === undefined) return
  await tx
    .insertInto('idempotency_key')
    .values({
      concern,
      actor_id: actor.id,
      key: idempotency.key,
      fingerprint: idempotency.fingerprint,
      target_type: type,
      target_id: id,
      created_at: timestamp(at),
    })
    .execute()
}

const forgottenRowsMax = 1000

/** Removes some of the keys older than `age`, and says how many. */
export async function forgetIdempotencyKeys(
  { management: db }: Database,
  { now, age }: { readonly now: NumericDate; readonly age: Seconds },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from idempotency_key where (concern, actor_id, key) in (
      select concern, actor_id, key from idempotency_key
      where created_at < to_timestamp(${now - age})
      order by created_at limit ${forgottenRowsMax} for update skip locked
    )
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}

import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { AuditEvent } from '../domain/audit.ts'
import type { Change } from '../domain/change.ts'
import { Unavailable } from '../domain/fault.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { seconds } from '../domain/time.ts'
import { addAuditEntries, lockChain } from './audit-trail.ts'
import { addChanges } from './changes.ts'
import type { Database } from './database.ts'
import { hintChannel } from './database.ts'
import type { IdempotencyRefusal } from './idempotency.ts'
import { addIdempotencyKey, whyDoneBefore } from './idempotency.ts'
import { isAnswer } from './pool.ts'
import { holdSession } from './sessions.ts'
import type { Act, Concern, Tx } from './tx.ts'

/**
 * What a write hands back: its value, and what the audit trail and the memory of every process must
 * learn of it. Both lists are empty only if nothing was written.
 */
export type Written<Value> = {
  readonly value: Value
  readonly audit: readonly AuditEvent[]
  readonly changes: readonly Change[]
}

export type ConcernRefusal =
  /** The session that somebody acts by ended while they waited, or they are no operator any more. */
  | { readonly reason: 'session_invalid' }
  | { readonly reason: 'organization_unknown'; readonly organization: OrganizationId }
  | IdempotencyRefusal

type Work<Value, Refusal> = (tx: Tx) => Promise<Result<Written<Value>, Refusal>>

const attemptsMax = 5
const hintWaitMilliseconds = 500

/**
 * The only way to write. Locks the organization first, so that the checks inside `work` see what
 * they decide about; then the work, its audit entries, and last, just before COMMIT, its positions
 * in the change log. In this order 16 writers at once neither deadlock nor wait for more than each
 * other's COMMIT. A refusal undoes everything.
 *
 * Refuses with `organization_unknown`, with `session_invalid`, and with `request_replayed` what was
 * done before under the same key of the caller. Throws `Unavailable` if the database cannot do it, and
 * if the connection is lost during COMMIT: then nobody knows, and trying again could do it twice.
 */
export async function inTransaction<Value, Refusal>(
  db: Database,
  concern: Concern,
  act: Act,
  work: Work<Value, Refusal>,
): Promise<Result<Value, Refusal | ConcernRefusal>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await attemptOnce(db, concern, act, work)
      if (outcome.ok && outcome.value.changes.length > 0) await hint(db)
      return outcome.ok ? accept(outcome.value.value) : outcome
    } catch (error) {
      if (!isWorthAnotherTry(error)) throw error
      if (attempt === attemptsMax) {
        throw new Unavailable('too many writers at once', seconds(1), { cause: error })
      }
    }
  }
}

async function attemptOnce<Value, Refusal>(
  db: Database,
  concern: Concern,
  act: Act,
  work: Work<Value, Refusal>,
): Promise<Result<Written<Value>, Refusal | ConcernRefusal>> {
  const transaction = await db.management
    .startTransaction()
    .setIsolationLevel('read committed')
    .execute()
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one maker of this brand
    const tx = transaction as unknown as Tx
    const outcome = await lockedWork(tx, concern, act, work)
    if (outcome.ok) await transaction.commit().execute()
    else await transaction.rollback().execute()
    return outcome
  } catch (error) {
    // After a failed COMMIT there is nothing to roll back, and a lost connection has done it already.
    if (!transaction.isCommitted)
      await transaction
        .rollback()
        .execute()
        .catch(() => undefined)
    throw error
  }
}

async function lockedWork<Value, Refusal>(
  tx: Tx,
  concern: Concern,
  act: Act,
  work: Work<Value, Refusal>,
): Promise<Result<Written<Value>, Refusal | ConcernRefusal>> {
  await setLimits(tx)
  const chain = await lockChain(tx, concern)
  if (chain === undefined) {
    if (concern === 'server')
      throw new Error('the server row is missing: the database is not set up')
    return refuse({ reason: 'organization_unknown', organization: concern })
  }
  if (!(await isStillSignedIn(tx, act))) return refuse({ reason: 'session_invalid' })
  const before = await whyDoneBefore(tx, concern, act)
  if (before) return refuse(before)
  const outcome = await work(tx)
  if (!outcome.ok) return outcome

  const { audit, changes } = outcome.value
  if ((audit.length === 0) !== (changes.length === 0)) {
    throw new Error('a write must hand back its audit entries and its changes, both or neither')
  }
  const [first] = audit
  if (first !== undefined) {
    await addIdempotencyKey(tx, concern, act, first.target)
    await addAuditEntries(tx, chain, act, audit)
    await addChanges(tx, changes, act.at)
  }
  return outcome
}

/** What the edge saw of a session may have ended in the time that the lock was waited for. */
async function isStillSignedIn(tx: Tx, { actor, at, opens }: Act): Promise<boolean> {
  if (!('by' in actor) || actor.by.type !== 'session' || actor.by.session === opens) return true
  const found = await holdSession(tx, actor.by.session, at)
  return found !== undefined && (found.isOperator || !actor.by.isOperator)
}

/**
 * A process that is stopped inside a transaction must not stop the others: the server ends what
 * waits for a lock, runs or idles for too long.
 */
async function setLimits(tx: Tx): Promise<void> {
  await sql`select set_config('lock_timeout', '2s', true),
    set_config('statement_timeout', '2s', true),
    set_config('idle_in_transaction_session_timeout', '3s', true)`.execute(tx)
}

/**
 * 40001 and 40P01: the server asks to try again. 23505: somebody in another organization took a
 * name that is unique in the whole server between our check and our write; the next try's check
 * sees it and refuses in words.
 */
function isWorthAnotherTry(error: unknown): boolean {
  return isAnswer(error) && ['40001', '40P01', '23505'].includes(error.code ?? '')
}

/**
 * A hint is no promise: the tails of all processes find the change without it, only later. It is
 * waited for, a little, because whoever wrote may close the database next.
 */
async function hint(db: Database): Promise<void> {
  const sent = sql`select pg_notify(${hintChannel}, '')`.execute(db.management)
  await Promise.race([
    sent.catch(() => undefined),
    pause(hintWaitMilliseconds, undefined, { ref: false }),
  ])
}

/**
 * What happens by itself, without a request: in every process, harmless if several do it at once.
 */
import type { NumericDate, Seconds } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import { forgetChanges } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { forgetLinks } from '../storage/links.ts'
import { forgetDeniedCalls } from '../storage/denied-calls.ts'
import { forgetIdempotencyKeys } from '../storage/idempotency.ts'
import { forgetTokenRefusals } from '../storage/token-refusals.ts'
import { forgetSessions } from '../storage/sessions.ts'
import { hourly } from './hourly.ts'

type Needs = {
  readonly db: Database
  readonly clock: Pick<Clock, 'now'>
  readonly events: Events
}

/** A process that was away for longer starts over with an empty memory. */
const changesKeptFor = seconds(7 * 24 * 60 * 60)
const deniedCallsKeptFor = seconds(90 * 24 * 60 * 60)
const tokenRefusalsKeptFor = seconds(14 * 24 * 60 * 60)
const idempotencyKeysKeptFor = seconds(24 * 60 * 60)

/** Removes what is kept for a time only: at once, and then every hour. Returns how to stop. */
export function startRetention(needs: Needs): () => Promise<void> {
  return hourly(async () => forgetOld(needs))
}

type OlderThan = { readonly now: NumericDate; readonly age: Seconds }
type Forget = (db: Database, olderThan: OlderThan) => Promise<number>

/** What is kept for a time only, and for how long. */
const kept: readonly (readonly [Forget, Seconds])[] = [
  [forgetChanges, changesKeptFor],
  [forgetDeniedCalls, deniedCallsKeptFor],
  [forgetTokenRefusals, tokenRefusalsKeptFor],
  // These have an end of their own.
  [async (db, { now }) => forgetSessions(db, now), seconds(0)],
  [async (db, { now }) => forgetLinks(db, now), seconds(0)],
  [forgetIdempotencyKeys, idempotencyKeysKeptFor],
]

/** In small steps, so that no lock is held for long. */
export async function forgetOld({ db, clock, events }: Needs): Promise<void> {
  try {
    for (const [forget, age] of kept) {
      let forgotten: number
      do {
        forgotten = await forget(db, { now: clock.now(), age })
      } while (forgotten > 0)
    }
  } catch (error) {
    events.record({ kind: 'retention_failed', error })
  }
}

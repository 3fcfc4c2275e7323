/**
 * What happens by itself, without a request: in every process, harmless if several do it at once.
 */
import { seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import { forgetChanges } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'

type Needs = {
  readonly db: Database
  readonly clock: Pick<Clock, 'now'>
  readonly events: Events
}

/** A process that was away for longer starts over with an empty memory. */
const changesKeptFor = seconds(7 * 24 * 60 * 60)
const everyMilliseconds = 60 * 60 * 1000

/** Removes what is kept for a time only: at once, and then every hour. Returns how to stop. */
export function startRetention(needs: Needs): () => Promise<void> {
  let running = forgetOld(needs)
  const timer = setInterval(() => {
    running = running.then(async () => forgetOld(needs))
  }, everyMilliseconds)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** In small steps, so that no lock is held for long. */
export async function forgetOld({ db, clock, events }: Needs): Promise<void> {
  try {
    let forgotten: number
    do {
      forgotten = await forgetChanges(db, { now: clock.now(), age: changesKeptFor })
    } while (forgotten > 0)
  } catch (error) {
    events.record({ kind: 'retention_failed', error })
  }
}

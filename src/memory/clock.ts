import type { Milliseconds } from '../domain/time.ts'
import { milliseconds, numericDate } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'

export type ComparedClock = {
  readonly clock: Clock
  /** Told what the database's clock shows at about this moment. */
  readonly compare: (databaseTime: Milliseconds) => void
  /** By how much the database's clock was ahead when it was last heard. */
  readonly difference: () => Milliseconds
}

const differenceMax = milliseconds(5000)

/**
 * All processes must mean the same moment by the end of a thing. A clock that is more than 5 s from
 * the database's is put aside: dates then follow the database, and the difference is reported.
 */
export function comparedClock(own: Clock, events: Events): ComparedClock {
  let correction = 0
  let difference = 0
  return {
    clock: {
      ...own,
      now: () => numericDate((own.wall() + correction) / 1000),
    },
    compare: (databaseTime) => {
      difference = databaseTime - own.wall()
      const wasOff = correction !== 0
      correction = Math.abs(difference) > differenceMax ? difference : 0
      if (correction !== 0 && !wasOff) {
        events.record({ kind: 'clock_differs', seconds: Math.round(correction / 1000) })
      }
      if (correction === 0 && wasOff) events.record({ kind: 'clock_agrees' })
    },
    difference: () => milliseconds(difference),
  }
}

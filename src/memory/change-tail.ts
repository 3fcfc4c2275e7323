import { Unavailable } from '../domain/fault.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds, seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { LogPage } from '../storage/changes.ts'
import type { Reading } from './freshness.ts'
import { ageOf, freshAgeMax, freshnessAt, readClocks } from './freshness.ts'
import type { LogFollower } from './log-follower.ts'

export type ChangeTail = Freshness & {
  /** Asks at once, and from then on at every hint and every half second. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

type Needs = {
  readonly read: (from: number) => Promise<LogPage | undefined>
  readonly onHint: (callback: () => void) => void
  readonly follower: LogFollower
  /** Told what the database's clock shows at about this moment. */
  readonly compareClock: (databaseTime: Milliseconds) => void
  readonly clock: Clock
  readonly events: Events
  /** Memory older than this answers nothing. May be 0. */
  readonly staleAgeMax: Milliseconds
}

const roundEvery = milliseconds(500)

/**
 * Follows the change log, and so knows how true the memory of this process is. NOTIFY is a hint and
 * the log is the truth: a lost hint costs half a second, never correctness.
 *
 * Freshness counts from the moment the question was *sent*: what the answer does not tell may have
 * happened right after.
 */
export function changeTail(needs: Needs): ChangeTail {
  const { clock, events } = needs
  let heard: Reading | undefined
  let failed: Reading | undefined
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let hinted = false
  let stopped = true

  const state = () =>
    heard === undefined ? 'too_old' : freshnessAt(ageOf(heard, clock), needs.staleAgeMax)

  const ask = async (): Promise<void> => {
    const sent = readClocks(clock)
    try {
      await followLog(needs)
      if (failed !== undefined) events.record({ kind: 'tail_recovered' })
      heard = sent
      failed = undefined
    } catch (error) {
      if (failed === undefined) events.record({ kind: 'tail_failed', error })
      failed = sent
      throw error
    }
  }
  /** One round at a time; whoever comes meanwhile joins it. */
  const round = async (): Promise<void> => {
    running ??= ask().finally(() => {
      running = undefined
      schedule()
    })
    return running
  }
  const schedule = (): void => {
    clearTimeout(timer)
    if (stopped) return
    timer = setTimeout(() => void round().catch(() => undefined), hinted ? 0 : roundEvery)
    hinted = false
  }
  const failedJustNow = () => failed !== undefined && ageOf(failed, clock) <= freshAgeMax

  return {
    state,
    ensure: async () => {
      // The second round is for a process that was stopped: the round it woke up in asked too early.
      for (let joined = 0; joined < 2 && state() !== 'fresh' && !failedJustNow(); joined += 1) {
        await round().catch(() => undefined)
      }
      const found = state()
      if (found === 'too_old') throw new Unavailable('the change log is out of reach', seconds(2))
      return found
    },
    start: async () => {
      stopped = false
      needs.onHint(() => {
        hinted = true
        if (running === undefined) schedule()
      })
      await round().catch(() => undefined)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running?.catch(() => undefined)
    },
  }
}

/** Reads page after page until the end of the log. */
async function followLog({ read, follower, compareClock }: Needs): Promise<void> {
  for (let more = true; more;) {
    const page = await read(follower.from())
    if (page === undefined) throw new Unavailable('the database is a standby', seconds(2))
    compareClock(page.databaseTime)
    more = await follower.follow(page)
  }
}

import { Unavailable } from '../domain/fault.ts'
import { freshAgeMax } from '../domain/freshness.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds, seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { TailVitals } from '../ports/vitals.ts'
import type { LogPage } from '../storage/changes.ts'
import type { Reading } from './freshness.ts'
import { ageOf, freshnessAt, readClocks } from './freshness.ts'
import type { LogFollower } from './log-follower.ts'

export type ChangeTail = Freshness & {
  /** Asks at once, and from then on at every hint and every half second. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Since the moment as of which memory is true; infinite before the log was first heard. */
  readonly age: () => Milliseconds
  readonly vitals: () => TailVitals
}

type Needs = {
  readonly read: (from: number | undefined) => Promise<LogPage | undefined>
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
/** Sooner, so that little is lost of the time in which the database is back. */
const roundEveryWhileFailing = milliseconds(200)
/** How long a request waits for a round, which may take longer. */
const joinWait = milliseconds(500)

/**
 * Follows the change log, and so knows how true the memory of this process is. NOTIFY is a hint and
 * the log is the truth: a lost hint costs half a second, never correctness.
 */
export function changeTail(needs: Needs): ChangeTail {
  const { clock } = needs
  const rounds = roundsOf(needs)
  const state = () => {
    const heard = rounds.heard()
    return heard === undefined ? 'too_old' : freshnessAt(ageOf(heard, clock), needs.staleAgeMax)
  }
  const age = () => {
    const heard = rounds.heard()
    return heard === undefined ? milliseconds(Infinity) : ageOf(heard, clock)
  }
  const failedJustNow = () => {
    const failed = rounds.failed()
    return failed !== undefined && ageOf(failed, clock) <= freshAgeMax
  }
  return {
    state,
    ensure: async () => {
      // The second round is for a process that was stopped: the one it woke up in asked too early.
      let found = state()
      for (let joined = 0; joined < 2 && found !== 'fresh' && !failedJustNow(); joined += 1) {
        const isOver = await isOverWithin(rounds.join(), joinWait)
        found = state()
        if (!isOver) break
      }
      if (found === 'too_old') throw new Unavailable('the change log is out of reach', seconds(2))
      return found
    },
    start: rounds.start,
    stop: rounds.stop,
    age,
    vitals: () => ({ ...rounds.counts(), position: needs.follower.position() }),
  }
}

/** Whether it was over before the wait was. */
async function isOverWithin(round: Promise<void>, wait: Milliseconds): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), wait)
  })
  const outcome = await Promise.race([round.then(() => true), waited])
  clearTimeout(timer)
  return outcome
}

/** Asks for news: at every hint, every half second, and when somebody cannot wait that long. */
function roundsOf(needs: Needs) {
  const ask = asking(needs)
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let hinted = false
  let stopped = true

  /** One round at a time; whoever comes meanwhile joins it. How it went, `heard` and `failed` tell. */
  const join = async (): Promise<void> => {
    running ??= ask.once().finally(() => {
      running = undefined
      schedule()
    })
    return running
  }
  const schedule = (): void => {
    clearTimeout(timer)
    if (stopped) return
    const wait = ask.failed() === undefined ? roundEvery : roundEveryWhileFailing
    timer = setTimeout(() => void join(), hinted ? 0 : wait)
    hinted = false
  }
  return {
    heard: ask.heard,
    failed: ask.failed,
    counts: ask.counts,
    join,
    start: async () => {
      stopped = false
      needs.onHint(() => {
        hinted = true
        if (running === undefined) schedule()
      })
      await join()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/**
 * Freshness counts from the moment a question was *sent*: what its answer does not tell may have
 * happened right after.
 */
function asking(needs: Needs) {
  const { clock, events } = needs
  let heard: Reading | undefined
  let failed: Reading | undefined
  let roundCount = 0
  let failedRoundCount = 0
  return {
    heard: () => heard,
    failed: () => failed,
    counts: () => ({ roundCount, failedRoundCount }),
    once: async (): Promise<void> => {
      const sent = readClocks(clock)
      roundCount += 1
      try {
        await followLog(needs)
        if (failed !== undefined) events.record({ kind: 'tail_recovered' })
        heard = sent
        failed = undefined
      } catch (error) {
        failedRoundCount += 1
        if (failed === undefined) events.record({ kind: 'tail_failed', error })
        failed = sent
      }
    },
  }
}

/** Reads page after page until the end of the log. */
async function followLog({ read, follower, compareClock }: Needs): Promise<void> {
  for (let more = true; more;) {
    const page = await read(follower.position())
    if (page === undefined) throw new Unavailable('the database is a standby', seconds(2))
    compareClock(page.databaseTime)
    more = await follower.follow(page)
  }
}

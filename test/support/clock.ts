import type { Milliseconds, Seconds } from '../../src/domain/time.ts'
import { milliseconds, numericDate } from '../../src/domain/time.ts'
import type { Clock } from '../../src/ports/clock.ts'

export type TestClock = Clock & {
  /** Turns both clocks forward. */
  readonly turn: (by: Seconds | number) => void
  /** Sets the wall clock alone, as an administrator would. */
  readonly setWall: (by: number) => void
}

/** A clock that only moves by hand. Starts in 2030, so that nothing mistakes it for the real one. */
export function testClock(): TestClock {
  let wall = Date.UTC(2030, 0, 1)
  let monotonic = 1_000_000
  return {
    now: () => numericDate(wall / 1000),
    wall: (): Milliseconds => milliseconds(wall),
    monotonic: (): Milliseconds => milliseconds(monotonic),
    turn: (by) => {
      wall += by * 1000
      monotonic += by * 1000
    },
    setWall: (by) => void (wall += by * 1000),
  }
}

/**
 * A clock that runs with the real one, so many seconds behind it, and can be turned all the same: for
 * those who look at a clock of their own, such as other people's verifiers.
 */
export function runningClock({ behind = 0 }: { readonly behind?: number } = {}): TestClock {
  let wallAhead = -behind * 1000
  let monotonicAhead = 0
  const wall = () => milliseconds(Date.now() + wallAhead)
  return {
    now: () => numericDate(wall() / 1000),
    wall,
    monotonic: () => milliseconds(performance.now() + monotonicAhead),
    turn: (by) => {
      wallAhead += by * 1000
      monotonicAhead += by * 1000
    },
    setWall: (by) => void (wallAhead += by * 1000),
  }
}

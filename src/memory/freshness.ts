import { freshAgeMax } from '../domain/freshness.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'

/** A reading of both clocks. */
export type Reading = { readonly wall: Milliseconds; readonly monotonic: Milliseconds }

export function readClocks(clock: Clock): Reading {
  return { wall: clock.wall(), monotonic: clock.monotonic() }
}

/**
 * How long ago something was, by whichever clock says it was longer: a machine that was suspended
 * has a monotonic clock that stood still, and one whose clock was set back a wall clock that lies.
 */
export function ageOf(reading: Reading, clock: Clock): Milliseconds {
  return milliseconds(Math.max(clock.wall() - reading.wall, clock.monotonic() - reading.monotonic))
}

export function freshnessAt(
  age: Milliseconds,
  staleAgeMax: Milliseconds,
): 'fresh' | 'stale' | 'too_old' {
  if (age <= freshAgeMax) return 'fresh'
  return age <= staleAgeMax ? 'stale' : 'too_old'
}

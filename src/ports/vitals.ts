import type { KeyState, KeyUse } from '../domain/key-ring.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { Milliseconds, Seconds } from '../domain/time.ts'

/**
 * How a process is at this moment, in plain numbers that are read when somebody asks. What is called
 * `…Count` only grows, from 0 at the start of the process.
 */
export type Vitals = {
  readonly ready: boolean
  /** Since the moment as of which memory is true; infinite before the change log was first heard. */
  readonly memoryAge: Milliseconds
  readonly tail: TailVitals
  /** By how much the database's clock is ahead of this machine's, when it was last heard. */
  readonly clockDifference: Milliseconds
  readonly remembered: Readonly<Record<RememberedKind, RememberedVitals>>
  readonly hashing: LaneVitals
  readonly slowLane: LaneVitals
  readonly keys: readonly KeyVitals[]
  /** Until a key that waits begins to sign; `undefined` while nothing is planned. */
  readonly nextKeyIn: Seconds | undefined
  readonly pools: readonly PoolVitals[]
}

export type TailVitals = {
  readonly roundCount: number
  readonly failedRoundCount: number
  /** How far the change log has been followed; `undefined` before it was first heard. */
  readonly position: number | undefined
}

export type RememberedKind = 'client' | 'group' | 'role' | 'api' | 'organization'

export type RememberedVitals = {
  readonly entries: number
  readonly entriesMax: number
  readonly hitCount: number
  /** Reads of the database. */
  readonly missCount: number
  /** Entries that were forgotten for want of room. */
  readonly evictionCount: number
}

/** Work that only so many may do at a time, and for which only so many may wait. */
export type LaneVitals = {
  readonly width: number
  readonly running: number
  readonly queued: number
  /** Turned away, because too many waited already. */
  readonly refusedCount: number
}

export type KeyVitals = {
  readonly use: KeyUse
  readonly alg: SigningAlg
  readonly state: KeyState
  /** Whether this process cannot open its private half, which nobody needs of a revoked key. */
  readonly unopened: boolean
}

export type PoolVitals = {
  readonly door: Door
  readonly connectionsMax: number
  readonly connections: number
  readonly idle: number
  /** Callers that wait for a connection. */
  readonly waiting: number
}

/** The ways into the database; `embedded` is the one that leads to all of PGlite. */
export type Door = 'token' | 'management' | 'tail' | 'schema' | 'embedded'

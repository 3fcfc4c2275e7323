import type {
  KeyVitals,
  LaneVitals,
  PoolVitals,
  RememberedVitals,
  Vitals,
} from '../ports/vitals.ts'
import type { Tallies } from './tallies.ts'

/** What the metrics are written from. */
export type Told = { readonly vitals: Vitals; readonly tallies: Tallies; readonly build: Build }

/** Which program this is, and on what it runs. */
export type Build = { readonly version: string; readonly node: string }

type Labels = Readonly<Record<string, string>>
type Value = readonly [labels: Labels, value: number]
type Read = (told: Told) => readonly Value[]

export type Metric = {
  readonly type: 'counter' | 'gauge'
  readonly name: string
  readonly labels: readonly string[]
  readonly help: string
  readonly read: Read
}

/**
 * Every metric but the one histogram and what Node tells of itself. A label takes one of a closed
 * set of words: never an id, an address, a path or anything else that a caller can choose.
 */
export const metrics: readonly Metric[] = [
  counter('tokens_issued_total', {
    help: 'Tokens issued, by signing algorithm, from memory that was fresh or stale.',
    labels: ['alg', 'memory'],
    read: ({ tallies }) =>
      [...tallies.issued].flatMap(([alg, { fresh, stale }]): Value[] => [
        [{ alg, memory: 'fresh' }, fresh],
        [{ alg, memory: 'stale' }, stale],
      ]),
  }),
  counter('token_requests_refused_total', {
    help: 'Token requests refused, by the exact reason.',
    labels: ['reason'],
    read: ({ tallies }) => counts('reason', tallies.refused),
  }),
  counter('requests_failed_total', {
    help: 'Requests answered 503 (the server could not say the truth just then) or 500 (its fault).',
    labels: ['status'],
    read: ({ tallies }) => counts('status', tallies.failed),
  }),
  counter('requests_shed_total', {
    help: 'Requests answered 503 unseen, because the process is overloaded.',
    read: ({ tallies }) => one(tallies.shedCount),
  }),
  counter('requests_rejected_total', {
    help: 'Requests turned away before they were read, by what is wrong with them.',
    labels: ['reason'],
    read: ({ tallies }) => counts('reason', tallies.rejected),
  }),
  counter('management_calls_total', {
    help: 'Calls of the management API, by operation and status.',
    labels: ['operation', 'status'],
    read: ({ tallies }) =>
      [...tallies.calls].flatMap(([operation, statuses]) =>
        [...statuses].map(([status, value]): Value => [
          { operation, status: String(status) },
          value,
        ]),
      ),
  }),
  counter('management_calls_denied_total', {
    help: 'Calls of management by somebody who is known and may not do that.',
    read: ({ tallies }) => one(tallies.deniedCount),
  }),
  counter('sign_ins_total', {
    help: 'Sessions that people opened with a password, and a code where they have one.',
    read: ({ tallies }) => one(tallies.signInCount),
  }),
  counter('sign_ins_refused_total', {
    help: 'Tries to sign in that were refused, by the exact reason.',
    labels: ['reason'],
    read: ({ tallies }) => counts('reason', tallies.signInsRefused),
  }),
  counter('records_dropped_total', {
    help: 'Refusals that were not written down, because there were too many or the database was away.',
    labels: ['of'],
    read: ({ tallies }) => counts('of', tallies.dropped),
  }),
  counter('notices_total', {
    help: 'What the process told of itself in its log, by kind.',
    labels: ['kind'],
    read: ({ tallies }) => counts('kind', tallies.notices),
  }),

  gauge('ready', {
    help: 'Whether the process says that it is ready: 1 or 0.',
    read: ({ vitals }) => one(vitals.ready ? 1 : 0),
  }),
  gauge('memory_age_seconds', {
    help: 'How long ago memory was last known to be true. Above 1.5 it is stale.',
    read: ({ vitals }) => one(vitals.memoryAge / 1000),
  }),
  counter('log_rounds_total', {
    help: 'Rounds with the change log.',
    read: ({ vitals }) => one(vitals.tail.roundCount),
  }),
  counter('log_rounds_failed_total', {
    help: 'Rounds with the change log that failed.',
    read: ({ vitals }) => one(vitals.tail.failedRoundCount),
  }),
  gauge('log_position', {
    help: 'How far the process has followed the change log; the same at all of them, soon.',
    read: ({ vitals }) => known(vitals.tail.position),
  }),
  gauge('clock_difference_seconds', {
    help: "By how much the database's clock is ahead of this machine's.",
    read: ({ vitals }) => one(vitals.clockDifference / 1000),
  }),

  gauge(
    'memory_entries',
    ofRemembered('Entries in memory.', ({ entries }) => entries),
  ),
  gauge(
    'memory_entries_max',
    ofRemembered('Room for entries.', ({ entriesMax }) => entriesMax),
  ),
  counter(
    'memory_hits_total',
    ofRemembered('Looks that found an entry in memory.', ({ hitCount }) => hitCount),
  ),
  counter(
    'memory_misses_total',
    ofRemembered('Looks that had to ask the database.', ({ missCount }) => missCount),
  ),
  counter(
    'memory_evictions_total',
    ofRemembered('Entries forgotten for want of room.', ({ evictionCount }) => evictionCount),
  ),

  gauge(
    'lane_width',
    ofLanes('Work that may be done at a time.', ({ width }) => width),
  ),
  gauge(
    'lane_running',
    ofLanes('Work being done.', ({ running }) => running),
  ),
  gauge(
    'lane_queued',
    ofLanes('Work that waits.', ({ queued }) => queued),
  ),
  counter(
    'lane_refused_total',
    ofLanes('Work turned away, because too much waited.', ({ refusedCount }) => refusedCount),
  ),

  gauge('signing_keys', {
    help: 'Signing keys, by use, algorithm and state.',
    labels: ['use', 'alg', 'state'],
    read: ({ vitals }) => keysOf(vitals),
  }),
  gauge('signing_keys_unusable', {
    help: 'Signing keys, but for revoked ones, whose private half this process could not open.',
    read: ({ vitals }) => one(vitals.keys.filter(({ unopened }) => unopened).length),
  }),
  gauge('signing_key_next_seconds', {
    help: 'Time until a waiting key begins to sign; absent while no such moment is set.',
    read: ({ vitals }) => known(vitals.nextKeyIn),
  }),

  gauge(
    'database_connections_max',
    ofPools('Connections that a door may have.', ({ connectionsMax }) => connectionsMax),
  ),
  gauge(
    'database_connections',
    ofPools('Connections open.', ({ connections }) => connections),
  ),
  gauge(
    'database_connections_idle',
    ofPools('Connections open and not in use.', ({ idle }) => idle),
  ),
  gauge(
    'database_waiting',
    ofPools('Callers that wait for a connection.', ({ waiting }) => waiting),
  ),

  gauge('build_info', {
    help: 'Always 1; the labels say which program this is.',
    labels: ['version', 'node'],
    read: ({ build }) => [[build, 1]],
  }),
]

type Described = { readonly help: string; readonly labels?: readonly string[]; readonly read: Read }

function counter(name: string, described: Described): Metric {
  return { type: 'counter', name: `countersign_${name}`, labels: [], ...described }
}

function gauge(name: string, described: Described): Metric {
  return { type: 'gauge', name: `countersign_${name}`, labels: [], ...described }
}

function one(value: number): readonly Value[] {
  return [[{}, value]]
}

/** Nothing is told while the value is unknown. */
function known(value: number | undefined): readonly Value[] {
  return value === undefined ? [] : one(value)
}

function counts(label: string, found: ReadonlyMap<string, number>): readonly Value[] {
  return [...found].map(([word, value]) => [{ [label]: word }, value])
}

function ofRemembered(help: string, value: (of: RememberedVitals) => number): Described {
  return {
    help,
    labels: ['kind'],
    read: ({ vitals }) =>
      Object.entries(vitals.remembered).map(([kind, each]) => [{ kind }, value(each)]),
  }
}

function ofLanes(help: string, value: (of: LaneVitals) => number): Described {
  return {
    help,
    labels: ['lane'],
    read: ({ vitals: { hashing, slowLane } }) => [
      [{ lane: 'hashing' }, value(hashing)],
      [{ lane: 'slow' }, value(slowLane)],
    ],
  }
}

function ofPools(help: string, value: (of: PoolVitals) => number): Described {
  return {
    help,
    labels: ['door'],
    read: ({ vitals }) => vitals.pools.map((pool) => [{ door: pool.door }, value(pool)]),
  }
}

const keyStates: Readonly<Record<KeyVitals['state'], 0>> = {
  next: 0,
  active: 0,
  retired: 0,
  gone: 0,
  revoked: 0,
}

/** Every state of each ring, so that one that is missing reads as 0. */
function keysOf({ keys }: Vitals): readonly Value[] {
  const found = new Map<string, Value>()
  for (const { use, alg } of keys) {
    for (const state in keyStates) {
      const ofState = keys.filter(
        (key) => key.use === use && key.alg === alg && key.state === state,
      )
      found.set(`${use} ${alg} ${state}`, [{ use, alg, state }, ofState.length])
    }
  }
  return [...found.values()]
}

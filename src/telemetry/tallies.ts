import type { SignInFailure } from '../domain/session.ts'
import { signInFailures } from '../domain/session.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import { signingAlgs } from '../domain/signing-alg.ts'
import type { Clock } from '../ports/clock.ts'
import type { Caller, Event, Events, RecordKind, RejectionReason } from '../ports/events.ts'
import { tokenPath } from '../protocol/metadata.ts'
import type { TokenRefusal } from '../protocol/token-response.ts'
import { publicFace } from '../protocol/token-response.ts'

/** What a process has counted of its events since it started. Every key is one of a closed set. */
export type Tallies = {
  readonly issued: ReadonlyMap<SigningAlg, Issued>
  readonly refused: ReadonlyMap<TokenRefusal['reason'], number>
  readonly failed: ReadonlyMap<FailedStatus, number>
  readonly rejected: ReadonlyMap<RejectionReason, number>
  readonly shedCount: number
  readonly signInCount: number
  readonly signInsRefused: ReadonlyMap<SignInFailure, number>
  /** Calls of management. */
  readonly deniedCount: number
  /** By operation and status, both of closed sets. */
  readonly calls: ReadonlyMap<string, ReadonlyMap<number, number>>
  readonly dropped: ReadonlyMap<RecordKind, number>
  readonly notices: ReadonlyMap<Notice, number>
}

/** By how true the memory was from which they were issued. */
type Issued = { fresh: number; stale: number }
type FailedStatus = '500' | '503'
/** What a process tells of itself. */
type Notice = Exclude<Event, { readonly caller: Caller }>['kind']

/** How a token request went, as far as it says something of the time that it took. */
export type Outcome = 'issued' | 'refused' | 'unavailable' | 'failed'

type Needs = {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly observe: (outcome: Outcome, seconds: number) => void
}

/** Every kind, so that each is there as 0 before it first happens. */
const notices: Readonly<Record<Notice, 0>> = {
  requests_shed: 0,
  records_dropped: 0,
  records_failed: 0,
  room_failed: 0,
  tail_failed: 0,
  tail_recovered: 0,
  memory_dropped: 0,
  clock_differs: 0,
  clock_agrees: 0,
  retention_failed: 0,
  key_rotation_failed: 0,
  completion_failed: 0,
  signing_keys_unusable: 0,
  signing_keys_changed: 0,
}

const records: Readonly<Record<RecordKind, 0>> = { denied_calls: 0, token_refusals: 0 }

const rejections: Readonly<Record<RejectionReason, 0>> = {
  host_malformed: 0,
  transfer_coding_unsupported: 0,
  target_malformed: 0,
  connect_unsupported: 0,
  expectation_unknown: 0,
  pipeline_too_long: 0,
  unreadable: 0,
}

/**
 * Counts events. The numbers are our own and are read when somebody asks: to count in the library
 * that writes them out would cost twenty times as much, for every token.
 */
export function tallies({ clock, observe }: Needs): Events & { readonly read: () => Tallies } {
  const issued = new Map(
    signingAlgs.map((alg): [SigningAlg, Issued] => [alg, { fresh: 0, stale: 0 }]),
  )
  const refused = new Map(zeros(publicFace))
  const failed = new Map(zeros<FailedStatus>({ '500': 0, '503': 0 }))
  const rejected = new Map(zeros(rejections))
  const ownTallies = noticeTallies()
  const signIns = signInTallies()
  const requests = { issued, refused, failed, rejected }
  const calls = callTallies()
  const took = ({ since }: Caller, outcome: Outcome): void =>
    observe(outcome, (clock.monotonic() - since) / 1000)

  const tokenIssued = ({ alg, stale, caller }: Event & { kind: 'token_issued' }): void => {
    const ofAlg = issued.get(alg) ?? { fresh: 0, stale: 0 }
    ofAlg[stale ? 'stale' : 'fresh'] += 1
    issued.set(alg, ofAlg)
    took(caller, 'issued')
  }
  const tokenRefused = ({ reason, caller }: Event & { kind: 'token_refused' }): void => {
    count(refused, reason)
    took(caller, 'refused')
  }
  const requestFailed = ({ status, path, caller }: Event & { kind: 'request_failed' }): void => {
    count(failed, status === 503 ? '503' : '500')
    if (path.endsWith(tokenPath)) took(caller, status === 503 ? 'unavailable' : 'failed')
  }
  const record = (event: Event): void => {
    if (event.kind === 'token_issued') return tokenIssued(event)
    if (event.kind === 'token_refused') return tokenRefused(event)
    if (event.kind === 'request_failed') return requestFailed(event)
    if (event.kind === 'request_rejected') return count(rejected, event.reason)
    if (event.kind === 'management_denied' || event.kind === 'management_call') {
      return calls.record(event)
    }
    if (event.kind === 'sign_in_accepted' || event.kind === 'sign_in_refused') {
      return signIns.record(event)
    }
    return ownTallies.record(event)
  }
  return {
    record,
    read: () => ({
      ...requests,
      ...calls.read(),
      ...signIns.read(),
      ...ownTallies.read(),
    }),
  }
}

function callTallies() {
  const calls = new Map<string, Map<number, number>>()
  let deniedCount = 0
  const called = ({ operation, status }: Event & { kind: 'management_call' }): void => {
    const ofOperation = calls.get(operation) ?? new Map<number, number>()
    count(ofOperation, status)
    calls.set(operation, ofOperation)
  }
  return {
    record: (event: Event & { kind: 'management_call' | 'management_denied' }): void => {
      if (event.kind === 'management_call') called(event)
      else deniedCount += 1
    },
    read: () => ({ calls, deniedCount }),
  }
}

function signInTallies() {
  const signInsRefused = new Map(
    signInFailures.map((reason): [SignInFailure, number] => [reason, 0]),
  )
  let signInCount = 0
  return {
    record: (event: Event & { kind: 'sign_in_accepted' | 'sign_in_refused' }): void => {
      if (event.kind === 'sign_in_refused') count(signInsRefused, event.reason)
      else signInCount += 1
    },
    read: () => ({ signInCount, signInsRefused }),
  }
}

/** Counts what the process tells of itself. */
function noticeTallies() {
  const noticed = new Map(zeros(notices))
  const dropped = new Map(zeros(records))
  let shedCount = 0
  return {
    record: (event: Exclude<Event, { readonly caller: Caller }>): void => {
      if (event.kind === 'requests_shed') shedCount += event.count
      if (event.kind === 'records_dropped') count(dropped, event.of, event.count)
      count(noticed, event.kind)
    },
    read: () => ({ shedCount, dropped, notices: noticed }),
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more)
}

function zeros<Key extends string>(keys: Readonly<Record<Key, unknown>>): [Key, number][] {
  const all: [Key, number][] = []
  for (const key in keys) all.push([key, 0])
  return all
}

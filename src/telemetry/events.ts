import { unreachable } from '../domain/brand.ts'
import type { Caller, Event, Events } from '../ports/events.ts'
import { faultFields } from './fault.ts'
import type { Log } from './log.ts'
import { logSampling } from './log-sampling.ts'

type Line = {
  readonly level: keyof Log
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Tells each listener what happened. */
export function toldTo(...some: readonly (Events | undefined)[]): Events {
  const listeners = some.filter((listener) => listener !== undefined)
  const [only, ...others] = listeners
  if (only !== undefined && others.length === 0) return only
  return {
    record: (event) => {
      for (const { record } of listeners) record(event)
    },
  }
}

/** What one caller can cause a thousand times a second must not fill the disk of another. */
const refusalsPerSecond = 20

/**
 * Writes one log line for each event. In an outage every request can fail for the same reason, and
 * whoever is limited can be as loud as it likes: of those one a second is told, with how many were
 * not since the one before; the rest is for `debug`. Of what else is wrong with callers twenty a
 * second are told for each reason: all, in ordinary times.
 */
export function loggedEvents(log: Log, now = () => performance.now()): Events {
  const loud = logSampling(now)
  const refusals = logSampling(now, refusalsPerSecond)
  const untoldOf = (event: Event): number | undefined => {
    const loudness = loudReason(event)
    if (loudness !== undefined) return loud(loudness)
    if (isRefusal(event)) return refusals(event.reason)
    const isNobodys = event.kind === 'management_call' && event.actor === undefined
    return isNobodys ? refusals(event.refusal ?? event.operation) : 0
  }
  return {
    record: (event) => {
      const { level, text, fields } = lineOf(event)
      if (level === 'debug') return log.debug(fields, text)
      const untold = untoldOf(event)
      if (untold === undefined) return log.debug(fields, text)
      return log[level](untold === 0 ? fields : { ...fields, untold }, text)
    },
  }
}

const refusalKinds = [
  'token_refused',
  'sign_in_refused',
  'management_denied',
  'request_rejected',
] as const

type Refusal = Event & {
  readonly kind: (typeof refusalKinds)[number]
}

function isRefusal(event: Event): event is Refusal {
  return refusalKinds.some((kind) => kind === event.kind)
}

/** What many callers can be told at the same time. */
function loudReason(event: Event): string | undefined {
  if (event.kind === 'token_refused' && event.reason === 'client_limited') return event.reason
  if (event.kind === 'sign_in_refused' && event.reason === 'sign_in_limited') return event.reason
  if (event.kind !== 'request_failed' || event.status !== 503) return undefined
  return event.error instanceof Error ? event.error.message : ''
}

function lineOf(event: Event): Line {
  if (event.kind === 'token_issued') return tokenIssued(event)
  if (event.kind === 'request_failed') return requestFailed(event)
  if (isRefusal(event)) return refusalLine(event)
  if (event.kind === 'management_call') return managementCall(event)
  if (event.kind === 'sign_in_accepted') return signInAccepted(event)
  if (event.kind === 'signing_keys_changed' || event.kind === 'signing_keys_unusable') {
    return keysLine(event)
  }
  if (event.kind === 'records_failed' || event.kind === 'records_dropped') return recordsLine(event)
  return ownLine(event)
}

type OfRecords = Event & { readonly kind: 'records_failed' | 'records_dropped' }

/** What is kept of refusals for later; the log has had each of them, as far as it tells all. */
function recordsLine(event: OfRecords): Line {
  const { of } = event
  return event.kind === 'records_dropped'
    ? {
        level: 'warn',
        text: 'refusals were not written down: too many',
        fields: { of, count: event.count },
      }
    : {
        level: 'warn',
        text: 'refusals cannot be written down',
        fields: { of, ...faultFields(event.error) },
      }
}

type OfKeys = Event & { readonly kind: 'signing_keys_changed' | 'signing_keys_unusable' }

function keysLine(event: OfKeys): Line {
  return event.kind === 'signing_keys_changed'
    ? { level: 'info', text: 'the signing keys are these now', fields: { keys: event.keys } }
    : { level: 'error', text: 'signing keys cannot be used', fields: { problems: event.problems } }
}

/** What the process tells of itself, without a caller. */
function ownLine(event: Exclude<Event, { readonly caller: Caller } | OfKeys | OfRecords>): Line {
  if (isFailure(event)) return { ...failures[event.kind], fields: faultFields(event.error) }
  switch (event.kind) {
    case 'room_failed':
      return {
        level: 'error',
        text: 'a part of the server cannot be loaded',
        fields: { room: event.room, ...faultFields(event.error) },
      }
    case 'tail_recovered':
    case 'clock_agrees':
      return { level: 'info', text: recoveries[event.kind], fields: {} }
    case 'requests_shed':
      return { level: 'warn', text: 'requests were shed: overload', fields: { count: event.count } }
    case 'memory_dropped':
      return { level: 'warn', text: 'memory was dropped', fields: { reason: event.why } }
    case 'clock_differs':
      return {
        level: 'warn',
        text: "this machine's clock differs from the database's, which is used",
        fields: { seconds: event.seconds },
      }
    default:
      return unreachable(event)
  }
}

const failures = {
  tail_failed: { level: 'warn', text: 'the change log cannot be read' },
  retention_failed: { level: 'warn', text: 'old rows cannot be removed' },
  key_rotation_failed: { level: 'warn', text: 'the signing keys cannot be rotated' },
  completion_failed: {
    level: 'warn',
    text: 'organizations that an older program made cannot be completed',
  },
} as const

type Failure = Extract<Event, { readonly kind: keyof typeof failures }>

function isFailure(event: Event): event is Failure {
  return Object.hasOwn(failures, event.kind)
}

const recoveries = {
  tail_recovered: 'the change log can be read again',
  clock_agrees: "this machine's clock agrees with the database's again",
} as const

/** At `debug`, because a line costs as much as a twentieth of the request it tells of. */
function tokenIssued(event: Event & { kind: 'token_issued' }): Line {
  const fields = {
    client_id: event.client,
    credential_id: event.credential,
    audience: event.audience,
    jti: event.jti,
    kid: event.kid,
    alg: event.alg,
    expires_in: event.lifetime,
    stale: event.stale,
    ...callerFields(event.caller),
  }
  return { level: 'debug', text: 'token issued', fields }
}

function refusalLine(event: Refusal): Line {
  switch (event.kind) {
    case 'token_refused':
      return tokenRefused(event)
    case 'sign_in_refused':
      return signInRefused(event)
    case 'management_denied':
      return managementDenied(event)
    case 'request_rejected':
      return requestRejected(event)
    default:
      return unreachable(event)
  }
}

function tokenRefused(event: Event & { kind: 'token_refused' }): Line {
  const { caller, client, reason, facts } = event
  const fields = { ...callerFields(caller), client_id: client, reason, facts }
  return { level: 'info', text: 'token refused', fields }
}

function signInAccepted(event: Event & { kind: 'sign_in_accepted' }): Line {
  const { caller, person, session } = event
  const fields = { ...callerFields(caller), person_id: person, session_id: session }
  return { level: 'info', text: 'signed in', fields }
}

function signInRefused(event: Event & { kind: 'sign_in_refused' }): Line {
  const { caller, person, reason } = event
  const fields = { ...callerFields(caller), person_id: person, reason }
  return { level: 'info', text: 'sign-in refused', fields }
}

function managementDenied(event: Event & { kind: 'management_denied' }): Line {
  const { caller, actor, operation, organization, reason } = event
  const fields = {
    ...callerFields(caller),
    actor: { type: actor.type, id: actor.id },
    operation,
    organization_id: organization,
    reason,
  }
  return { level: 'info', text: 'management call denied', fields }
}

function managementCall(event: Event & { kind: 'management_call' }): Line {
  const { caller, actor, operation, status, refusal } = event
  const fields = {
    ...callerFields(caller),
    ...(actor && { actor: { type: actor.type, id: actor.id } }),
    operation,
    status,
    reason: refusal,
  }
  return { level: 'info', text: 'management call', fields }
}

/** 503 is what an outage looks like from here; anything else is a mistake of ours. */
function requestFailed(event: Event & { kind: 'request_failed' }): Line {
  const { caller, method, path, status, error } = event
  const fields = { ...callerFields(caller), method, path, status, ...faultFields(error) }
  return { level: status === 503 ? 'warn' : 'error', text: 'request failed', fields }
}

function requestRejected({ caller, reason, code }: Event & { kind: 'request_rejected' }): Line {
  const fields = { ...callerFields(caller), reason, code }
  return { level: 'info', text: 'request rejected', fields }
}

function callerFields({ traceId, network, userAgent }: Caller) {
  return { trace_id: traceId, network, user_agent: userAgent }
}

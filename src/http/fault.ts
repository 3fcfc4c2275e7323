import { Unavailable } from '../domain/fault.ts'
import type { Caller, Events } from '../ports/events.ts'
import { unavailableFace } from '../protocol/token-response.ts'
import type { Answer } from './answer.ts'
import { errorTo } from './answer.ts'

type Failed = { readonly method: string; readonly path: string; readonly fault: unknown }

/** A fault: the caller learns that, and the trace id under which the operator reads the rest. */
export function faultTo(caller: Caller, { method, path, fault }: Failed, events: Events): Answer {
  const away = fault instanceof Unavailable
  const status = away ? unavailableFace[2] : 500
  events.record({ kind: 'request_failed', caller, method, path, status, error: fault })
  return away
    ? errorTo(caller, unavailableFace, { 'retry-after': String(fault.retryAfter) })
    : errorTo(caller, ['server_error', undefined, status])
}

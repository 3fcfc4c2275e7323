import { Unavailable } from '../domain/fault.ts'
import type { Caller, Events } from '../ports/events.ts'
import { unavailableFace } from '../protocol/token-response.ts'
import type { Answer } from './answer.ts'
import type { EarlyRefusal } from './api-refusal.ts'
import { errorTo } from './answer.ts'

type Failed = { readonly method: string; readonly path: string; readonly fault: unknown }

/**
 * A fault: the caller learns that, and the trace id under which the operator reads the rest. `refuse`
 * says it in another way than with the server's plain error.
 */
export function faultTo(
  caller: Caller,
  { method, path, fault }: Failed,
  events: Events,
  refuse?: (refusal: EarlyRefusal) => Answer,
): Answer {
  const away = fault instanceof Unavailable
  const status = away ? unavailableFace[2] : 500
  events.record({ kind: 'request_failed', caller, method, path, status, error: fault })
  if (refuse !== undefined) {
    return refuse(
      away
        ? { reason: 'temporarily_unavailable', retryAfter: fault.retryAfter }
        : { reason: 'server_error' },
    )
  }
  return away
    ? errorTo(caller, unavailableFace, { 'retry-after': String(fault.retryAfter) })
    : errorTo(caller, ['server_error', undefined, status])
}

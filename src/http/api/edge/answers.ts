import type { Actor } from '../../../domain/audit.ts'
import type { OrganizationId } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import type { Caller } from '../../../ports/events.ts'
import { guarded, problemTo } from '../../api-refusal.ts'
import { answerTo, toResponse } from '../../answer.ts'
import type { RoomEnv } from '../../door.ts'
import { entityTag } from './conditions.ts'
import type { Identity } from './identity.ts'
import { linesBody } from './lines.ts'
import type { ApiPorts } from '../ports.ts'
import { problemOf } from '../problems/problem.ts'
import { problemHeaders } from '../problems/problem-headers.ts'
import type { CallRefusal } from '../problems/problem-table.ts'
import type { ApiRoute, Reply } from '../route.ts'

/** What every route finds beside the request. */
export type ApiEnv = { Bindings: RoomEnv }

/** How a call went, and whose it was. */
export type Served = {
  readonly route: ApiRoute
  readonly outcome: Result<Reply<unknown>, CallRefusal>
  readonly identity?: Identity
  readonly actor?: Actor | undefined
  readonly organization?: {
    readonly named: OrganizationId | undefined
    /** Whether it exists for others and not for whoever called. */
    readonly foreign?: boolean
  }
}

type Needs = Pick<ApiPorts, 'issuer'>
type Headers = Readonly<Record<string, string>>

type Replied = {
  readonly reply: Reply<unknown>
  readonly route: ApiRoute
  readonly path: string
  /** Is told of a fault after the answer has begun. */
  readonly failed: (fault: unknown) => void
}

export function replyAnswer(
  { issuer }: Needs,
  caller: Caller,
  { reply, route, path, failed }: Replied,
): Response {
  const { status } = route
  const { body, lines, version, id, cookie, replayed } = reply
  const headers: Headers = {
    ...guarded,
    ...variedBy(route),
    ...(version === undefined ? {} : { etag: entityTag(version) }),
    ...(id === undefined ? {} : { location: `${new URL(issuer).origin}${path}/${id}` }),
    ...(replayed === true ? { 'idempotency-replayed': 'true' } : {}),
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  }
  if (lines !== undefined) return linesAnswer(caller, linesBody(lines, failed), headers)
  const text = status === 204 ? null : JSON.stringify(body)
  return toResponse(answerTo(caller, text, { status, headers }))
}

function linesAnswer(
  { traceId }: Caller,
  body: ReadableStream<Uint8Array>,
  headers: Headers,
): Response {
  const told = { ...headers, 'trace-id': traceId, 'content-type': 'application/jsonl' }
  return toResponse({ status: 200, headers: told, body })
}

/** RFC 9110 §12.5.5. */
function variedBy(route: ApiRoute | undefined): Headers {
  return route?.hasLines === true ? { vary: 'accept' } : {}
}

export function problemAnswer(
  { issuer }: Needs,
  caller: Caller,
  { outcome, route, identity }: Problematic,
): Response {
  const { refusal } = outcome
  const status = route?.inBody.includes(refusal.reason) === true ? 422 : undefined
  const problem = problemOf(refusal, { issuer, traceId: caller.traceId, status })
  const headers = { ...variedBy(route), ...problemHeaders(refusal, issuer, identity) }
  return toResponse(problemTo(caller, problem, headers))
}

type Problematic = Partial<Pick<Served, 'route' | 'identity'>> & {
  readonly outcome: { readonly ok: false; readonly refusal: CallRefusal }
}

export function optionsAnswer(caller: Caller, allowed: readonly string[]): Response {
  const headers = { ...guarded, allow: allowed.join(', ') }
  return toResponse(answerTo(caller, null, { status: 204, headers }))
}

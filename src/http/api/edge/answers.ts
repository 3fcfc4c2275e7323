import type { Actor } from '../../../domain/audit.ts'
import type { OrganizationId } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import type { Caller } from '../../../ports/events.ts'
import { answerTo, noStore, toResponse } from '../../answer.ts'
import { entityTag } from './conditions.ts'
import type { Identity } from './identity.ts'
import type { ApiPorts } from '../ports.ts'
import { problemOf } from '../problems/problem.ts'
import { problemHeaders } from '../problems/problem-headers.ts'
import type { CallRefusal } from '../problems/problem-table.ts'
import type { ApiRoute, Reply } from '../route.ts'

/** What every route finds beside the request. */
export type ApiEnv = { Bindings: { readonly caller: Caller } }

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

/** What nobody on the way keeps, and no browser takes for anything else. */
const guarded = { ...noStore, 'x-content-type-options': 'nosniff' }

export function replyAnswer(
  { issuer }: Needs,
  caller: Caller,
  {
    reply,
    status,
    path,
  }: { readonly reply: Reply<unknown>; readonly status: number; readonly path: string },
): Response {
  const { body, version, id, cookie, replayed } = reply
  const headers: Headers = {
    ...guarded,
    ...(version === undefined ? {} : { etag: entityTag(version) }),
    ...(id === undefined ? {} : { location: `${new URL(issuer).origin}${path}/${id}` }),
    ...(replayed === true ? { 'idempotency-replayed': 'true' } : {}),
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  }
  const text = status === 204 ? null : JSON.stringify(body)
  return toResponse(answerTo(caller, text, { status, headers }))
}

export function problemAnswer(
  { issuer }: Needs,
  caller: Caller,
  { outcome, route, identity }: Problematic,
): Response {
  const { refusal } = outcome
  const status = route?.inBody.includes(refusal.reason) === true ? 422 : undefined
  const problem = problemOf(refusal, { issuer, traceId: caller.traceId, status })
  const headers = {
    ...guarded,
    'content-type': 'application/problem+json',
    ...problemHeaders(refusal, issuer, identity),
  }
  return toResponse(answerTo(caller, JSON.stringify(problem), { status: problem.status, headers }))
}

type Problematic = Partial<Pick<Served, 'route' | 'identity'>> & {
  readonly outcome: { readonly ok: false; readonly refusal: CallRefusal }
}

export function optionsAnswer(caller: Caller, allowed: readonly string[]): Response {
  const headers = { ...guarded, allow: allowed.join(', ') }
  return toResponse(answerTo(caller, null, { status: 204, headers }))
}

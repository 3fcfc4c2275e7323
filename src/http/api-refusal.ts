import type { Caller } from '../ports/events.ts'
import type { EdgeRefusal } from './api/edge/edge-refusal.ts'
import { edgeFaces } from './api/problems/faces/edge.ts'
import type { Faces } from './api/problems/faces/face.ts'
import type { Problem } from './api/problems/problem-document.ts'
import { problemDocument } from './api/problems/problem-document.ts'
import type { Answer, Headers } from './answer.ts'
import { answerTo, noStore } from './answer.ts'

/** What may be said for the management API before its rooms are asked, or without them. */
export type EarlyRefusal = Extract<
  EdgeRefusal,
  { readonly reason: 'path_unknown' | 'server_error' | 'temporarily_unavailable' }
>

/** What nobody on the way keeps, and no browser takes for anything else. */
export const guarded = { ...noStore, 'x-content-type-options': 'nosniff' }

export function problemTo(
  caller: Pick<Caller, 'traceId'>,
  problem: Problem,
  headers: Headers = {},
): Answer {
  const type = { 'content-type': 'application/problem+json' }
  const all = { ...guarded, ...type, ...headers }
  return answerTo(caller, JSON.stringify(problem), { status: problem.status, headers: all })
}

/** Refuses for the management API as its rooms do, which may not have been loaded. */
export function apiRefusalTo(
  caller: Pick<Caller, 'traceId'>,
  issuer: string,
  refusal: EarlyRefusal,
): Answer {
  const said = saidOf(refusal.reason, refusal)
  const { traceId } = caller
  const headers: Headers =
    'retryAfter' in refusal ? { 'retry-after': String(refusal.retryAfter) } : {}
  return problemTo(caller, problemDocument(refusal, said, { issuer, traceId }), headers)
}

type Of<R extends EarlyRefusal['reason']> = Extract<EarlyRefusal, { readonly reason: R }>

function saidOf<R extends EarlyRefusal['reason']>(reason: R, refusal: Of<R>) {
  const faces: Faces<EarlyRefusal> = edgeFaces
  const [status, title, detail] = faces[reason]
  return { status, title, detail: detail(refusal) }
}

/** Whether a request for this path is for the management API below `base`, the path of the issuer. */
export function isForApi(base: string, url: string): boolean {
  return url.startsWith(base) && /^\/api(?:[/?]|$)/.test(url.slice(base.length))
}

import type { Context } from 'hono'
import type { Edge } from './edge.ts'

export type Headers = Readonly<Record<string, string>>

const json = { 'content-type': 'application/json' }

/** What must not be kept by anybody on the way. RFC 6749 §5.1. */
export const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

/**
 * The one place where responses are made, so that none is without its trace id. Plain header records
 * reach Node's `writeHead` as they are; a `Headers` object would be built only to be taken apart.
 */
export function answer(
  c: Context<Edge>,
  body: string | null,
  { status, headers }: { readonly status: number; readonly headers: Headers },
): Response {
  const type = body === null ? undefined : json
  // Not after the spreads: what is added to a spread object is added slowly, for every token.
  const all = { 'trace-id': c.env.caller.traceId, ...type, ...headers }
  return new Response(body, { status, headers: all })
}

/** An error as JSON, with the trace id under which the operator finds the exact reason. */
export function answerError(
  c: Context<Edge>,
  [code, description, status]: readonly [
    code: string,
    description: string | undefined,
    status: number,
  ],
  headers?: Headers,
): Response {
  const { traceId } = c.env.caller
  const body = { error: code, error_description: description, trace_id: traceId }
  return answer(c, JSON.stringify(body), { status, headers: { ...noStore, ...headers } })
}

import type { ServerResponse } from 'node:http'
import type { Context } from 'hono'
import type { Caller } from '../ports/events.ts'
import type { Edge } from './edge.ts'

export type Headers = Readonly<Record<string, string>>

/** A response as a value, for whichever way it goes out. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: string | null
}

/** A response whose body is made while it is read, and which has no length before. */
export type StreamedAnswer = Omit<Answer, 'body'> & { readonly body: ReadableStream<Uint8Array> }

const json = { 'content-type': 'application/json' }

/** What must not be kept by anybody on the way. RFC 6749 §5.1. */
export const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** The one place where answers are made, so that none is without its trace id. */
export function answerTo(
  { traceId }: Pick<Caller, 'traceId'>,
  body: string | null,
  { status, headers }: Omit<Answer, 'body'>,
): Answer {
  const type = body === null ? undefined : json
  // Not after the spreads: what is added to a spread object is added slowly, for every token.
  return { status, body, headers: { 'trace-id': traceId, ...type, ...headers } }
}

/** What an error is to the caller: its code, a sentence if there is one, and the status. */
export type ErrorFace = readonly [code: string, description: string | undefined, status: number]

/** An error as JSON, with the trace id under which the operator finds the exact reason. */
export function errorTo(
  caller: Pick<Caller, 'traceId'>,
  [code, description, status]: ErrorFace,
  headers?: Headers,
): Answer {
  const body = { error: code, error_description: description, trace_id: caller.traceId }
  return answerTo(caller, JSON.stringify(body), { status, headers: { ...noStore, ...headers } })
}

/** For Hono. Plain header records reach Node as they are; `Headers` would be taken apart again. */
export function toResponse({ status, headers, body }: Answer | StreamedAnswer): Response {
  return new Response(body, { status, headers })
}

export function answer(
  c: Context<Edge>,
  body: string | null,
  outcome: Omit<Answer, 'body'>,
): Response {
  return toResponse(answerTo(c.env.caller, body, outcome))
}

export function answerError(c: Context<Edge>, face: ErrorFace, headers?: Headers): Response {
  return toResponse(errorTo(c.env.caller, face, headers))
}

/** For Node. What was set on the response before, such as `connection: close`, stays. */
export function writeAnswer(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const length = body === null ? undefined : { 'content-length': Buffer.byteLength(body) }
  outgoing.writeHead(status, { ...headers, ...length })
  outgoing.end(body)
}

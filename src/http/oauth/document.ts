import { hash } from 'node:crypto'
import type { Context } from 'hono'
import type { Caller } from '../../ports/events.ts'
import type { Answer } from '../answer.ts'
import { answer, answerTo } from '../answer.ts'
import type { Edge, Incoming } from '../edge.ts'

/** A public JSON document and the strong validator of its bytes. RFC 9110 §8.8.3. */
export type PublicDocument = { readonly body: string; readonly etag: string }

const openToAll = { 'access-control-allow-origin': '*' }

export function publicDocument(value: object): PublicDocument {
  const body = JSON.stringify(value)
  return { body, etag: `"${hash('sha256', body, 'base64url')}"` }
}

/**
 * A document, or 304 if the caller has it already. RFC 9110 §13.1.2. Any web page may read it: it is
 * public, and no credential goes with the request.
 */
export function documentTo(
  caller: Caller,
  incoming: Incoming,
  { body, etag, cacheControl }: PublicDocument & { readonly cacheControl: string },
): Answer {
  const headers = { ...openToAll, 'cache-control': cacheControl, etag }
  const known = incoming.headers['if-none-match']
  if (known !== undefined && includes(known, etag)) {
    return answerTo(caller, null, { status: 304, headers })
  }
  return answerTo(caller, body, { status: 200, headers })
}

/** Answers the question a browser asks before it sends a header of its own. */
export function answerPreflight(c: Context<Edge>): Response {
  const headers = {
    ...openToAll,
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': '*',
    'access-control-max-age': '86400',
  }
  return answer(c, null, { status: 204, headers })
}

/** The comparison is weak, as `If-None-Match` asks. RFC 9110 §8.8.3.2. */
function includes(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}

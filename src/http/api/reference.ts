import { hash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { answerTo, toResponse } from '../answer.ts'
import type { ApiEnv } from './answers.ts'
import { openApiDocument } from './openapi.ts'
import { apiRoutes } from './routes.ts'

/** A file that is made once, and the validator of its bytes. RFC 9110 §8.8.3. */
type Made = { readonly body: string; readonly etag: string; readonly type: string }

/** What describes the API is open to everybody, and made at the first request for it. */
export function serveReference(rooms: Hono<ApiEnv>, issuer: string): void {
  const document = once(() =>
    made('application/json', JSON.stringify(openApiDocument(apiRoutes, issuer))),
  )
  rooms.get('/openapi.json', (c) => answerMade(c, document()))
}

function made(type: string, body: string): Made {
  return { type, body, etag: `"${hash('sha256', body, 'base64url')}"` }
}

function answerMade(c: Context<ApiEnv>, { type, body, etag }: Made): Response {
  const headers = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
  const { caller } = c.env
  return c.req.header('if-none-match') === etag
    ? toResponse(answerTo(caller, null, { status: 304, headers }))
    : toResponse(
        answerTo(caller, body, { status: 200, headers: { ...headers, 'content-type': type } }),
      )
}

function once<Value>(make: () => Value): () => Value {
  let value: { readonly made: Value } | undefined
  return () => (value ??= { made: make() }).made
}

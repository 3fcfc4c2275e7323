import { hash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { apiPath } from '../../../protocol/metadata.ts'
import { answerTo, toResponse } from '../../answer.ts'
import type { ApiEnv } from '../edge/answers.ts'
import { referencePage } from './page.ts'
import { style } from './style.ts'
import { openApiDocument } from '../openapi/openapi.ts'
import { apiRoutes } from '../routes.ts'

/** A file that is made once, and the validator of its bytes. RFC 9110 §8.8.3. */
type Made = { readonly body: string; readonly etag: string; readonly type: string }

/** What describes the API is open to everybody, and made at the first request for it. */
export function serveReference(rooms: Hono<ApiEnv>, issuer: string): void {
  const document = once(() => openApiDocument(apiRoutes, issuer))
  const file = once(() => made('application/json', JSON.stringify(document())))
  const page = once(async () => {
    const text = await referencePage({ routes: apiRoutes, document: document(), issuer })
    return made('text/html; charset=utf-8', text)
  })
  const sheet = once(() => made('text/css; charset=utf-8', style))
  rooms.get('/openapi.json', (c) => answerMade(c, file()))
  rooms.get('/docs', async (c) => answerMade(c, await page()))
  // As people type it. The page finds its style sheet beside itself, so it is at one place.
  rooms.get('/docs/', (c) => {
    const headers = { location: `${issuer.replace(/\/$/, '')}${apiPath}/docs` }
    return toResponse(answerTo(c.env.caller, null, { status: 308, headers }))
  })
  rooms.get('/docs.css', (c) => answerMade(c, sheet()))
}

function made(type: string, body: string): Made {
  return { type, body, etag: `"${hash('sha256', body, 'base64url')}"` }
}

/** The page loads its own style sheet, and can do nothing else. */
const described = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

function answerMade(c: Context<ApiEnv>, { type, body, etag }: Made): Response {
  const headers = { ...described, etag }
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

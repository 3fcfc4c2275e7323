/**
 * The console: pages for people. They are the same for everybody and know nothing; what they show and
 * change goes through the management API, from the browser.
 */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { linkPages } from '../../domain/link.ts'
import type { Caller } from '../../ports/events.ts'
import { issuerPath } from '../../protocol/metadata.ts'
import type { Headers } from '../answer.ts'
import { answerTo, errorTo, toResponse } from '../answer.ts'
import { invitationPage } from './invitation.ts'
import type { Place } from './layout.ts'
import { assetsPath } from './layout.ts'
import { recoveryPage } from './recovery.ts'
import { setupPage } from './setup.ts'

type ConsoleEnv = { Bindings: { readonly caller: Caller } }

/** What is sent as it is, and the validator of its bytes. RFC 9110 §8.8.3. */
type File = { readonly body: string; readonly type: string; readonly etag: string }

const assetTypes = {
  'console.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'call.js': 'text/javascript; charset=utf-8',
  'form.js': 'text/javascript; charset=utf-8',
  'link.js': 'text/javascript; charset=utf-8',
  'setup.js': 'text/javascript; charset=utf-8',
  'invitation.js': 'text/javascript; charset=utf-8',
  'recovery.js': 'text/javascript; charset=utf-8',
} as const

/** Opens the console: its files are read once, and its pages are made once. */
export async function openConsole(issuer: string) {
  const base = issuerPath(issuer)
  const place: Place = { base, host: new URL(issuer).host }
  const rooms = new Hono<ConsoleEnv>()
  const serve = (path: string, made: File) =>
    rooms.get(`${base}${path}`, (c) => answerFile(c, made))
  for (const [name, type] of Object.entries(assetTypes)) {
    const body = await readFile(new URL(`assets/${name}`, import.meta.url), 'utf8')
    serve(`${assetsPath}/${name}`, file(body, type))
  }
  serve(linkPages.setup, await pageFile(setupPage(place)))
  serve(linkPages.invitation, await pageFile(invitationPage(place)))
  serve(linkPages.recovery, await pageFile(recoveryPage(place)))
  return rooms.notFound((c) => answerUnrouted(c, rooms))
}

async function pageFile(page: ReturnType<typeof setupPage>): Promise<File> {
  return file(String(await page), 'text/html; charset=utf-8')
}

function file(body: string, type: string): File {
  return { body, type, etag: `"${hash('sha256', body, 'base64url')}"` }
}

/**
 * Nothing but files of this server is loaded or called, nothing may frame a page or guess at a type,
 * and no form is sent by the browser itself: without its script, a password stays where it is.
 */
const guarded: Headers = {
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // Kept, and asked about each time: a page never meets the script of another version for long.
  'cache-control': 'no-cache',
}

function answerFile(c: Context<ConsoleEnv>, { body, type, etag }: File): Response {
  const { caller } = c.env
  const headers = { ...guarded, etag }
  return c.req.header('if-none-match') === etag
    ? toResponse(answerTo(caller, null, { status: 304, headers }))
    : toResponse(
        answerTo(caller, body, { status: 200, headers: { ...headers, 'content-type': type } }),
      )
}

/** A page that exists is only for reading. RFC 9110 §15.5.6. */
function answerUnrouted(c: Context<ConsoleEnv>, { router }: Hono<ConsoleEnv>): Response {
  const { caller } = c.env
  return router.match('GET', c.req.path)[0].length > 0
    ? toResponse(errorTo(caller, ['method_not_allowed', undefined, 405], { allow: 'GET, HEAD' }))
    : toResponse(errorTo(caller, ['not_found', undefined, 404]))
}

import type { Actor } from '../../../domain/audit.ts'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { SessionToken } from '../../../domain/session.ts'
import { parseSessionToken } from '../../../domain/session.ts'
import type { NumericDate } from '../../../domain/time.ts'
import type { LiveSession } from '../../../management/sessions.ts'
import type { VerifyAccessToken } from '../../../ports/access-tokens.ts'
import type { Tokens } from '../../../ports/tokens.ts'
import type { VerifiedToken } from '../../../protocol/access-token-claims.ts'
import type { EdgeRefusal } from './edge-refusal.ts'

/** Who sent a request, as far as the request proves it. */
export type Identity =
  | { readonly type: 'nobody' }
  | { readonly type: 'token'; readonly token: VerifiedToken }
  | { readonly type: 'session'; readonly signedIn: SignedIn }
  /** Known by other means than HTTP: the command line beside the database. */
  | { readonly type: 'actor'; readonly actor: Actor }

/** A person who is signed in, and with what. */
export type SignedIn = LiveSession & { readonly token: SessionToken }

export type Identify = (
  request: Request,
  now: NumericDate,
) => Promise<Result<Identity, EdgeRefusal>>

export type IdentityNeeds = {
  readonly issuer: string
  readonly tokens: Pick<Tokens, 'isCsrf'>
  readonly verifyToken: VerifyAccessToken
  readonly findSession: (token: SessionToken, now: NumericDate) => Promise<LiveSession | undefined>
}

/** The cookie of a session. Its prefix makes browsers hold it to this host, over HTTPS. RFC 6265bis §4.1.3.2. */
export const sessionCookie = '__Host-countersign'

/**
 * Reads who sent a request: a bearer token (RFC 6750 §2.1) or the cookie of a session, never both, and
 * never the one if the other is no good. A token is never looked for in the query or in a body.
 */
export function identifyBy(needs: IdentityNeeds): Identify {
  return async (request, now) => {
    const authorization = request.headers.get('authorization')
    const cookies = cookiesNamed(sessionCookie, request.headers.get('cookie') ?? '')
    const [cookie] = cookies
    if (cookies.length + (authorization === null ? 0 : 1) > 1) {
      return refuse({ reason: 'credentials_ambiguous' })
    }
    if (authorization !== null) return byToken(needs, authorization, now)
    if (cookie !== undefined) return bySession(needs, cookie, { request, now })
    return accept({ type: 'nobody' })
  }
}

const bearer = /^bearer +([\w.~+/=-]+) *$/i

async function byToken(
  { verifyToken }: IdentityNeeds,
  authorization: string,
  now: NumericDate,
): Promise<Result<Identity, EdgeRefusal>> {
  const [, token] = bearer.exec(authorization) ?? []
  // Another scheme is no attempt at this one. RFC 6750 §3.1.
  if (token === undefined) return refuse({ reason: 'authentication_needed' })
  const verified = await verifyToken(token, now)
  return verified.ok ? accept({ type: 'token', token: verified.value }) : verified
}

async function bySession(
  needs: IdentityNeeds,
  cookie: string,
  { request, now }: { readonly request: Request; readonly now: NumericDate },
): Promise<Result<Identity, EdgeRefusal>> {
  const token = parseSessionToken(cookie)
  const found = token && (await needs.findSession(token, now))
  if (token === undefined || found === undefined) return refuse({ reason: 'session_invalid' })
  const refusal = whyForeign(needs, token, request)
  if (refusal) return refuse(refusal)
  return accept({ type: 'session', signedIn: { ...found, token } })
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A browser sends the cookie with whatever page asks it to. So what changes something must come from a
 * page of ours, by what the browser says of it, and show what no page of another site can know.
 */
function whyForeign(
  { issuer, tokens }: IdentityNeeds,
  token: SessionToken,
  { method, headers }: Request,
): EdgeRefusal | undefined {
  if (safeMethods.has(method)) return undefined
  const { origin } = new URL(issuer)
  if (headers.get('origin') !== origin) return { reason: 'origin_mismatched', origin }
  const shown = headers.get('x-csrf-token') ?? ''
  return tokens.isCsrf(shown, token) ? undefined : { reason: 'csrf_token_mismatched' }
}

/** RFC 6265 §4.2.1. A name that occurs twice is there twice: one of them may be somebody else's. */
function cookiesNamed(name: string, header: string): readonly string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

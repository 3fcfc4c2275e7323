import { checksum, hasChecksum, keyCharacters, toBase62 } from './base62.ts'
import type { Brand } from './brand.ts'
import type { PersonId, SessionId } from './id.ts'
import type { NumericDate } from './time.ts'
import { earlier, later, seconds } from './time.ts'

/** What a browser shows for a session: `css_`, 256 random bits and a checksum in base62. */
export type SessionToken = Brand<string, 'SessionToken'>

/** What a page shows beside the cookie, because another site can send the cookie but not know this. */
export type CsrfToken = Brand<string, 'CsrfToken'>

/** A person who is signed in at one place. */
export type Session = {
  readonly id: SessionId
  readonly person: PersonId
  readonly createdAt: NumericDate
  /** Exact to the minute. */
  readonly lastSeenAt: NumericDate
  /** Its absolute end, however busy it is. */
  readonly endsAt: NumericDate
  readonly network: string
  readonly userAgent: string
}

export const sessionLifetime = seconds(12 * 60 * 60)
export const sessionIdleMax = seconds(60 * 60)
/** So often is written down that a session is in use. */
export const lastSeenEvery = seconds(60)
/** Of one person; another sign-in ends the one that was not used for the longest time. */
export const sessionsOfPersonMax = 20

/** When a session ends if nobody uses it any more. */
export function endOfSession({ lastSeenAt, endsAt }: Session): NumericDate {
  return earlier(later(lastSeenAt, sessionIdleMax), endsAt) ?? endsAt
}

const tokenForm = /^css_[0-9A-Za-z]{49}$/

export function parseSessionToken(text: string): SessionToken | undefined {
  return tokenForm.test(text) && hasChecksum(text) ? (text as SessionToken) : undefined
}

/** Writes a token from 32 random bytes. */
export function encodeSessionToken(bytes: Uint8Array): SessionToken {
  const start = `css_${toBase62(bytes, keyCharacters)}`
  return `${start}${checksum(start)}` as SessionToken
}

const userAgentCharactersMax = 200

/** What a browser calls itself, as far as it is worth keeping: cut, and without what is unfit to show. */
export function shownUserAgent(text: string): string {
  return Array.from(text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ''))
    .slice(0, userAgentCharactersMax)
    .join('')
}

/** Why a person could not sign in, exactly; only an operator learns it. */
export const signInFailures = [
  'email_malformed',
  'person_unknown',
  'password_wrong',
  'totp_needed',
  'code_wrong',
  'proofs_changed',
  'sign_in_limited',
] as const

export type SignInFailure = (typeof signInFailures)[number]

import type { Brand } from '../domain/brand.ts'
import type { LinkToken } from '../domain/link.ts'
import type { CsrfToken, SessionToken } from '../domain/session.ts'

/** SHA-256 of a token of 256 random bits: enough to find it by, and no way back. */
export type TokenHash = Brand<Uint8Array, 'TokenHash'>

/** The opaque tokens of links and sessions. */
export type Tokens = {
  readonly link: () => LinkToken
  readonly session: () => SessionToken
  readonly hash: (token: LinkToken | SessionToken) => TokenHash
  /** The token that goes with a session against requests that another site has made. */
  readonly csrf: (token: SessionToken) => CsrfToken
  /** Whether text is that token, in constant time. */
  readonly isCsrf: (text: string, token: SessionToken) => boolean
}

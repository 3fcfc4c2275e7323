import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import { encodeLinkToken } from '../domain/link.ts'
import type { CsrfToken, SessionToken } from '../domain/session.ts'
import { encodeSessionToken } from '../domain/session.ts'
import type { TokenHash, Tokens } from '../ports/tokens.ts'

const tokenBytes = 32

/** Stateless, and the same in every process: a session goes on at any of them. */
export function tokens(): Tokens {
  return {
    link: () => encodeLinkToken(randomBytes(tokenBytes)),
    session: () => encodeSessionToken(randomBytes(tokenBytes)),
    hash: (token) => hashOf(token),
    csrf: csrfOf,
    isCsrf: (text, token) => isSame(text, csrfOf(token)),
  }
}

function hashOf(token: string): TokenHash {
  const hash: Uint8Array = digest('sha256', token, 'buffer')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is the maker of hashes
  return hash as TokenHash
}

/** The label keeps it apart from what is stored: whoever reads the database learns nothing of it. */
function csrfOf(token: SessionToken): CsrfToken {
  const text = digest('sha256', `countersign csrf token\n${token}`, 'base64url')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is the maker of CSRF tokens
  return text as CsrfToken
}

/** Of two hashes, so that neither a length nor a place tells anything. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other))
}

import type { Result } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Claims, TokenInvalid, VerifiedToken } from '../protocol/access-token-claims.ts'

/** The access tokens of this server, as it knows them again without asking anybody. */
export type AccessTokens = {
  /** The claims of a token that one of our keys signed. Of what they say nothing has been checked. */
  readonly open: (token: string, now: NumericDate) => Result<Claims, TokenInvalid>
}

/** Verifies a token that was brought to our own API. */
export type VerifyAccessToken = (
  token: string,
  now: NumericDate,
) => Promise<Result<VerifiedToken, TokenInvalid>>

import { managementAudience } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { AccessTokens } from '../ports/access-tokens.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { TokenInvalid, VerifiedToken } from '../protocol/access-token-claims.ts'
import { readAccessTokenClaims } from '../protocol/access-token-claims.ts'

export type VerifyAccessTokenNeeds = {
  readonly issuer: string
  readonly accessTokens: AccessTokens
  readonly freshness: Pick<Freshness, 'ensure'>
}

/**
 * Verifies a token that was brought to our own API, from memory. RFC 9068 §4.
 *
 * It says who comes, and what they may do at most. What they hold now is another question, which is
 * asked inside the transaction that they want.
 *
 * Throws `Unavailable` when memory is too old to tell which keys were revoked.
 */
export async function verifyAccessToken(
  { issuer, accessTokens, freshness }: VerifyAccessTokenNeeds,
  token: string,
  now: NumericDate,
): Promise<Result<VerifiedToken, TokenInvalid>> {
  await freshness.ensure()
  const claims = accessTokens.open(token, now)
  if (!claims.ok) return claims
  const audience = managementAudience(issuer)
  return readAccessTokenClaims(claims.value, { issuer, audience, now })
}

import type { JWTPayload } from 'jose'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { signingAlgs } from '../domain/signing-alg.ts'

export type VerifyRefusal =
  /** The token is not good: `what` says in which respect. */
  | { readonly reason: 'token_invalid'; readonly what: string }
  | { readonly reason: 'metadata_mismatched'; readonly issuer: string }
  | { readonly reason: 'issuer_unreachable'; readonly url: string }

const answerMillisecondsMax = 5000

/**
 * Verifies an access token as a resource server would, with nothing but the issuer's published
 * metadata and keys. RFC 9068 §4, RFC 8414 §3.3.
 */
export async function verifyToken(
  token: string,
  expected: { readonly issuer: string; readonly audience: string | undefined },
): Promise<Result<JWTPayload, VerifyRefusal>> {
  const url = metadataUrl(expected.issuer)
  const metadata = await fetchJson(url)
  if (metadata === undefined) return refuse({ reason: 'issuer_unreachable', url })
  const { issuer, jwks_uri: jwksUri } = metadata
  if (issuer !== expected.issuer || typeof jwksUri !== 'string') {
    return refuse({ reason: 'metadata_mismatched', issuer: String(issuer) })
  }
  try {
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), {
      issuer: expected.issuer,
      typ: 'at+jwt',
      algorithms: [...signingAlgs],
      requiredClaims: ['exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
      ...(expected.audience === undefined ? {} : { audience: expected.audience }),
    })
    return accept(payload)
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      return refuse({ reason: 'token_invalid', what: error.message })
    }
    return refuse({ reason: 'issuer_unreachable', url: jwksUri })
  }
}

/** The well-known path goes between host and path. RFC 8414 §3.1. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`
}

async function fetchJson(url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(answerMillisecondsMax),
    })
    const body: unknown = response.ok ? await response.json() : undefined
    return typeof body === 'object' && body !== null ? { ...body } : undefined
  } catch {
    return undefined
  }
}

import { unreachable } from '../domain/brand.ts'
import type { SigningKeyTimes } from '../domain/key-ring.ts'

/** The public half of a key, by its type: what its thumbprint is made of (RFC 7638 §3.2). */
export type PublicJwk =
  /** RFC 7518 §6.2.1. */
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  /** RFC 8037 §2. */
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  /** RFC 7518 §6.3.1. */
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  /** A key of this type belongs to its algorithm. RFC 9964. */
  | { readonly kty: 'AKP'; readonly alg: 'ML-DSA-44'; readonly pub: string }

/** A key as the world sees it. RFC 7517 §4. */
type PublicKey = PublicJwk & {
  readonly kid: string
  readonly alg: string
  readonly use: 'sig'
}

/** Writes keys as a JWK Set. RFC 7517 §5. */
export function jwks(keys: readonly (SigningKeyTimes & { readonly publicJwk: PublicJwk })[]): {
  readonly keys: readonly PublicKey[]
} {
  return {
    keys: keys.map(({ kid, alg, publicJwk }) => ({
      alg,
      ...publicMembers(publicJwk),
      kid,
      use: 'sig',
    })),
  }
}

/**
 * Names the members of a public key one by one: whatever else a key carries, a private part above
 * all, stays here.
 */
function publicMembers(jwk: PublicJwk): PublicJwk {
  switch (jwk.kty) {
    case 'EC':
      return { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }
    case 'OKP':
      return { kty: jwk.kty, crv: jwk.crv, x: jwk.x }
    case 'RSA':
      return { kty: jwk.kty, n: jwk.n, e: jwk.e }
    case 'AKP':
      return { kty: jwk.kty, alg: jwk.alg, pub: jwk.pub }
    default:
      return unreachable(jwk)
  }
}

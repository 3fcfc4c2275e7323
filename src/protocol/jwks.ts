import type { SigningKeyTimes } from '../domain/key-ring.ts'

/** The public half of an EC key. RFC 7518 §6.2.1. */
export type PublicJwk = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** A key as the world sees it. RFC 7517 §4. */
type PublicKey = PublicJwk & {
  readonly kid: string
  readonly alg: string
  readonly use: 'sig'
}

/**
 * Writes keys as a JWK Set. RFC 7517 §5. Members are named one by one: whatever else a key carries,
 * a private part above all, stays here.
 */
export function jwks(keys: readonly (SigningKeyTimes & { readonly publicJwk: PublicJwk })[]): {
  readonly keys: readonly PublicKey[]
} {
  return {
    keys: keys.map(({ kid, alg, publicJwk: { kty, crv, x, y } }) => ({
      kty,
      crv,
      x,
      y,
      kid,
      alg,
      use: 'sig',
    })),
  }
}

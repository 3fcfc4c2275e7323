/**
 * The JWS algorithms that can sign access tokens, by their fully specified names. RFC 7518 §3.1,
 * RFC 9864 §2.2, RFC 9964.
 */
export const signingAlgs = ['ES256', 'Ed25519', 'RS256', 'ML-DSA-44'] as const

export type SigningAlg = (typeof signingAlgs)[number]

/** Every verifier tried takes it, and it is the quickest to make. RFC 7518 §3.4. */
export const signingAlgDefault: SigningAlg = 'ES256'

export function parseSigningAlg(text: string): SigningAlg | undefined {
  return signingAlgs.find((alg) => alg === text)
}

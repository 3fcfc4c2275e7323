import type { Kid } from '../domain/key-ring.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { SigningTerms } from '../domain/signing-terms.ts'
import type { NumericDate } from '../domain/time.ts'

/** A key that may sign at the moment it was asked for. */
export type ActiveKey = {
  readonly kid: Kid
  readonly alg: SigningAlg
  /** Signs claims in JSON; returns the whole token. */
  readonly sign: (claims: string) => string
}

export type Signer = {
  /** The key that signs for an API at `now`. Throws `Unavailable` if there is none. */
  readonly activeKey: (terms: SigningTerms, now: NumericDate) => ActiveKey
}

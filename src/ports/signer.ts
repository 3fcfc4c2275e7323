import type { Kid, SigningAlg } from '../domain/key-ring.ts'
import type { NumericDate } from '../domain/time.ts'

export type SignedToken = { readonly token: string; readonly kid: Kid; readonly alg: SigningAlg }

export type Signer = {
  /** Signs claims in JSON with the key that is active at `now`. Throws `Unavailable` if there is none. */
  readonly sign: (claims: string, now: NumericDate) => SignedToken
}

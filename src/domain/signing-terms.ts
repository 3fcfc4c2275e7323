import type { Ring, SigningKeyTimes } from './key-ring.ts'
import { hasStarted, keysOf, signingKey } from './key-ring.ts'
import type { SigningAlg } from './signing-alg.ts'
import { signingAlgDefault } from './signing-alg.ts'
import type { NumericDate } from './time.ts'

/** What the tokens of an API are signed with. */
export type SigningTerms = {
  readonly signingAlg: SigningAlg
  /**
   * What they are signed with until a key of `signingAlg` has been published long enough to sign;
   * `undefined` for an API that never had another.
   */
  readonly signingAlgBefore: SigningAlg | undefined
}

/**
 * The key that signs a token of an API.
 *
 * Resource servers keep the keys they have seen for a while. So the algorithm before goes on until
 * the first key of the new one begins. From then on it is no way out: where the key of an algorithm
 * was revoked, nothing signs until the next one does.
 */
export function accessTokenKey<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  { signingAlg: alg, signingAlgBefore: before }: SigningTerms,
  now: NumericDate,
): Key | undefined {
  const key = signingKey(ring, { use: 'access_token', alg }, now)
  if (key !== undefined) return key
  const hasBegun = keysOf(ring, { use: 'access_token', alg }).some((one) => hasStarted(one, now))
  if (hasBegun) return undefined
  const ofBefore = { use: 'access_token', alg: before ?? alg } as const
  return signingKey(ring, ofBefore, now) ?? keyBeforeAll(ring, ofBefore, now)
}

/**
 * The key that signs before the time of any has come: a clock that was turned back must not leave
 * nothing to sign with. Nobody holds a set of keys from before the first of them.
 */
function keyBeforeAll<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  of: Ring,
  now: NumericDate,
): Key | undefined {
  if (ring.some((key) => key.use === of.use && hasStarted(key, now))) return undefined
  return keysOf(ring, of)
    .filter(({ signsFrom, revokedAt }) => signsFrom !== undefined && revokedAt === undefined)
    .toSorted((a, b) => (a.signsFrom ?? 0) - (b.signsFrom ?? 0))[0]
}

/** An algorithm that there have to be keys of. */
export type WantedAlg = {
  readonly alg: SigningAlg
  /** Its first key need not wait, since nobody can have kept a set of keys from before it. */
  readonly atOnce: boolean
}

/** The algorithm wanted, and the terms until now of an API that had some. */
export type SigningTermsWish = {
  readonly signingAlg: SigningAlg
  readonly current?: SigningTerms
}

/**
 * Decides what the tokens of an API are signed with from now on: of a new one (`current` is
 * `undefined`), or of one that is given another algorithm.
 *
 * What signs for it now goes on until a key of the new algorithm begins. Where nothing does yet,
 * that need not be waited for, unless the first key of the algorithm is already waiting for the sake
 * of other APIs.
 */
export function decideSigningTerms(
  { signingAlg, current }: SigningTermsWish,
  ring: readonly SigningKeyTimes[],
  wanted: readonly WantedAlg[],
  now: NumericDate,
): SigningTerms {
  const signing = current && accessTokenKey(ring, current, now)
  if (signing !== undefined) return { signingAlg, signingAlgBefore: signing.alg }
  const keys = keysOf(ring, { use: 'access_token', alg: signingAlg })
  const waits = keys.length > 0 || wanted.some(({ alg, atOnce }) => alg === signingAlg && !atOnce)
  const hasBegun = keys.some((key) => hasStarted(key, now))
  return { signingAlg, signingAlgBefore: waits && !hasBegun ? signingAlgDefault : undefined }
}

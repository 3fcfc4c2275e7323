import type { Brand } from './brand.ts'
import type { NumericDate, Seconds } from './time.ts'
import { earlier, hasEnded, later } from './time.ts'

/** The RFC 7638 SHA-256 thumbprint of a public key. */
export type Kid = Brand<string, 'Kid'>

export function parseKid(text: string): Kid | undefined {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as Kid) : undefined
}

/** What a key is for. A key has one use and one `alg` for its whole life. RFC 8725 §3.1. */
export type KeyUse = 'access_token'

/** A JWS algorithm, by its fully specified name. RFC 7518 §3.1, RFC 9864. */
export type SigningAlg = 'ES256'

/**
 * When a key was shown and when it begins to sign. What it is follows from these moments and from
 * its neighbours: `next` (shown, not signing), `active`, `retired` (shown until its last token has
 * died), gone. `revokedAt` ends it at once.
 */
export type SigningKeyTimes = {
  readonly kid: Kid
  readonly use: KeyUse
  readonly alg: SigningAlg
  readonly announcedAt: NumericDate
  /** An absolute moment; `undefined` while no rotation is planned. */
  readonly signsFrom: NumericDate | undefined
  readonly revokedAt: NumericDate | undefined
}

export type KeyState = 'next' | 'active' | 'retired' | 'gone' | 'revoked'

type Asked = { readonly use: KeyUse; readonly alg: SigningAlg }

/**
 * The key that signs: of those whose time has come, the latest. If that one is revoked nothing
 * signs, rather than an older key that has already been laid down.
 */
export function signingKey<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  { use, alg }: Asked,
  now: NumericDate,
): Key | undefined {
  let latest: (Key & Started) | undefined
  for (const key of ring) {
    if (key.use !== use || key.alg !== alg || !hasStarted(key, now)) continue
    if (latest === undefined || isAfter(key, latest)) latest = key
  }
  return latest && hasEnded(latest.revokedAt, now) ? undefined : latest
}

/** States what a key is at a moment. `keptFor` is how long a retired key is still published. */
export function stateOf(
  ring: readonly SigningKeyTimes[],
  key: SigningKeyTimes,
  { now, keptFor }: { readonly now: NumericDate; readonly keptFor: Seconds },
): KeyState {
  if (hasEnded(key.revokedAt, now)) return 'revoked'
  if (!hasStarted(key, now)) return 'next'
  const successor = successorOf(ring, key, now)
  if (successor === undefined) return 'active'
  return hasEnded(later(successor, keptFor), now) ? 'gone' : 'retired'
}

/** The keys to publish: every next, active and retired one. */
export function publishedKeys<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  at: { readonly now: NumericDate; readonly keptFor: Seconds },
): readonly Key[] {
  return ring.filter((key) => ['next', 'active', 'retired'].includes(stateOf(ring, key, at)))
}

type Started = { readonly signsFrom: NumericDate }

/** When another key took over from this one. */
function successorOf(
  ring: readonly SigningKeyTimes[],
  key: SigningKeyTimes & Started,
  now: NumericDate,
): NumericDate | undefined {
  return ring
    .filter(({ use, alg }) => use === key.use && alg === key.alg)
    .filter((other) => hasStarted(other, now))
    .filter((other) => isAfter(other, key))
    .map(({ signsFrom }) => signsFrom)
    .reduce<NumericDate | undefined>(earlier, undefined)
}

/** Of two keys that begin in the same second one takes over, and everyone agrees which. */
function isAfter(a: SigningKeyTimes & Started, b: SigningKeyTimes & Started): boolean {
  return a.signsFrom === b.signsFrom ? a.kid > b.kid : a.signsFrom > b.signsFrom
}

/** A key that was revoked before its time never takes over: the one before it goes on signing. */
function hasStarted<Key extends SigningKeyTimes>(key: Key, now: NumericDate): key is Key & Started {
  if (key.signsFrom === undefined || key.signsFrom > now) return false
  return !hasEnded(key.revokedAt, key.signsFrom)
}

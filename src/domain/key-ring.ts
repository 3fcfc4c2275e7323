import type { Brand } from './brand.ts'
import type { SigningAlg } from './signing-alg.ts'
import type { NumericDate, Seconds } from './time.ts'
import { earlier, hasEnded, later } from './time.ts'

/** The RFC 7638 SHA-256 thumbprint of a public key. */
export type Kid = Brand<string, 'Kid'>

export function parseKid(text: string): Kid | undefined {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as Kid) : undefined
}

/**
 * What a key is for: access tokens (RFC 9068), Status List Tokens (draft-ietf-oauth-status-list), or
 * checkpoints of the audit trail. A key has one use and one `alg` for its whole life, so that what was signed for one purpose cannot be
 * taken for another. RFC 8725 §3.1, §3.12.
 */
export type KeyUse = 'access_token' | 'status_list' | 'audit_checkpoint'

/**
 * When a key was shown and when it begins to sign. What it is follows from these moments and from
 * its neighbours: `next` (shown, not signing), `active`, `retired` (shown until its last token has
 * died), gone. `revokedAt` ends it at once and for ever, whatever a clock says: one that is behind, or
 * was turned back, must not let it sign again.
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

/** The keys of one use and one algorithm, of which one signs at a time. */
export type Ring = { readonly use: KeyUse; readonly alg: SigningAlg }

/** The keys of one ring among all keys. */
export function keysOf<Key extends SigningKeyTimes>(
  keys: readonly Key[],
  { use, alg }: Ring,
): readonly Key[] {
  return keys.filter((key) => key.use === use && key.alg === alg)
}

/**
 * The key that signs: of those whose time has come, the latest. If that one is revoked nothing
 * signs, rather than an older key that has already been laid down.
 */
export function signingKey<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  { use, alg }: Ring,
  now: NumericDate,
): (Key & Started) | undefined {
  let latest: (Key & Started) | undefined
  for (const key of ring) {
    if (key.use !== use || key.alg !== alg || !hasStarted(key, now)) continue
    if (latest === undefined || isAfter(key, latest)) latest = key
  }
  return latest?.revokedAt === undefined ? latest : undefined
}

/** States what a key is at a moment. `keptFor` is how long a retired key is still published. */
export function stateOf(
  ring: readonly SigningKeyTimes[],
  key: SigningKeyTimes,
  { now, keptFor }: Moment,
): KeyState {
  if (key.revokedAt !== undefined) return 'revoked'
  if (!hasStarted(key, now)) return 'next'
  const { retiresAt, goneAt } = endsOf(ring, key, keptFor)
  if (!hasEnded(retiresAt, now)) return 'active'
  return hasEnded(goneAt, now) ? 'gone' : 'retired'
}

type Moment = { readonly now: NumericDate; readonly keptFor: Seconds }

/** When a key lays down its work, as far as that is known. */
export type KeyEnds = {
  /** When another key takes over from it. */
  readonly retiresAt: NumericDate | undefined
  /** When no token that it signed can be alive any more: nobody needs the key from then on. */
  readonly goneAt: NumericDate | undefined
}

export function endsOf(
  ring: readonly SigningKeyTimes[],
  key: SigningKeyTimes,
  keptFor: Seconds,
): KeyEnds {
  const retiresAt = begins(key) ? successorOf(ring, key) : undefined
  const last = earlier(retiresAt, key.revokedAt)
  return { retiresAt, goneAt: last && later(last, keptFor) }
}

/** The keys to publish: every next, active and retired one. */
export function publishedKeys<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  at: Moment,
): readonly Key[] {
  return ring.filter((key) => ['next', 'active', 'retired'].includes(stateOf(ring, key, at)))
}

/**
 * The keys whose last token has died: those that are gone, and those that were revoked so long ago.
 * Without them the others are what they were. So the revoked key that keeps an older one from being
 * taken up again stays until a later one signs.
 */
export function forgettableKeys<Key extends SigningKeyTimes>(
  ring: readonly Key[],
  at: Moment,
): readonly Key[] {
  return ring.filter((key) => {
    if (!hasEnded(endsOf(ring, key, at.keptFor).goneAt, at.now)) return false
    if (!hasStarted(key, at.now)) return true
    const signs = signingKey(ring, key, at.now)
    return signs !== undefined && isAfter(signs, key)
  })
}

type Started = { readonly signsFrom: NumericDate }

/** When another key takes over from this one. */
function successorOf(
  ring: readonly SigningKeyTimes[],
  key: SigningKeyTimes & Started,
): NumericDate | undefined {
  return keysOf(ring, key)
    .filter(begins)
    .filter((other) => isAfter(other, key))
    .map(({ signsFrom }) => signsFrom)
    .reduce<NumericDate | undefined>(earlier, undefined)
}

/** Of two keys that begin in the same second one takes over, and everyone agrees which. */
function isAfter(a: SigningKeyTimes & Started, b: SigningKeyTimes & Started): boolean {
  return a.signsFrom === b.signsFrom ? a.kid > b.kid : a.signsFrom > b.signsFrom
}

export function hasStarted<Key extends SigningKeyTimes>(
  key: Key,
  now: NumericDate,
): key is Key & Started {
  return begins(key) && key.signsFrom <= now
}

/** A key that was revoked before its time never takes over: the one before it goes on signing. */
function begins<Key extends SigningKeyTimes>(key: Key): key is Key & Started {
  return key.signsFrom !== undefined && !hasEnded(key.revokedAt, key.signsFrom)
}

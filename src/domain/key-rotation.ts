import { freshAgeMax } from './freshness.ts'
import type { Kid, Ring, SigningKeyTimes } from './key-ring.ts'
import { keysOf, signingKey } from './key-ring.ts'
import type { NumericDate, Seconds } from './time.ts'
import { later, seconds } from './time.ts'

/** A ring that is to have keys. */
export type WantedRing = Ring & {
  /** Its first key signs at once, because nobody can have kept a set of keys from before it. */
  readonly atOnce: boolean
}

/** How keys follow one another. */
export type RotationTimes = {
  /** How long a key signs. */
  readonly interval: Seconds
  /** How long a key is published, at the least, before it signs: by then everyone holds it. */
  readonly lead: Seconds
}

/** What has to be done in a ring now. */
export type Rotation = {
  /** A key that is published already begins to sign at a moment it did not know of. */
  readonly begins: { readonly kid: Kid; readonly signsFrom: NumericDate } | undefined
  /** New keys, from now on published: when each of them begins to sign, if that is known. */
  readonly announced: readonly { readonly signsFrom: NumericDate | undefined }[]
}

type Wishes = {
  readonly times: RotationTimes
  /** Which keys can be made to sign. */
  readonly isUsable: (key: SigningKeyTimes) => boolean
  readonly asked: Asked
}

/** What somebody asked for just now; `nothing` is a look that a process takes by itself. */
export type Asked = 'nothing' | 'rotation' | 'revocation'

/**
 * Decides what a ring needs now. The key that signs is succeeded after the interval by one that has
 * been published for the lead at least, and that is told the lead before. Then a new one is
 * announced, which waits without a date. So there is always a key that everyone holds already and
 * that an emergency can use at once.
 *
 * Where no key signs, the one that everyone holds soonest begins as soon as that is so. A moment that
 * was told stays, even if the settings are others by now: who told it may know of longer ones, for
 * which others keep a set without the key. Only a revocation of the key that signs brings it forward.
 */
export function decideRotation(
  keys: readonly SigningKeyTimes[],
  wanted: WantedRing,
  now: NumericDate,
  wishes: Wishes,
): Rotation {
  const ring = keysOf(keys, wanted)
  const { lead } = wishes.times
  const coming = ring.filter((key) => isComing(key, now) && wishes.isUsable(key))
  const from = neededFrom(ring, wanted, now, wishes)
  const mayHasten = isEmergency(ring, wanted, now, wishes)
  const successor =
    from && successorAmong(coming, { from, mayHasten }, (key) => heldFrom(ring, key, lead))
  const isWaiting = ({ kid, signsFrom }: SigningKeyTimes) =>
    signsFrom === undefined && kid !== successor?.kid

  const announced: { signsFrom: NumericDate | undefined }[] = []
  if (from !== undefined && successor === undefined) {
    const atOnce = ring.length === 0 && wanted.atOnce
    announced.push({ signsFrom: atOnce ? now : later(now, lead) })
  }
  if (!coming.some(isWaiting)) announced.push({ signsFrom: undefined })
  const begins = successor?.isNews === true ? successor : undefined
  return { begins: begins && { kid: begins.kid, signsFrom: begins.signsFrom }, announced }
}

/** The key that signed was revoked just now. */
function isEmergency(
  ring: readonly SigningKeyTimes[],
  wanted: Ring,
  now: NumericDate,
  { asked }: Wishes,
): boolean {
  return asked === 'revocation' && signingKey(ring, wanted, now) === undefined
}

function isComing({ signsFrom, revokedAt }: SigningKeyTimes, now: NumericDate): boolean {
  return revokedAt === undefined && (signsFrom === undefined || signsFrom > now)
}

/** The earliest moment at which another key is to sign, if it is time to say so. */
function neededFrom(
  ring: readonly SigningKeyTimes[],
  wanted: Ring,
  now: NumericDate,
  { times: { interval, lead }, asked }: Wishes,
): NumericDate | undefined {
  const signs = signingKey(ring, wanted, now)
  if (signs === undefined) return now
  const earliest = later(now, lead)
  return asked === 'rotation' || earliest >= later(signs.signsFrom, interval) ? earliest : undefined
}

/**
 * When everyone holds a key. One that was announced together with the first of its ring, which signed
 * at once, is in every set of keys that has that one.
 */
function heldFrom(
  ring: readonly SigningKeyTimes[],
  { announcedAt }: SigningKeyTimes,
  lead: Seconds,
): NumericDate {
  const isWithFirst = ring.some(
    (key) => key.announcedAt === announcedAt && key.signsFrom === announcedAt,
  )
  return isWithFirst ? announcedAt : later(announcedAt, lead)
}

/** The key that can begin first, and when; what was planned already stays, unless it is hastened. */
function successorAmong(
  coming: readonly SigningKeyTimes[],
  { from, mayHasten }: { readonly from: NumericDate; readonly mayHasten: boolean },
  heldByAllFrom: (key: SigningKeyTimes) => NumericDate,
) {
  const told = mayHasten ? [] : coming.filter(({ signsFrom }) => signsFrom !== undefined)
  const candidates = told.length > 0 ? told : coming
  const [first] = candidates
    .map((key) => {
      const { kid, announcedAt, signsFrom: planned } = key
      const held = heldByAllFrom(key)
      const possible = held > from ? held : from
      const isNews = planned === undefined || (mayHasten && possible < planned)
      return { kid, signsFrom: isNews ? possible : planned, isNews, announcedAt }
    })
    .toSorted(
      (a, b) =>
        a.signsFrom - b.signsFrom ||
        Number(a.isNews) - Number(b.isNews) ||
        a.announcedAt - b.announcedAt ||
        (a.kid < b.kid ? -1 : 1),
    )
  return first
}

/** How the keys of a server live: what its settings and its code come to. */
export type KeyRules = RotationTimes & {
  /** How long a retired key is published: until its last token has died. */
  readonly keptFor: Seconds
}

type KeySettings = {
  readonly rotationInterval: Seconds
  /** What is added to what must be, for clocks that differ and for slow readers. */
  readonly rotationMargin: Seconds
  /** How long others keep the published keys. */
  readonly jwksMaxAge: Seconds
  /** How long a process goes on without the change log. */
  readonly maxStale: Seconds
}

/** A process that believes its memory is fresh knows of everything that is older than this. */
const freshMax = seconds(Math.ceil(freshAgeMax / 1000))
/** How far the clocks of those who sign and verify may differ. */
const clockSkewMax = seconds(60)

/**
 * Everyone holds a key when it has been published for as long as others keep the keys, and as long as
 * a process that hears nothing may still hand out a set without it. And no token lives longer than the
 * cap; a process that hears nothing may go on signing with a key that has a successor.
 */
export function keyRules(
  { rotationInterval, rotationMargin, jwksMaxAge, maxStale }: KeySettings,
  tokenLifetimeMax: Seconds,
): KeyRules {
  const unheardMax = Math.max(maxStale, freshMax)
  return {
    interval: rotationInterval,
    lead: seconds(jwksMaxAge + unheardMax + rotationMargin),
    keptFor: seconds(tokenLifetimeMax + unheardMax + clockSkewMax),
  }
}

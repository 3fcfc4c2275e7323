import type { Seconds } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import { lru } from './lru.ts'

/** How many failures a caller has in hand, and how many it gets back each second. */
export type Allowance = { readonly burst: number; readonly perSecond: number }

export type Limiter = {
  /** Takes a try, which counts as a failure; how long until there is one, if none is left. */
  readonly take: (key: string) => Seconds | undefined
  /** Gives back a try that was no failure. */
  readonly giveBack: (key: string) => void
}

type Bucket = { left: number; at: number }

const bucketsMax = 20_000

/**
 * Counts failures per key. A try counts when it begins, so that many at the same moment are no more
 * than many one after the other. A key not seen for long has all its allowance back and is
 * forgotten.
 */
export function limiter({ burst, perSecond }: Allowance, clock: Clock): Limiter {
  const buckets = lru<string, Bucket>(bucketsMax)
  const refilled = (key: string): Bucket => {
    const at = clock.monotonic()
    const { left, at: before } = buckets.get(key) ?? { left: burst, at }
    return { left: Math.min(burst, left + ((at - before) / 1000) * perSecond), at }
  }
  return {
    take: (key) => {
      const { left, at } = refilled(key)
      if (left < 1) return seconds(Math.ceil((1 - left) / perSecond))
      buckets.set(key, { left: left - 1, at })
      return undefined
    },
    giveBack: (key) => {
      const { left, at } = refilled(key)
      buckets.set(key, { left: Math.min(burst, left + 1), at })
    },
  }
}

/** The network of an address: an IPv6 caller owns a /64, so that is what counts. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  const whole = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0')]
  if (tail !== undefined)
    whole.push(...tail.split(':').map((group) => (group === '' ? '0' : group)))
  return whole.slice(0, 4).join(':')
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kid, SigningKeyTimes } from '../../src/domain/key-ring.ts'
import {
  endsOf,
  forgettableKeys,
  keysOf,
  parseKid,
  publishedKeys,
  signingKey,
  stateOf,
} from '../../src/domain/key-ring.ts'
import { numericDate, seconds } from '../../src/domain/time.ts'
import { made } from './specimens.ts'

const es256 = { use: 'access_token', alg: 'ES256' } as const
const timeMax = 40

function kid(index: number): Kid {
  return made(parseKid(String(index).padStart(43, 'k')))
}

function key(index: number, signsFrom?: number, revokedAt?: number): SigningKeyTimes {
  return {
    ...es256,
    kid: kid(index),
    announcedAt: numericDate(0),
    signsFrom: signsFrom === undefined ? undefined : numericDate(signsFrom),
    revokedAt: revokedAt === undefined ? undefined : numericDate(revokedAt),
  }
}

const moment = fc.nat(timeMax)
const maybe = fc.option(fc.nat(timeMax), { nil: undefined })
const rings = fc
  .array(fc.tuple(maybe, fc.option(fc.nat(timeMax), { nil: undefined, freq: 2 })), { maxLength: 5 })
  .map((times) => times.map(([signsFrom, revokedAt], index) => key(index, signsFrom, revokedAt)))
const kept = fc.integer({ min: 0, max: 15 }).map(seconds)

describe('a key ring', () => {
  it('has at most one active key, and that one signs and was never revoked', () => {
    fc.assert(
      fc.property(rings, moment, kept, (ring, at, keptFor) => {
        const now = numericDate(at)
        const active = ring.filter((one) => stateOf(ring, one, { now, keptFor }) === 'active')
        const signs = signingKey(ring, es256, now)
        expect(active).toEqual(signs === undefined ? [] : [signs])
        expect(signs?.revokedAt).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })

  it('signs with the latest of the keys whose time has come', () => {
    fc.assert(
      fc.property(rings, moment, (ring, at) => {
        const unrevoked = ring.filter((one) => one.revokedAt === undefined)
        const starts = unrevoked
          .map((one) => one.signsFrom ?? Infinity)
          .filter((from) => from <= at)
        const signs = signingKey(unrevoked, es256, numericDate(at))
        expect(signs?.signsFrom).toBe(starts.length === 0 ? undefined : Math.max(...starts))
      }),
    )
  })

  it('is the same in whatever order its keys are', () => {
    const shuffled = rings.chain((ring) =>
      fc.tuple(fc.constant(ring), fc.shuffledSubarray(ring, { minLength: ring.length })),
    )
    fc.assert(
      fc.property(shuffled, moment, kept, ([ring, other], at, keptFor) => {
        const now = numericDate(at)
        expect(signingKey(other, es256, now)).toEqual(signingKey(ring, es256, now))
        for (const one of ring) {
          expect(stateOf(other, one, { now, keptFor })).toBe(stateOf(ring, one, { now, keptFor }))
        }
      }),
    )
  })

  it('publishes a key for as long as a token that it signed can live', () => {
    fc.assert(
      fc.property(rings, moment, moment, kept, (ring, signedAt, age, lifetime) => {
        const signs = signingKey(ring, es256, numericDate(signedAt))
        fc.pre(signs !== undefined && age < lifetime)
        const now = numericDate(signedAt + age)
        expect(publishedKeys(ring, { now, keptFor: lifetime })).toContain(made(signs))
      }),
      { numRuns: 1000 },
    )
  })

  it('publishes a key before it signs, and every key that is neither gone nor revoked', () => {
    fc.assert(
      fc.property(rings, moment, kept, (ring, at, keptFor) => {
        const now = numericDate(at)
        const published = publishedKeys(ring, { now, keptFor })
        for (const one of ring) {
          const state = stateOf(ring, one, { now, keptFor })
          expect(published.includes(one)).toBe(state !== 'gone' && state !== 'revoked')
          const waits = (one.signsFrom ?? Infinity) > now && one.revokedAt === undefined
          expect(state === 'next').toBe(waits)
        }
      }),
    )
  })

  it('never takes up again a key that it has laid down', () => {
    const order = ['next', 'active', 'retired', 'gone', 'revoked']
    fc.assert(
      fc.property(rings, kept, (ring, keptFor) => {
        for (const one of ring) {
          const ages = Array.from({ length: timeMax + 16 }, (_, at) =>
            order.indexOf(stateOf(ring, one, { now: numericDate(at), keptFor })),
          )
          expect(ages).toEqual(ages.toSorted((a, b) => a - b))
        }
      }),
    )
  })

  it('moves a key through its states at the seconds it says', () => {
    const first = key(1, 10)
    const second = key(2, 20)
    const ring = [first, second]
    const state = (one: SigningKeyTimes, at: number) =>
      stateOf(ring, one, { now: numericDate(at), keptFor: seconds(5) })
    expect([9, 10, 19, 20, 24, 25].map((at) => state(first, at))).toEqual([
      'next',
      'active',
      'active',
      'retired',
      'retired',
      'gone',
    ])
    expect([19, 20, 99].map((at) => state(second, at))).toEqual(['next', 'active', 'active'])
  })

  it('counts the retirement of a key from its first successor, not from a later one', () => {
    const ring = [key(1, 10), key(3, 30), key(2, 20)]
    const at = { now: numericDate(30), keptFor: seconds(5) }
    expect(ring.map((one) => stateOf(ring, one, at))).toEqual(['gone', 'active', 'retired'])
  })

  it('lets nothing sign once the active key is revoked, until the next begins', () => {
    const revoked = key(2, 20, 25)
    const ring = [key(1, 10), revoked, key(3, 30)]
    const signs = (at: number) => signingKey(ring, es256, numericDate(at))
    expect(signs(25)).toBeUndefined()
    expect(signs(29)).toBeUndefined()
    expect(signs(30)).toBe(ring[2])
    expect(publishedKeys(ring, { now: numericDate(26), keptFor: seconds(9) })).toEqual([
      ring[0],
      ring[2],
    ])
  })

  it('goes on with the key it has if the next one is revoked before its time', () => {
    const active = key(1, 10)
    for (const revokedAt of [15, 20]) {
      const ring = [active, key(2, 20, revokedAt)]
      expect(signingKey(ring, es256, numericDate(20))).toBe(active)
      expect(stateOf(ring, active, { now: numericDate(99), keptFor: seconds(0) })).toBe('active')
    }
  })

  it('has one key to sign even if two begin in the same second', () => {
    const ring = [key(2, 10), key(1, 10)]
    const at = { now: numericDate(10), keptFor: seconds(5) }
    expect(signingKey(ring, es256, at.now)).toBe(ring[0])
    expect(ring.map((one) => stateOf(ring, one, at))).toEqual(['active', 'retired'])
  })

  it('keeps the keys of another use or algorithm apart', () => {
    const mine = key(1, 10)
    const others = [
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- another algorithm
      { ...key(2, 20), alg: 'other' as SigningKeyTimes['alg'] },
      { ...key(3, 30), use: 'status_list' as const },
    ]
    const ring = [mine, ...others]
    expect(keysOf(ring, es256)).toEqual([mine])
    const at = { now: numericDate(40), keptFor: seconds(0) }
    expect(signingKey(ring, es256, at.now)).toBe(mine)
    expect(ring.map((one) => stateOf(ring, one, at))).toEqual(['active', 'active', 'active'])
  })

  it('says when a key lays down its work, as soon as that is known', () => {
    const ring = [
      key(1, 10),
      key(2, 20),
      key(3, 30, 40),
      key(4),
      key(5, 35, 33),
      key(6, undefined, 7),
    ]
    expect(ring.map((one) => endsOf(ring, one, seconds(5)))).toEqual([
      { retiresAt: 20, goneAt: 25 },
      { retiresAt: 30, goneAt: 35 },
      { retiresAt: undefined, goneAt: 45 },
      { retiresAt: undefined, goneAt: undefined },
      { retiresAt: undefined, goneAt: 38 },
      { retiresAt: undefined, goneAt: 12 },
    ])
  })

  it('says the same end as its states show', () => {
    fc.assert(
      fc.property(rings, kept, (ring, keptFor) => {
        for (const one of ring) {
          const { goneAt } = endsOf(ring, one, keptFor)
          const published = Array.from({ length: 2 * timeMax }, (_, at) =>
            publishedKeys(ring, { now: numericDate(at), keptFor }).includes(one),
          )
          const end = one.revokedAt === undefined ? (goneAt ?? Infinity) : 0
          expect(published).toEqual(published.map((_, at) => at < end))
        }
      }),
    )
  })

  it('can forget what nobody needs: all else stays as it was, for good', () => {
    fc.assert(
      fc.property(rings, moment, kept, (ring, at, keptFor) => {
        const forgotten = forgettableKeys(ring, { now: numericDate(at), keptFor })
        const rest = ring.filter((one) => !forgotten.includes(one))
        for (let later = at; later <= timeMax + 16; later += 1) {
          const now = numericDate(later)
          expect(publishedKeys(rest, { now, keptFor })).toEqual(
            publishedKeys(ring, { now, keptFor }),
          )
          expect(signingKey(rest, es256, now)).toBe(signingKey(ring, es256, now))
          for (const one of rest) {
            expect(stateOf(rest, one, { now, keptFor })).toBe(stateOf(ring, one, { now, keptFor }))
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('forgets every key in the end but the one that signs and those that wait', () => {
    fc.assert(
      fc.property(rings, kept, (ring, keptFor) => {
        const now = numericDate(timeMax + 16)
        const signs = signingKey(ring, es256, now)
        const forgotten = forgettableKeys(ring, { now, keptFor })
        if (signs === undefined) return
        expect(ring.filter((one) => !forgotten.includes(one))).toEqual(
          ring.filter((one) => one === signs || stateOf(ring, one, { now, keptFor }) === 'next'),
        )
      }),
    )
  })

  it('remembers a revoked key while no later one signs, so that none before it is taken up', () => {
    const ring = [key(1, 10), key(2, 20, 25)]
    const at = { now: numericDate(99), keptFor: seconds(5) }
    expect(forgettableKeys(ring, at)).toEqual([])
    expect(forgettableKeys([...ring, key(3, 99)], at)).toEqual(ring)
    expect(forgettableKeys([...ring, key(3, 100)], at)).toEqual([])
  })
})

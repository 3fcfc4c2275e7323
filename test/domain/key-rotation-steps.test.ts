import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kid } from '../../src/domain/key-ring.ts'
import {
  forgettableKeys,
  keysOf,
  publishedKeys,
  signingKey,
  stateOf,
} from '../../src/domain/key-ring.ts'
import type { Asked, RotationTimes } from '../../src/domain/key-rotation.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { later, seconds } from '../../src/domain/time.ts'
import type { Ring } from './key-keeper.ts'
import { at, keeper, lists, revoke, start, tokens } from './key-keeper.ts'

type Step = {
  readonly after: number
  readonly what: 'look' | 'ask' | 'revoke' | 'revoke active' | 'forget'
  readonly which: number
}

const step: fc.Arbitrary<Step> = fc.record({
  after: fc.nat(25),
  what: fc.constantFrom('look', 'look', 'ask', 'revoke', 'revoke active', 'forget'),
  which: fc.nat(9),
})
const quietStep = step.filter(({ what }) => !what.startsWith('revoke'))
const someTimes = fc
  .record({ lead: fc.integer({ min: 1, max: 12 }), longer: fc.integer({ min: 1, max: 20 }) })
  .map(({ lead, longer }) => ({ lead: seconds(lead), interval: seconds(lead + longer) }))
const keptFor = seconds(15)

/** Plays steps on two rings, second by second; `seen` sees both after each second. */
function play(
  rotation: RotationTimes,
  steps: readonly Step[],
  seen: (all: Ring, now: NumericDate) => void,
): Ring {
  const decide = keeper(rotation)
  let all: Ring = []
  let now = at(0)
  const look = (asked: Asked = 'nothing') => {
    all = decide(decide(all, tokens, now, asked), lists, now)
  }
  look()
  seen(all, now)
  for (const { after, what, which } of steps) {
    for (let passed = 0; passed < after; passed += 1) {
      now = later(now, seconds(1))
      seen(all, now)
    }
    const unrevoked = keysOf(all, tokens).filter((key) => key.revokedAt === undefined)
    const active = signingKey(all, tokens, now)
    const target = what === 'revoke active' ? active : unrevoked[which % unrevoked.length]
    if (what.startsWith('revoke') && target !== undefined) all = revoke(all, target.kid, now)
    if (what === 'forget') {
      const gone = forgettableKeys(all, { now, keptFor })
      all = all.filter((key) => !gone.includes(key))
    }
    look(askedBy(what))
    seen(all, now)
  }
  return all
}

function askedBy(what: Step['what']): Asked {
  if (what === 'ask') return 'rotation'
  return what.startsWith('revoke') ? 'revocation' : 'nothing'
}

describe('whatever is asked, revoked or forgotten, and whenever somebody looks', () => {
  it('one key of a ring signs at most, and it has been published for the lead', () => {
    fc.assert(
      fc.property(someTimes, fc.array(step, { maxLength: 30 }), (rotation, steps) => {
        const publishedSince = new Map<Kid, number>()
        play(rotation, steps, (all, now) => {
          for (const { kid: each } of publishedKeys(all, { now, keptFor })) {
            if (!publishedSince.has(each)) publishedSince.set(each, now)
          }
          for (const wanted of [tokens, lists]) {
            const ring = keysOf(all, wanted)
            const active = ring.filter((key) => stateOf(all, key, { now, keptFor }) === 'active')
            expect(active.length).toBeLessThanOrEqual(1)
            for (const { kid: each } of active) {
              const isFirst = wanted.atOnce && publishedSince.get(each) === at(0)
              const heldFor = now - (publishedSince.get(each) ?? Infinity)
              expect(isFirst || heldFor >= rotation.lead).toBe(true)
            }
          }
        })
      }),
      { numRuns: 300 },
    )
  })

  it('a key is published as long as a token that it signed can live, unless it is revoked', () => {
    fc.assert(
      fc.property(someTimes, fc.array(step, { maxLength: 30 }), (rotation, steps) => {
        const signedLast = new Map<Kid, number>()
        play(rotation, steps, (all, now) => {
          const published = new Set(publishedKeys(all, { now, keptFor }).map((key) => key.kid))
          const needed = [...signedLast].flatMap(([each, when]) => {
            const isRevoked = all.some((key) => key.kid === each && key.revokedAt !== undefined)
            return now < when + keptFor && !isRevoked ? [each] : []
          })
          expect(needed.filter((each) => !published.has(each))).toEqual([])
          const active = signingKey(all, tokens, now)
          if (active !== undefined) signedLast.set(active.kid, now)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('a next key always waits in each ring', () => {
    fc.assert(
      fc.property(someTimes, fc.array(step, { maxLength: 30 }), (rotation, steps) => {
        play(rotation, steps, (all) => {
          for (const wanted of [tokens, lists]) {
            const waiting = keysOf(all, wanted).filter(
              ({ signsFrom, revokedAt }) => signsFrom === undefined && revokedAt === undefined,
            )
            expect(waiting.length).toBeGreaterThanOrEqual(1)
          }
        })
      }),
      { numRuns: 200 },
    )
  })

  it('a key signs at every moment, and another is held by everyone, unless keys are revoked', () => {
    fc.assert(
      fc.property(someTimes, fc.array(quietStep, { maxLength: 30 }), (rotation, steps) => {
        play(rotation, steps, (all, now) => {
          expect(signingKey(all, tokens, now)).toBeDefined()
          const held = keysOf(all, tokens).filter(
            (key) =>
              stateOf(all, key, { now, keptFor }) === 'next' &&
              key.announcedAt + rotation.lead <= now,
          )
          const isEarly = now < start + rotation.lead
          expect(isEarly || held.length > 0).toBe(true)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('a moment that was told stays, unless keys are revoked', () => {
    fc.assert(
      fc.property(someTimes, fc.array(quietStep, { maxLength: 30 }), (rotation, steps) => {
        const told = new Map<Kid, NumericDate>()
        play(rotation, steps, (all, now) => {
          for (const { kid: each, signsFrom } of all) {
            if (signsFrom === undefined) continue
            const isInTime = told.has(each) || now === start || signsFrom >= now + rotation.lead
            expect(isInTime).toBe(true)
            expect(told.get(each) ?? signsFrom).toBe(signsFrom)
            told.set(each, signsFrom)
          }
        })
      }),
      { numRuns: 200 },
    )
  })

  it('a moment that was told stays whatever settings a process looks with', () => {
    const looks = fc.array(
      fc.record({
        times: someTimes,
        after: fc.nat(25),
        asked: fc.constantFrom<Asked>('nothing', 'nothing', 'rotation'),
        revoked: fc.option(fc.nat(9)),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(someTimes, looks, (rotation, steps) => {
        let now = at(0)
        const settings = { ...rotation }
        const decide = keeper(settings)
        let all = decide(decide([], tokens, now), lists, now)
        for (const { times, after, asked, revoked } of steps) {
          now = later(now, seconds(after))
          const target = revoked === null ? undefined : all[revoked % all.length]
          if (target !== undefined) {
            all = revoke(all, target.kid, now)
            all = decide(all, target.use === 'status_list' ? lists : tokens, now, 'revocation')
          }
          const before = all
          Object.assign(settings, times)
          all = decide(decide(all, lists, now, asked), tokens, now, asked)
          for (const { kid: each, signsFrom } of before) {
            if (signsFrom === undefined) continue
            expect(all.find((key) => key.kid === each)?.signsFrom).toBe(signsFrom)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('a key signs for the interval if somebody looks every second', () => {
    fc.assert(
      fc.property(someTimes, (rotation) => {
        const steps = Array.from(
          { length: 120 },
          () => ({ after: 1, what: 'look', which: 0 }) as const,
        )
        const ring = keysOf(
          play(rotation, steps, () => undefined),
          tokens,
        )
        const starts = ring.flatMap(({ signsFrom }) => (signsFrom === undefined ? [] : [signsFrom]))
        expect(starts.map((from) => from - start)).toEqual(
          starts.map((_, index) => index * rotation.interval),
        )
        expect(starts.length).toBeGreaterThan(2)
      }),
      { numRuns: 50 },
    )
  })
})

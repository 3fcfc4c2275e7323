import { describe, expect, it } from 'vitest'
import { signingKey } from '../../src/domain/key-ring.ts'
import { decideRotation, keyRules } from '../../src/domain/key-rotation.ts'
import { seconds } from '../../src/domain/time.ts'
import type { Ring } from './key-keeper.ts'
import { at, keeper, kid, lists, revoke, tokens } from './key-keeper.ts'
import { made } from './specimens.ts'

const times = { interval: seconds(100), lead: seconds(30) }

function key(index: number, announced: number, signs?: number) {
  return {
    use: tokens.use,
    alg: tokens.alg,
    kid: kid(index),
    announcedAt: at(announced),
    signsFrom: signs === undefined ? undefined : at(signs),
    revokedAt: undefined,
  }
}

function begins(...ring: Ring) {
  return decideRotation(ring, tokens, at(0), { times, isUsable: () => true, asked: 'revocation' })
    .begins
}

describe('the keys of a ring', () => {
  it('begin with one that signs at once and one that waits', () => {
    const ring = keeper(times)([], tokens, at(0))
    expect(ring.map(({ announcedAt, signsFrom }) => [announcedAt, signsFrom])).toEqual([
      [at(0), at(0)],
      [at(0), undefined],
    ])
  })

  it('begin to sign only when everyone holds the first, where others hold an older set', () => {
    const ring = keeper(times)([], lists, at(0))
    expect(ring.map(({ signsFrom }) => signsFrom)).toEqual([at(30), undefined])
    expect(keeper(times)(ring, lists, at(10))).toEqual(ring)
  })

  it('succeed each other after the interval, at a moment told the lead before', () => {
    const decide = keeper(times)
    let ring = decide([], tokens, at(0))
    const [first, second] = ring
    ring = decide(ring, tokens, at(69))
    expect(ring).toHaveLength(2)
    ring = decide(ring, tokens, at(70))
    expect(ring).toMatchObject([
      { kid: first?.kid, signsFrom: at(0) },
      { kid: second?.kid, signsFrom: at(100) },
      { announcedAt: at(70), signsFrom: undefined },
    ])
    expect(decide(ring, tokens, at(99))).toEqual(ring)
    expect(decide(ring, tokens, at(169))).toEqual(ring)
    expect(decide(ring, tokens, at(170))[2]?.signsFrom).toBe(at(200))
  })

  it('are told the lead before too if nobody looked for long', () => {
    const decide = keeper(times)
    const ring = decide(decide([], tokens, at(0)), tokens, at(1000))
    expect(ring[1]?.signsFrom).toBe(at(1030))
  })

  it('succeed each other when that is asked for, once', () => {
    const decide = keeper(times)
    const ring = decide(decide([], tokens, at(0)), tokens, at(40), 'rotation')
    expect(ring.map(({ signsFrom }) => signsFrom)).toEqual([at(0), at(70), undefined])
    expect(decide(ring, tokens, at(41), 'rotation')).toEqual(ring)
  })

  it('let the key that waits begin at once when the one that signs is revoked', () => {
    const decide = keeper(times)
    const ring = decide([], tokens, at(0))
    const [first, second] = ring
    const after = decide(revoke(ring, made(first).kid, at(50)), tokens, at(50), 'revocation')
    expect(after).toMatchObject([
      {},
      { kid: second?.kid, signsFrom: at(50) },
      { announcedAt: at(50) },
    ])
    expect(signingKey(after, tokens, at(50))?.kid).toBe(second?.kid)
  })

  it('let a key begin at once that was announced with the first of all', () => {
    const decide = keeper(times)
    let ring = decide([], tokens, at(0))
    ring = decide(revoke(ring, made(ring[0]).kid, at(10)), tokens, at(10), 'revocation')
    expect(ring[1]?.signsFrom).toBe(at(10))
    ring = decide(revoke(ring, made(ring[1]).kid, at(12)), tokens, at(12), 'revocation')
    expect(ring[2]?.signsFrom).toBe(at(40))
  })

  it('let a key that has its moment already begin sooner in an emergency', () => {
    const decide = keeper(times)
    const planned = decide(decide([], tokens, at(0)), tokens, at(75))
    const [first, second] = planned
    const after = decide(revoke(planned, made(first).kid, at(80)), tokens, at(80), 'revocation')
    expect(after).toMatchObject([
      {},
      { kid: second?.kid, signsFrom: at(80) },
      { signsFrom: undefined },
    ])
    expect(after).toHaveLength(3)
  })

  it('begin when it was told, whatever settings a process looks with', () => {
    const shorter = { interval: seconds(20), lead: seconds(5) }
    const first = keeper(times)([], lists, at(0))
    expect(keeper(shorter)(first, lists, at(6))).toEqual(first)
    const planned = keeper(times)(keeper(times)([], tokens, at(0)), tokens, at(70))
    expect(keeper(shorter)(planned, tokens, at(76))).toEqual(planned)
    expect(keeper(shorter)(planned, tokens, at(76), 'rotation')).toEqual(planned)
  })

  it('let none begin before everyone holds it, not even in an emergency', () => {
    const decide = keeper(times)
    let ring = decide([], tokens, at(0))
    ring = decide(revoke(ring, made(ring[0]).kid, at(50)), tokens, at(50), 'revocation')
    ring = decide(revoke(ring, made(ring[1]).kid, at(51)), tokens, at(51), 'revocation')
    expect(ring[2]).toMatchObject({ announcedAt: at(50), signsFrom: at(80) })
    expect(decide(ring, tokens, at(60))).toEqual(ring)
    expect([79, 80].map((now) => signingKey(ring, tokens, at(now))?.kid)).toEqual([
      undefined,
      ring[2]?.kid,
    ])
  })

  it('are replaced when all of them were revoked', () => {
    const decide = keeper(times)
    let ring = decide([], tokens, at(0))
    for (const { kid: each } of ring) ring = revoke(ring, each, at(50))
    expect(decide(ring, tokens, at(50)).slice(2)).toMatchObject([
      { announcedAt: at(50), signsFrom: at(80) },
      { announcedAt: at(50), signsFrom: undefined },
    ])
  })

  it('have another one announced when the one that waits is revoked', () => {
    const decide = keeper(times)
    const ring = decide([], tokens, at(0))
    const after = decide(revoke(ring, made(ring[1]).kid, at(50)), tokens, at(50), 'revocation')
    expect(after.map(({ signsFrom }) => signsFrom)).toEqual([at(0), undefined, undefined])
    expect(decide(after, tokens, at(51))).toEqual(after)
  })

  it('have another one announced even if one with a moment is there', () => {
    const decide = keeper(times)
    const planned = decide(decide([], tokens, at(0)), tokens, at(40), 'rotation')
    const after = decide(
      revoke(planned, made(planned[2]).kid, at(41)),
      tokens,
      at(41),
      'revocation',
    )
    expect(after.map(({ signsFrom }) => signsFrom)).toEqual([at(0), at(70), undefined, undefined])
  })

  it('plan the next rotation in the very second of one, if they must', () => {
    const decide = keeper({ interval: seconds(30), lead: seconds(30) })
    const ring = decide(decide([], tokens, at(0)), tokens, at(1))
    expect(ring[1]?.signsFrom).toBe(at(31))
    expect(decide(ring, tokens, at(31))[2]?.signsFrom).toBe(at(61))
  })

  it('need nothing while one signs and another waits', () => {
    const ring = keeper(times)([], tokens, at(0))
    const wishes = { times, isUsable: () => true, asked: 'nothing' as const }
    expect(decideRotation(ring, tokens, at(1), wishes)).toStrictEqual({
      begins: undefined,
      announced: [],
    })
    expect(decideRotation(ring.slice(0, 1), tokens, at(1), wishes)).toStrictEqual({
      begins: undefined,
      announced: [{ signsFrom: undefined }],
    })
  })

  it('never are made to sign if they cannot be opened', () => {
    const ring = keeper(times)([], tokens, at(0))
    const foreign = made(ring[1]).kid
    const decide = keeper(times, ({ kid: one }) => one !== foreign)
    const after = decide(ring, tokens, at(70))
    expect(after[1]?.signsFrom).toBeUndefined()
    expect(after.slice(2)).toMatchObject([
      { announcedAt: at(70), signsFrom: at(100) },
      { announcedAt: at(70), signsFrom: undefined },
    ])
  })

  it('take the one that everyone holds soonest, and of equals the one that has its moment', () => {
    expect(begins(key(1, -10), key(2, -20))).toEqual({ kid: kid(2), signsFrom: at(10) })
    expect(begins(key(1, -60), key(2, -50))).toEqual({ kid: kid(1), signsFrom: at(0) })
    expect(begins(key(2, -60), key(1, -50))).toEqual({ kid: kid(2), signsFrom: at(0) })
    expect(begins(key(1, -10), key(2, -10, 20))).toBeUndefined()
    expect(begins(key(2, -10, 20), key(1, -10))).toBeUndefined()
    expect(begins(key(2, -10, 21), key(3, -9))).toEqual({ kid: kid(2), signsFrom: at(20) })
    const equal = [key(1, -10), key(2, -10)].toSorted((a, b) => (a.kid < b.kid ? -1 : 1))
    expect(begins(...equal)?.kid).toBe(equal[0]?.kid)
    expect(begins(...equal.toReversed())?.kid).toBe(equal[0]?.kid)
  })
})

describe('the rules that settings come to', () => {
  const settings = {
    rotationInterval: seconds(1000),
    rotationMargin: seconds(7),
    jwksMaxAge: seconds(50),
    maxStale: seconds(300),
  }

  it('let everyone hold a key before it signs, and keep it until its last token has died', () => {
    expect(keyRules(settings, seconds(3600))).toEqual({
      interval: 1000,
      lead: 50 + 300 + 7,
      keptFor: 3600 + 300 + 60,
    })
  })

  it('count with the 2 seconds for which a process may believe its memory', () => {
    expect(keyRules({ ...settings, maxStale: seconds(0) }, seconds(3600))).toEqual({
      interval: 1000,
      lead: 50 + 2 + 7,
      keptFor: 3600 + 2 + 60,
    })
  })
})

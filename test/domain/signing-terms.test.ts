import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kid, SigningKeyTimes } from '../../src/domain/key-ring.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { parseSigningAlg, signingAlgs } from '../../src/domain/signing-alg.ts'
import type { SigningTerms } from '../../src/domain/signing-terms.ts'
import { accessTokenKey, decideSigningTerms } from '../../src/domain/signing-terms.ts'
import { numericDate } from '../../src/domain/time.ts'

let made = 0
function key(alg: SigningAlg, signsFrom?: number, revokedAt?: number): SigningKeyTimes {
  return {
    kid: `key ${(made += 1)}` as Kid,
    use: 'access_token',
    alg,
    announcedAt: numericDate(0),
    signsFrom: signsFrom === undefined ? undefined : numericDate(signsFrom),
    revokedAt: revokedAt === undefined ? undefined : numericDate(revokedAt),
  }
}

const now = numericDate(100)
const old = key('ES256', 1)
const switched: SigningTerms = { signingAlg: 'RS256', signingAlgBefore: 'ES256' }
const created: SigningTerms = { signingAlg: 'RS256', signingAlgBefore: undefined }

describe('an algorithm', () => {
  it('is known by its one name', () => {
    expect(signingAlgs.map(parseSigningAlg)).toEqual(signingAlgs)
    for (const text of ['', 'none', 'HS256', 'EdDSA', 'es256', 'RS512', 'ML-DSA-65', 'toString']) {
      expect(parseSigningAlg(text)).toBeUndefined()
    }
  })
})

describe('the key that signs a token of an API', () => {
  it('is one of its algorithm', () => {
    const own = key('RS256', 50)
    expect(accessTokenKey([old, own], created, now)).toBe(own)
    expect(accessTokenKey([old, own], switched, now)).toBe(own)
  })

  it('is one of the algorithm before until the first of the new one begins', () => {
    for (const ring of [[old], [old, key('RS256')], [old, key('RS256', 101)]]) {
      expect(accessTokenKey(ring, switched, now)).toBe(old)
      expect(accessTokenKey(ring, created, now)).toBeUndefined()
    }
    expect(accessTokenKey([old, key('RS256', 90, 80)], switched, now)).toBe(old)
  })

  it('is none of the algorithm before once the new one has signed, though it be revoked', () => {
    expect(accessTokenKey([old, key('RS256', 50, 60)], switched, now)).toBeUndefined()
  })

  it('is the very first where the clock stands before the time of all', () => {
    const [first, second] = [key('ES256', 150), key('ES256', 200)]
    const terms = { signingAlg: 'ES256', signingAlgBefore: undefined } as const
    expect(accessTokenKey([second, first, key('ES256')], terms, now)).toBe(first)
    expect(accessTokenKey([second, key('RS256', 300)], switched, now)).toBe(second)
    // One that was revoked, by whatever clock, never signs again.
    expect(accessTokenKey([key('ES256', 150, 160), second], terms, now)).toBe(second)
    expect(accessTokenKey([key('ES256', 50, 60), second], terms, now)).toBeUndefined()
  })

  it('is never one of an algorithm that the API did not choose', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...signingAlgs),
        fc.option(fc.constantFrom(...signingAlgs), { nil: undefined }),
        (signingAlg, signingAlgBefore) => {
          const ring = signingAlgs.map((alg) => key(alg, 1))
          const found = accessTokenKey(ring, { signingAlg, signingAlgBefore }, now)
          expect(found?.alg).toBe(signingAlg)
        },
      ),
    )
  })
})

function decide(
  signingAlg: SigningAlg,
  ring: readonly SigningKeyTimes[],
  { current, waiting = [] }: { current?: SigningTerms; waiting?: readonly SigningAlg[] } = {},
) {
  const wanted = waiting.map((alg) => ({ alg, atOnce: false }))
  const wish = current === undefined ? { signingAlg } : { signingAlg, current }
  return decideSigningTerms(wish, ring, wanted, now).signingAlgBefore
}

describe('what the tokens of an API are signed with', () => {
  it('is its algorithm alone if nobody else waits for that', () => {
    expect(decide('RS256', [old])).toBeUndefined()
    expect(decide('RS256', [old, key('RS256', 50)])).toBeUndefined()
    expect(decide('RS256', [old, key('RS256', 50)], { waiting: ['RS256'] })).toBeUndefined()
    expect(decide('ES256', [])).toBeUndefined()
  })

  it('is the default as long as others wait for its algorithm', () => {
    expect(decide('RS256', [old, key('RS256', 101), key('RS256')])).toBe('ES256')
    expect(decide('RS256', [old], { waiting: ['RS256'] })).toBe('ES256')
  })

  it('stays what it was until the new one begins', () => {
    const current: SigningTerms = { signingAlg: 'ES256', signingAlgBefore: undefined }
    expect(decide('RS256', [old], { current })).toBe('ES256')
  })

  it('stays what it is at the moment when it is changed twice', () => {
    expect(decide('Ed25519', [old, key('RS256', 101)], { current: switched })).toBe('ES256')
    expect(decide('Ed25519', [old, key('RS256', 99)], { current: switched })).toBe('RS256')
    expect(decide('ES256', [old, key('RS256', 101)], { current: switched })).toBe('ES256')
  })

  it('waits for nothing while nothing is signed', () => {
    expect(decide('Ed25519', [old], { current: created })).toBeUndefined()
    expect(decide('Ed25519', [old], { current: created, waiting: ['Ed25519'] })).toBe('ES256')
  })
})

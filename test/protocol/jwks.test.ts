import { generateKeyPairSync } from 'node:crypto'
import { importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Kid } from '../../src/domain/key-ring.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { numericDate } from '../../src/domain/time.ts'
import type { PublicJwk } from '../../src/protocol/jwks.ts'
import { jwks } from '../../src/protocol/jwks.ts'

function published(alg: SigningAlg, publicJwk: PublicJwk) {
  const key = {
    kid: 'thumbprint' as Kid,
    use: 'access_token',
    alg,
    announcedAt: numericDate(0),
    signsFrom: numericDate(0),
    revokedAt: undefined,
    publicJwk,
  } as const
  return jwks([key]).keys[0]
}

const pairs = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44'),
}

describe('jwks', () => {
  it.each([
    ['ES256', ['crv', 'kty', 'x', 'y']],
    ['Ed25519', ['crv', 'kty', 'x']],
    ['RS256', ['e', 'kty', 'n']],
    ['ML-DSA-44', ['kty', 'pub']],
  ] as const)(
    'shows the public members of a key for %s, even of a private one',
    async (alg, members) => {
      const { privateKey, publicKey } = pairs[alg]()
      const privateJwk = privateKey.export({ format: 'jwk' }) as PublicJwk
      const shown = published(alg, privateJwk)
      const names = [...members, 'alg', 'kid', 'use'].toSorted()
      expect(Object.keys(shown ?? {}).toSorted()).toEqual(names)
      expect(shown).toEqual({
        ...publicKey.export({ format: 'jwk' }),
        kid: 'thumbprint',
        alg,
        use: 'sig',
      })
      await expect(importJWK({ ...shown })).resolves.toMatchObject({ type: 'public' })
    },
  )
})

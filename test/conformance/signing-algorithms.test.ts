import { createPublicKey, hash, verify } from 'node:crypto'
import type { JWK } from 'jose'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import type { TestHouse } from '../support/house.ts'
import { openTestHouse } from '../support/house.ts'
import { addSignedApi, tokenSoon } from './scene.ts'

/** A house with an API for each algorithm, a token for each API, and the keys that it publishes. */
let house: TestHouse
let keys: readonly JWK[]
const tokens = new Map<SigningAlg, string>()
beforeAll(async () => {
  house = await openTestHouse()
  for (const alg of signingAlgs) {
    const { client } = await addSignedApi(house, alg)
    tokens.set(alg, await tokenSoon(house, client))
  }
  const response = await fetch(`${house.issuer}/.well-known/jwks.json`)
  keys = ((await response.json()) as { keys: JWK[] }).keys
})
afterAll(async () => house.close())

function tokenOf(alg: SigningAlg): string {
  return tokens.get(alg) ?? ''
}

/** The published key that a token names. */
function keyOf(token: string): JWK {
  const { kid } = decodeProtectedHeader(token)
  return keys.find((key) => key.kid === kid) ?? {}
}

function keysFor(alg: SigningAlg): readonly JWK[] {
  const found = keys.filter((key) => key.alg === alg)
  expect(found.length).toBeGreaterThanOrEqual(2)
  return found
}

/** Verifies with nothing but node:crypto; `digest` is null where the algorithm has one of its own. */
function isSigned(token: string, digest: 'sha256' | null): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const key = createPublicKey({ key: keyOf(token), format: 'jwk' })
  const signed = Buffer.from(`${header}.${claims}`)
  return verify(digest, signed, key, Buffer.from(signature, 'base64url'))
}

const bytesOf = (text: string | undefined) => Buffer.from(text ?? '', 'base64url')

describe('RFC 9068 §2.1', () => {
  it('has RS256, which every resource server must know [91]', () => {
    const token = tokenOf('RS256')
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    expect(isSigned(token, 'sha256')).toBe(true)
  })
})

describe('RFC 8725 §3.1', () => {
  it('has keys of its own for every algorithm, and signs with no key by another [95]', () => {
    for (const alg of signingAlgs) {
      expect(keyOf(tokenOf(alg)).alg).toBe(alg)
      expect(decodeProtectedHeader(tokenOf(alg)).alg).toBe(alg)
    }
    const types = new Set(keys.map(({ alg, kty }) => `${alg} ${kty}`))
    expect(types).toEqual(new Set(['ES256 EC', 'Ed25519 OKP', 'RS256 RSA', 'ML-DSA-44 AKP']))
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
  })
})

/** Of each type, the members that make the thumbprint. RFC 7638 §3.2, RFC 8037 §2, RFC 9964. */
const required: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
  AKP: ['alg', 'kty', 'pub'],
}

describe('RFC 7517 §9.2', () => {
  it('shows public members alone, whatever the type [108]', () => {
    for (const key of keys) {
      const members = new Set([...(required[key.kty ?? ''] ?? []), 'alg', 'kid', 'use'])
      expect(new Set(Object.keys(key))).toEqual(members)
    }
  })
})

describe('RFC 7638 §3', () => {
  it('names keys of every type by their thumbprint [109]', () => {
    for (const key of keys) {
      const members = (required[key.kty ?? ''] ?? []).map((name) => [name, Reflect.get(key, name)])
      const text = JSON.stringify(Object.fromEntries(members))
      expect(key.kid).toBe(hash('sha256', text, 'base64url'))
    }
  })
})

describe('RFC 7518 §3.3', () => {
  it('has RSA keys of 2048 bits [110]', () => {
    for (const key of keysFor('RS256')) {
      const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' })
      expect(asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65_537n })
    }
  })
})

describe('RFC 9864 §2.2', () => {
  it('calls Ed25519 by its own name, and never EdDSA [111]', () => {
    const token = tokenOf('Ed25519')
    expect(decodeProtectedHeader(token).alg).toBe('Ed25519')
    for (const key of keysFor('Ed25519')) {
      expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519' })
    }
    expect(JSON.stringify(keys)).not.toContain('EdDSA')
    expect(isSigned(token, null)).toBe(true)
  })
})

describe('RFC 9964 §3', () => {
  it('publishes ML-DSA keys as AKP, which name their algorithm [112]', () => {
    for (const key of keysFor('ML-DSA-44')) {
      expect(key).toMatchObject({ kty: 'AKP', alg: 'ML-DSA-44' })
      expect(bytesOf(key.pub)).toHaveLength(1312)
    }
    const token = tokenOf('ML-DSA-44')
    expect(bytesOf(token.split('.')[2])).toHaveLength(2420)
    expect(isSigned(token, null)).toBe(true)
  })
})

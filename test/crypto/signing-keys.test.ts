import { createPublicKey, generateKeyPairSync, hash, randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { parseKeyEncryptionKey, seal, unseal } from '../../src/crypto/key-encryption-key.ts'
import type { SealedKey } from '../../src/ports/signing-keys.ts'
import { generateSigningKey, openSigningKey } from '../../src/crypto/signing-keys.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { numericDate } from '../../src/domain/time.ts'

function newKeyEncryptionKey() {
  const parsed = parseKeyEncryptionKey(randomBytes(32).toString('hex'))
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  return parsed.value
}

const use = 'access_token'
const vault = newKeyEncryptionKey()
const times = {
  announcedAt: numericDate(1),
  signsFrom: numericDate(2),
  revokedAt: undefined,
}

function stored(key: SealedKey) {
  return { ...key, ...times }
}

/** What a public key of each algorithm is made of; the JWK of a private key has more. */
const publicMembers: Readonly<Record<SigningAlg, object>> = {
  ES256: { crv: 'P-256', kty: 'EC', x: bytes(32), y: bytes(32) },
  Ed25519: { crv: 'Ed25519', kty: 'OKP', x: bytes(32) },
  RS256: { e: 'AQAB', kty: 'RSA', n: bytes(256) },
  'ML-DSA-44': { alg: 'ML-DSA-44', kty: 'AKP', pub: bytes(1312) },
}

function bytes(count: number) {
  return expect.toSatisfy((text: string) => Buffer.from(text, 'base64url').length === count)
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']

describe.each(signingAlgs)('a new signing key for %s', (alg) => {
  it('has a public half for this algorithm, and shows nothing else', async () => {
    const { publicJwk, ...rest } = await generateSigningKey(vault, { use, alg })
    expect({ alg: rest.alg, use: rest.use }).toEqual({ alg, use })
    expect(publicJwk).toEqual(publicMembers[alg])
    await expect(importJWK({ ...publicJwk, alg })).resolves.toMatchObject({ type: 'public' })
  })

  it('is named by its thumbprint, RFC 7638', async () => {
    const { kid, publicJwk } = await generateSigningKey(vault, { use, alg })
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk, 'sha256'))
    // Required members in the order of their names, without white space. RFC 7638 §3.
    const members = Object.entries(publicJwk).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const text = JSON.stringify(Object.fromEntries(members))
    expect(kid).toBe(hash('sha256', text, 'base64url'))
  })

  it('is another each time', async () => {
    const keys = [
      await generateSigningKey(vault, { use, alg }),
      await generateSigningKey(vault, { use, alg }),
    ]
    expect(keys[0]?.kid).not.toBe(keys[1]?.kid)
  })

  it('shows its private half to nobody without the key-encryption key it names', async () => {
    const key = await generateSigningKey(vault, { use, alg })
    expect(key.keyEncryptionKeyId).toBe(vault.id)
    const opened = await unseal(vault, key.sealedPrivateKey)
    const jwk: Record<string, string> = JSON.parse(opened.ok ? opened.value : '{}')
    const secrets = privateMembers.flatMap((member) => jwk[member] ?? [])
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of secrets) expect(JSON.stringify(key)).not.toContain(secret)
  })

  it('opens to the pair it was', async () => {
    const key = await generateSigningKey(vault, { use, alg })
    const opened = await openSigningKey(vault, stored(key))
    if (!opened.ok) throw new Error(opened.refusal.reason)
    const { privateKey, ...published } = opened.value
    expect(published).toMatchObject({ kid: key.kid, publicJwk: key.publicJwk, ...times })
    expect(published).not.toHaveProperty('sealedPrivateKey')
    expect(createPublicKey(privateKey).export({ format: 'jwk' })).toEqual(key.publicJwk)
  })

  it('opens for no other algorithm, RFC 8725 §3.1', async () => {
    const key = stored(await generateSigningKey(vault, { use, alg }))
    for (const other of signingAlgs.filter((one) => one !== alg)) {
      expect(await openSigningKey(vault, { ...key, alg: other })).toEqual({
        ok: false,
        refusal: { reason: 'signing_key_alg_mismatched', kid: key.kid, alg: other },
      })
    }
  })
})

describe('a sealed signing key', () => {
  it('stays shut under another key-encryption key', async () => {
    const key = await generateSigningKey(vault, { use, alg: 'ES256' })
    expect(await openSigningKey(newKeyEncryptionKey(), stored(key))).toEqual({
      ok: false,
      refusal: { reason: 'seal_of_another_key', keyEncryptionKey: vault.id, kid: key.kid },
    })
  })

  it('stays shut when it was altered', async () => {
    const { kid, sealedPrivateKey, ...rest } = stored(
      await generateSigningKey(vault, { use, alg: 'ES256' }),
    )
    const altered = sealedPrivateKey.slice(0, -5)
    expect(await openSigningKey(vault, { ...rest, kid, sealedPrivateKey: altered })).toEqual({
      ok: false,
      refusal: { reason: 'seal_broken', kid },
    })
  })

  it('does not open as the private half of another key', async () => {
    const mine = stored(await generateSigningKey(vault, { use, alg: 'ES256' }))
    const other = await generateSigningKey(vault, { use, alg: 'ES256' })
    const mixed = { ...mine, sealedPrivateKey: other.sealedPrivateKey }
    expect(await openSigningKey(vault, mixed)).toEqual({
      ok: false,
      refusal: { reason: 'signing_key_mismatched', kid: mine.kid },
    })
  })

  it('publishes the public half that belongs to it, whatever the row says', async () => {
    const mine = stored(await generateSigningKey(vault, { use, alg: 'ES256' }))
    const other = await generateSigningKey(vault, { use, alg: 'ES256' })
    const opened = await openSigningKey(vault, { ...mine, publicJwk: other.publicJwk })
    expect(opened).toMatchObject({ ok: true, value: { publicJwk: mine.publicJwk } })
  })

  it.each([
    ['ES256', 'of another curve', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['Ed25519', 'for agreement', () => generateKeyPairSync('x25519')],
    ['RS256', 'of 1024 bits', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['ML-DSA-44', 'of another parameter set', () => generateKeyPairSync('ml-dsa-65')],
  ] as const)('for %s does not open as a key %s', async (alg, _, make) => {
    const mine = stored(await generateSigningKey(vault, { use, alg }))
    const { privateKey } = make()
    const sealedPrivateKey = await seal(vault, JSON.stringify(privateKey.export({ format: 'jwk' })))
    expect(await openSigningKey(vault, { ...mine, sealedPrivateKey })).toEqual({
      ok: false,
      refusal: { reason: 'signing_key_alg_mismatched', kid: mine.kid, alg },
    })
  })
})

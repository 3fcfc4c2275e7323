import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { calculateJwkThumbprint, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { parseKeyEncryptionKey, seal, unseal } from '../../src/crypto/key-vault.ts'
import type { SealedKey } from '../../src/ports/signing-keys.ts'
import { generateSigningKey, openSigningKey } from '../../src/crypto/signing-keys.ts'
import { numericDate } from '../../src/domain/time.ts'

function newKeyEncryptionKey() {
  const parsed = parseKeyEncryptionKey(randomBytes(32).toString('hex'))
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  return parsed.value
}

const vault = newKeyEncryptionKey()
const times = {
  announcedAt: numericDate(1),
  signsFrom: numericDate(2),
  revokedAt: undefined,
}

function stored(key: SealedKey) {
  return { ...key, ...times }
}

describe('a new signing key', () => {
  it('is published as an ES256 public key and nothing else, RFC 7518 §6.2.1', async () => {
    const { publicJwk, alg, use } = await generateSigningKey(vault)
    expect({ alg, use }).toEqual({ alg: 'ES256', use: 'access_token' })
    expect(Object.keys(publicJwk)).toEqual(['crv', 'kty', 'x', 'y'])
    expect(publicJwk).toMatchObject({ crv: 'P-256', kty: 'EC' })
    expect(Buffer.from(publicJwk.x, 'base64url')).toHaveLength(32)
    expect(Buffer.from(publicJwk.y, 'base64url')).toHaveLength(32)
    await expect(importJWK({ ...publicJwk, alg })).resolves.toMatchObject({ type: 'public' })
  })

  it('is named by its thumbprint, RFC 7638', async () => {
    const { kid, publicJwk } = await generateSigningKey(vault)
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk, 'sha256'))
  })

  it('is another each time', async () => {
    const keys = await Promise.all([generateSigningKey(vault), generateSigningKey(vault)])
    expect(keys[0].kid).not.toBe(keys[1].kid)
  })

  it('shows its private half to nobody without the key-encryption key it names', async () => {
    const key = await generateSigningKey(vault)
    expect(key.keyEncryptionKeyId).toBe(vault.id)
    const opened = await unseal(vault, key.sealedPrivateKey)
    const { d } = JSON.parse(opened.ok ? opened.value : '{}')
    expect(Buffer.from(d, 'base64url')).toHaveLength(32)
    expect(JSON.stringify(key)).not.toContain(d)
  })
})

describe('a sealed signing key', () => {
  it('opens to the pair it was', async () => {
    const key = await generateSigningKey(vault)
    const opened = await openSigningKey(vault, stored(key))
    if (!opened.ok) throw new Error(opened.refusal.reason)
    const { privateKey, ...published } = opened.value
    expect(published).toMatchObject({ kid: key.kid, publicJwk: key.publicJwk, ...times })
    expect(published).not.toHaveProperty('sealedPrivateKey')
    const bytes = Buffer.from('signed')
    const signature = sign('sha256', bytes, privateKey)
    expect(verify('sha256', bytes, { key: { ...key.publicJwk }, format: 'jwk' }, signature)).toBe(
      true,
    )
  })

  it('stays shut under another key-encryption key', async () => {
    const key = await generateSigningKey(vault)
    expect(await openSigningKey(newKeyEncryptionKey(), stored(key))).toEqual({
      ok: false,
      refusal: { reason: 'seal_of_another_key', keyEncryptionKey: vault.id, kid: key.kid },
    })
  })

  it('stays shut when it was altered', async () => {
    const { kid, sealedPrivateKey, ...rest } = stored(await generateSigningKey(vault))
    const altered = sealedPrivateKey.slice(0, -5)
    expect(await openSigningKey(vault, { ...rest, kid, sealedPrivateKey: altered })).toEqual({
      ok: false,
      refusal: { reason: 'seal_broken', kid },
    })
  })

  it('does not open as the private half of another key', async () => {
    const mine = stored(await generateSigningKey(vault))
    const other = await generateSigningKey(vault)
    const mixed = { ...mine, sealedPrivateKey: other.sealedPrivateKey }
    expect(await openSigningKey(vault, mixed)).toEqual({
      ok: false,
      refusal: { reason: 'signing_key_mismatched', kid: mine.kid },
    })
  })

  it('publishes the public half that belongs to it, whatever the row says', async () => {
    const mine = stored(await generateSigningKey(vault))
    const other = await generateSigningKey(vault)
    const opened = await openSigningKey(vault, { ...mine, publicJwk: other.publicJwk })
    expect(opened).toMatchObject({ ok: true, value: { publicJwk: mine.publicJwk } })
  })

  it.each([
    ['an Ed25519 key', () => generateKeyPairSync('ed25519').privateKey],
    ['an RSA key', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('is a fault when what was sealed is %s', async (_, make) => {
    const mine = stored(await generateSigningKey(vault))
    const sealedPrivateKey = await seal(vault, JSON.stringify(make().export({ format: 'jwk' })))
    await expect(openSigningKey(vault, { ...mine, sealedPrivateKey })).rejects.toThrow(
      'not the public half of an EC key',
    )
  })
})

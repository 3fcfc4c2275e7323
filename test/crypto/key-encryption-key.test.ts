import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { KeyEncryptionKey } from '../../src/crypto/key-encryption-key.ts'
import { parseKeyEncryptionKey, seal, unseal } from '../../src/crypto/key-encryption-key.ts'

function keyFrom(text: string): KeyEncryptionKey {
  const parsed = parseKeyEncryptionKey(text)
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  return parsed.value
}

const key = keyFrom(randomBytes(32).toString('hex'))
const broken = { ok: false, refusal: { reason: 'seal_broken' } }

describe('a key-encryption key', () => {
  it('is 32 bytes in hexadecimal or base64, with or without a line break behind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (array) => {
        const bytes = Buffer.from(array)
        const written = (['hex', 'base64', 'base64url'] as const).map((form) =>
          bytes.toString(form),
        )
        for (const text of [...written, bytes.toString('hex').toUpperCase()]) {
          expect(Buffer.from(keyFrom(text).bytes)).toEqual(bytes)
          expect(Buffer.from(keyFrom(` ${text}\r\n`).bytes)).toEqual(bytes)
        }
      }),
    )
  })

  it.each([
    '',
    'changeme',
    'a'.repeat(42),
    'a'.repeat(45),
    'a'.repeat(63),
    'a'.repeat(65),
    'g'.repeat(64),
    `${'a'.repeat(42)}!`,
    `${'a'.repeat(43)}==`,
    `${'a'.repeat(21)} ${'a'.repeat(21)}`,
  ])('is not %j', (text) => {
    expect(parseKeyEncryptionKey(text)).toEqual({
      ok: false,
      refusal: { reason: 'key_encryption_key_malformed' },
    })
  })

  it('has an id that is its own, for ever, and tells nothing of it', () => {
    const zeros = keyFrom('0'.repeat(64))
    expect(zeros.id).toBe('aZ1pqg0_4m9w641rK5023X')
    expect(keyFrom(randomBytes(32).toString('hex')).id).not.toBe(key.id)
    expect(key.id).toHaveLength(22)
    expect(Buffer.from(key.bytes).toString('base64url')).not.toContain(key.id)
  })
})

describe('a seal', () => {
  it('opens to what was sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await unseal(key, await seal(key, text))).toEqual({ ok: true, value: text })
      }),
      { numRuns: 30 },
    )
  })

  it('is a JWE that names its key, which any JOSE library opens, RFC 7516 §3.1', async () => {
    const sealed = await seal(key, 'secret')
    expect(decodeProtectedHeader(sealed)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: key.id })
    const { plaintext } = await compactDecrypt(sealed, key.bytes)
    expect(new TextDecoder().decode(plaintext)).toBe('secret')
  })

  it('differs each time', async () => {
    expect(await seal(key, 'secret')).not.toBe(await seal(key, 'secret'))
  })

  it('of another key stays shut, and says which key is missing', async () => {
    const other = keyFrom(randomBytes(32).toString('hex'))
    expect(await unseal(key, await seal(other, 'secret'))).toEqual({
      ok: false,
      refusal: { reason: 'seal_of_another_key', keyEncryptionKey: other.id },
    })
  })

  it('of another key that takes the name of ours stays shut', async () => {
    const other = randomBytes(32)
    expect(await unseal(key, await seal({ id: key.id, bytes: other }, 'secret'))).toEqual(broken)
  })

  it('with any character altered or missing stays shut', async () => {
    const sealed = await seal(key, 'secret')
    for (let at = 0; at < sealed.length; at += 1) {
      const other = sealed.charAt(at) === 'A' ? 'w' : 'A'
      const altered = `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`
      expect([at, (await unseal(key, altered)).ok]).toEqual([at, false])
    }
    expect((await unseal(key, sealed.slice(0, -1))).ok).toBe(false)
  })

  it.each(['', 'secret', '....', 'e30.....', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0....'])(
    'is not %j',
    async (text) => {
      expect(await unseal(key, text)).toEqual(broken)
    },
  )

  it('of a weaker or different kind stays shut, though its key is ours', async () => {
    const bytes = new TextEncoder().encode('secret')
    const wrapped = await new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A128GCM', kid: key.id })
      .encrypt(key.bytes)
    const legacy = await new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256', kid: key.id })
      .encrypt(key.bytes)
    expect(await unseal(key, wrapped)).toEqual(broken)
    expect(await unseal(key, legacy)).toEqual(broken)
  })
})

import { createPublicKey, randomBytes, verify } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseKeyEncryptionKey } from '../../src/crypto/key-vault.ts'
import { rawSignature, signer } from '../../src/crypto/signer.ts'
import type { OpenedKey } from '../../src/crypto/signing-keys.ts'
import { generateSigningKey, openSigningKey } from '../../src/crypto/signing-keys.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { numericDate, seconds } from '../../src/domain/time.ts'

const issuer = 'https://auth.example.com'
const audience = 'https://api.example.com/orders'
const claims = {
  iss: issuer,
  sub: 'sa_01kaj00000000000000000000',
  client_id: 'sa_01kaj00000000000000000000',
  aud: audience,
  iat: numericDate(1_764_000_000),
  exp: numericDate(1_764_000_900),
  jti: 'Q29udGludW91cyBKVEkgMQ',
  org_id: 'org_01kaj00000000000000000000',
  principal_type: 'service_account',
  scope: 'orders:read orders:write',
  roles: ['Bestellungen „Süd“'],
  groups: ['Büro 日本'],
}
const text = JSON.stringify(claims)
const now = claims.iat
const currentDate = new Date(now * 1000)

async function keyFrom(signsFrom: number, revokedAt?: number): Promise<OpenedKey> {
  const vault = parseKeyEncryptionKey(randomBytes(32).toString('hex'))
  if (!vault.ok) throw new Error(vault.refusal.reason)
  const opened = await openSigningKey(vault.value, {
    ...(await generateSigningKey(vault.value)),
    announcedAt: numericDate(0),
    signsFrom: numericDate(signsFrom),
    revokedAt: revokedAt === undefined ? undefined : numericDate(revokedAt),
  })
  if (!opened.ok) throw new Error(opened.refusal.reason)
  return opened.value
}

let key: OpenedKey
beforeAll(async () => {
  key = await keyFrom(0)
})

describe('a signed access token', () => {
  it('says what it was given to say, under typ at+jwt, alg and kid, RFC 9068 §2.1', async () => {
    const { token, kid, alg } = signer(() => [key]).sign(text, now)
    const { payload, protectedHeader } = await jwtVerify(token, key.publicJwk, {
      issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      currentDate,
    })
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
    expect({ kid, alg }).toEqual({ kid: key.kid, alg: key.alg })
  })

  it('has a signature that jose and node:crypto verify, every time', async () => {
    const { sign } = signer(() => [key])
    const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
    const joseKey = { ...key.publicJwk, alg: 'ES256' }
    for (let serial = 0; serial < 2000; serial += 1) {
      const { token } = sign(JSON.stringify({ ...claims, jti: String(serial) }), now)
      const at = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(at + 1), 'base64url')
      expect(signature).toHaveLength(64)
      const verifier = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      expect(verify('sha256', Buffer.from(token.slice(0, at)), verifier, signature)).toBe(true)
      await compactVerify(token, joseKey)
    }
  }, 30_000)

  it('with a claim exchanged is verified by nobody', async () => {
    const { token } = signer(() => [key]).sign(text, now)
    const [header, , signature] = token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')
    await expect(
      jwtVerify([header, forged, signature].join('.'), key.publicJwk, { currentDate }),
    ).rejects.toThrow('signature verification failed')
  })
})

describe('the signer', () => {
  it('signs with the key that is active at the moment', async () => {
    const next = await keyFrom(now + 10)
    const { sign } = signer(() => [next, key])
    expect(sign(text, numericDate(now + 9)).kid).toBe(key.kid)
    const after = sign(text, numericDate(now + 10))
    expect(after.kid).toBe(next.kid)
    expect(decodeProtectedHeader(after.token).kid).toBe(next.kid)
    await expect(compactVerify(after.token, { ...next.publicJwk })).resolves.toBeDefined()
    expect(sign(text, numericDate(now + 9)).kid).toBe(key.kid)
  })

  it('notices at once that its keys have changed', async () => {
    let ring: readonly OpenedKey[] = [key]
    const { sign } = signer(() => ring)
    expect(sign(text, now).kid).toBe(key.kid)
    ring = [{ ...key, revokedAt: now }]
    expect(() => sign(text, now)).toThrow(Unavailable)
    const other = await keyFrom(1)
    ring = [key, other]
    expect(sign(text, now).kid).toBe(other.kid)
  })

  it('takes up no earlier key when the active one could not be opened', async () => {
    const { privateKey: _, ...shut } = await keyFrom(now)
    const { sign } = signer(() => [key, shut])
    expect(sign(text, numericDate(now - 1)).kid).toBe(key.kid)
    expect(() => sign(text, now)).toThrow(
      new Unavailable('the key that signs now could not be opened', seconds(5)),
    )
  })

  it('has no answer without an active key, and says when to come again', async () => {
    const revoked = await keyFrom(0, now)
    const early = await keyFrom(now + 1)
    for (const ring of [[], [revoked], [early]]) {
      expect(() => signer(() => ring).sign(text, now)).toThrow(
        new Unavailable('no key may sign now', seconds(5)),
      )
    }
  })
})

/** As few bytes as it takes, and a zero before a leading one bit. X.690 §8.3. */
function derInteger(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  const signed = bytes.readUInt8(0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes])
  return Buffer.concat([Buffer.of(2, signed.length), signed])
}

function derOf(r: bigint, s: bigint): Buffer {
  const content = Buffer.concat([derInteger(r), derInteger(s)])
  return Buffer.concat([Buffer.of(0x30, content.length), content])
}

function joseOf(r: bigint, s: bigint): string {
  return [r, s].map((value) => value.toString(16).padStart(64, '0')).join('')
}

describe('an ECDSA signature in the form of JOSE, RFC 7518 §3.4', () => {
  const integers = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    fc.tuple(fc.nat(255), fc.constantFrom(-1n, 0n, 1n)).map(([bit, by]) => 2n ** BigInt(bit) + by),
  )

  it('is R and S of 32 bytes each, however few or many bytes DER took for them', () => {
    fc.assert(
      fc.property(integers, integers, (r, s) => {
        expect(rawSignature(derOf(r, s)).toString('hex')).toBe(joseOf(r, s))
      }),
      {
        numRuns: 3000,
        examples: [
          [1n, 2n ** 256n - 1n],
          [2n ** 255n, 2n ** 248n - 1n],
          [0n, 0n],
        ],
      },
    )
  })
})

import { createPublicKey, randomBytes, verify } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseKeyEncryptionKey } from '../../src/crypto/key-encryption-key.ts'
import type { HeldKey } from '../../src/crypto/signer.ts'
import { rawSignature, signer } from '../../src/crypto/signer.ts'
import type { OpenedKey } from '../../src/crypto/signing-keys.ts'
import { generateSigningKey, openSigningKey } from '../../src/crypto/signing-keys.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import type { NumericDate } from '../../src/domain/time.ts'
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

async function keyFrom(
  signsFrom: number,
  { revokedAt, alg = 'ES256' }: { readonly revokedAt?: number; readonly alg?: SigningAlg } = {},
): Promise<OpenedKey> {
  const vault = parseKeyEncryptionKey(randomBytes(32).toString('hex'))
  if (!vault.ok) throw new Error(vault.refusal.reason)
  const opened = await openSigningKey(vault.value, {
    ...(await generateSigningKey(vault.value, { use: 'access_token', alg })),
    announcedAt: numericDate(0),
    signsFrom: numericDate(signsFrom),
    revokedAt: revokedAt === undefined ? undefined : numericDate(revokedAt),
  })
  if (!opened.ok) throw new Error(opened.refusal.reason)
  return opened.value
}

/** Signs as for an API that never had another algorithm. */
function signing(keys: () => readonly HeldKey[], signingAlg: SigningAlg = 'ES256') {
  const { activeKey } = signer(keys)
  return (claimsText: string, at: NumericDate) => {
    const { kid, alg, sign } = activeKey({ signingAlg, signingAlgBefore: undefined }, at)
    return { token: sign(claimsText), kid, alg }
  }
}

let key: OpenedKey
beforeAll(async () => {
  key = await keyFrom(0)
})

describe('a signed access token', () => {
  it('says what it was given to say, under typ at+jwt, alg and kid, RFC 9068 §2.1', async () => {
    const { token, kid, alg } = signing(() => [key])(text, now)
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
    const sign = signing(() => [key])
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
    const { token } = signing(() => [key])(text, now)
    const [header, , signature] = token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')
    await expect(
      jwtVerify([header, forged, signature].join('.'), key.publicJwk, { currentDate }),
    ).rejects.toThrow('signature verification failed')
  })
})

describe.each(signingAlgs)('an access token signed with %s', (alg) => {
  let own: OpenedKey
  beforeAll(async () => {
    own = await keyFrom(0, { alg })
  })
  const expected = () => ({ issuer, audience, typ: 'at+jwt', algorithms: [alg], currentDate })
  const verified = (token: string) => jwtVerify(token, { ...own.publicJwk, alg }, expected())

  it('is verified by jose, which nobody here wrote', async () => {
    const { token, kid } = signing(() => [own], alg)(text, now)
    const { payload, protectedHeader } = await verified(token)
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: own.kid })
    expect(kid).toBe(own.kid)
  })

  it('is refused once a bit of it is another', async () => {
    const [header = '', body = '', signature = ''] = signing(() => [own], alg)(
      text,
      now,
    ).token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')
    const bytes = Buffer.from(signature, 'base64url')
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40)
    for (const bad of [
      [header, forged, signature],
      [header, body, bytes.toString('base64url')],
    ]) {
      await expect(verified(bad.join('.'))).rejects.toThrow('signature verification failed')
    }
  })

  it('is refused by who takes only another algorithm', async () => {
    const { token } = signing(() => [own], alg)(text, now)
    const algorithms = signingAlgs.filter((one) => one !== alg)
    const options = { ...expected(), algorithms }
    await expect(jwtVerify(token, own.publicJwk, options)).rejects.toThrow('"alg"')
  })
})

describe('the signer', () => {
  it('signs for each API with a key of its algorithm', async () => {
    const ring = await Promise.all(signingAlgs.map((alg) => keyFrom(0, { alg })))
    for (const alg of signingAlgs) {
      const signed = signing(() => ring, alg)(text, now)
      expect(signed.alg).toBe(alg)
      expect(decodeProtectedHeader(signed.token).alg).toBe(alg)
      expect(signed.kid).toBe(ring.find((one) => one.alg === alg)?.kid)
    }
  })

  it('signs with the algorithm before until a key of the new one begins', async () => {
    const first = await keyFrom(now + 10, { alg: 'RS256' })
    const { activeKey } = signer(() => [key, first])
    const terms = { signingAlg: 'RS256', signingAlgBefore: 'ES256' } as const
    expect(activeKey(terms, numericDate(now + 9)).kid).toBe(key.kid)
    expect(activeKey(terms, numericDate(now + 10)).kid).toBe(first.kid)
  })

  it('signs with the key that is active at the moment', async () => {
    const next = await keyFrom(now + 10)
    const sign = signing(() => [next, key])
    expect(sign(text, numericDate(now + 9)).kid).toBe(key.kid)
    const after = sign(text, numericDate(now + 10))
    expect(after.kid).toBe(next.kid)
    expect(decodeProtectedHeader(after.token).kid).toBe(next.kid)
    await expect(compactVerify(after.token, { ...next.publicJwk })).resolves.toBeDefined()
    expect(sign(text, numericDate(now + 9)).kid).toBe(key.kid)
  })

  it('notices at once that its keys have changed', async () => {
    let ring: readonly OpenedKey[] = [key]
    const sign = signing(() => ring)
    expect(sign(text, now).kid).toBe(key.kid)
    ring = [{ ...key, revokedAt: now }]
    expect(() => sign(text, now)).toThrow(Unavailable)
    const other = await keyFrom(1)
    ring = [key, other]
    expect(sign(text, now).kid).toBe(other.kid)
  })

  it('takes up no earlier key when the active one could not be opened', async () => {
    const { privateKey: _, ...shut } = await keyFrom(now)
    const sign = signing(() => [key, shut])
    expect(sign(text, numericDate(now - 1)).kid).toBe(key.kid)
    expect(() => sign(text, now)).toThrow(
      new Unavailable('the key that signs now could not be opened', seconds(5)),
    )
  })

  it('signs with the first key of all even if a clock was turned back behind its beginning', async () => {
    const early = await keyFrom(now + 1)
    expect(signing(() => [early])(text, now).kid).toBe(early.kid)
    expect(() => signing(() => [{ ...early, revokedAt: now }])(text, now)).toThrow(Unavailable)
  })

  it('has no answer without an active key, and says when to come again', async () => {
    const revoked = await keyFrom(0, { revokedAt: now })
    for (const ring of [[], [revoked]]) {
      expect(() => signing(() => ring)(text, now)).toThrow(
        new Unavailable('no key may sign now', seconds(1)),
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

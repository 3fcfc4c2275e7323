import type { KeyObject } from 'node:crypto'
import { createHmac, createSign, generateKeyPairSync, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { accessTokens } from '../../src/crypto/access-tokens.ts'
import { signer } from '../../src/crypto/signer.ts'
import type { OpenedKey } from '../../src/crypto/signing-keys.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { numericDate } from '../../src/domain/time.ts'
import { newSigningKey } from '../support/signing-key.ts'

const now = numericDate(1_900_000_000)
const claims = { iss: 'https://id.example.com', sub: 'x', authorization_details: [{ role: 'Süd' }] }
const text = JSON.stringify(claims)

let key: OpenedKey
beforeAll(async () => {
  key = await newSigningKey('ES256')
})

const open = (token: string, keys: readonly OpenedKey[] = [key]) =>
  accessTokens(() => keys).open(token, now)
const invalid = (what: string) => ({ ok: false, refusal: { reason: 'token_invalid', what } })

function issued(of: OpenedKey = key): string {
  const terms = { signingAlg: of.alg, signingAlgBefore: undefined }
  return signer(() => [of])
    .activeKey(terms, now)
    .sign(text)
}

/** A token with this very header and these very claims, well signed with our key. */
function wellSigned(head: string, payload = text): string {
  const signed = `${base64url(head)}.${base64url(payload)}`
  return `${signed}.${es256(signed, key.privateKey)}`
}

function es256(signed: string, privateKey: KeyObject): string {
  return createSign('sha256')
    .update(signed)
    .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')
}

function header(wishes: Record<string, unknown> = {}): string {
  return JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...wishes })
}

function base64url(of: string): string {
  return Buffer.from(of).toString('base64url')
}

describe('a token of our own', () => {
  it.each(signingAlgs)('is opened when it is signed with %s', async (alg: SigningAlg) => {
    const one = await newSigningKey(alg)
    const opened = open(issued(one), [key, one])
    expect(opened).toEqual({ ok: true, value: new Map(Object.entries(claims)) })
    expect(open(wellSigned(header()))).toEqual({ ok: true, value: expect.anything() })
  })

  it('is refused when a single character of it is another', () => {
    const token = issued()
    const places = [3, token.indexOf('.') + 5, token.lastIndexOf('.') + 5, token.length - 1]
    for (const place of places) {
      for (const letter of ['A', 'B', 'w', '_']) {
        if (token[place] === letter) continue
        const altered = token.slice(0, place) + letter + token.slice(place + 1)
        expect(open(altered)).toMatchObject({ ok: false })
      }
    }
  })

  it('is refused with the signature of another token', () => {
    const [signed] = issued().split(/\.(?=[^.]*$)/)
    const other = wellSigned(header(), '{}').split('.')[2]
    expect(open(`${signed}.${other}`)).toEqual(invalid('its signature is wrong'))
  })

  it('is refused when its key is not, or no longer, published', async () => {
    const other = await newSigningKey('ES256')
    expect(open(issued(), [other])).toEqual(invalid('no key of this server signed it'))
    expect(open(issued(), [])).toEqual(invalid('no key of this server signed it'))
  })

  it('is refused when its key has another use', () => {
    const lists = { ...key, use: 'status_list' } as const
    expect(open(issued(), [lists])).toEqual(invalid('no key of this server signed it'))
  })
})

describe('RFC 7515 §7.1', () => {
  it('takes the compact form in its alphabet, and nothing else [153]', () => {
    const token = issued()
    const [protectedHeader, payload, signature] = token.split('.')
    const json = JSON.stringify({ protected: protectedHeader, payload, signature })
    const general = JSON.stringify({
      payload,
      signatures: [{ protected: protectedHeader, signature }],
    })
    const others = [
      json,
      general,
      '',
      `${token}.${signature}`,
      `${protectedHeader}.${payload}`,
      `${protectedHeader}.${payload}.`,
      `${token}=`,
      `${token}\n`,
      ` ${token}`,
      token.replaceAll('_', '/').replaceAll('-', '+').concat('+'),
      `${protectedHeader}.${payload}.${'A'.repeat(8192)}`,
    ]
    for (const other of others) {
      expect(open(other)).toEqual(invalid('it is not in compact form, or too long'))
    }
  })

  it('takes one spelling of the same bytes', () => {
    const token = issued()
    // The last character of 64 bytes holds 2 bits of them, and 4 that must be zero.
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const other = token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1)
    expect(Buffer.from(other.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    )
    expect(open(other)).toEqual(invalid('its signature is wrong'))
  })
})

describe('RFC 8725 §3.1', () => {
  it('takes the algorithm of the key, whatever the header says [151]', () => {
    const signed = `${base64url(header({ alg: 'HS256' }))}.${base64url(text)}`
    // The classic mistake: the public key as the secret of an HMAC.
    const secret = JSON.stringify(key.publicJwk)
    const confused = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
    const wrong = invalid('its algorithm is not that of its key')
    expect(open(confused)).toEqual(wrong)
    for (const alg of ['none', 'None', 'es256', 'ES384', 'Ed25519', 'RS256', '', undefined]) {
      expect(open(wellSigned(header({ alg })))).toEqual(wrong)
    }
    const unsigned = `${base64url(header({ alg: 'none' }))}.${base64url(text)}.`
    expect(open(unsigned)).toMatchObject({ ok: false })
  })

  it('passes over no extension that is said to be critical [151]', () => {
    for (const crit of [['exp'], ['b64'], [], 'b64']) {
      expect(open(wellSigned(header({ crit, b64: false })))).toEqual(
        invalid('it demands an extension'),
      )
    }
  })
})

describe('RFC 8725 §3.10', () => {
  it('uses no key that a token brings along [155]', () => {
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = own.publicKey.export({ format: 'jwk' })
    const foreign = (wishes: Record<string, unknown>) => {
      const signed = `${base64url(header(wishes))}.${base64url(text)}`
      return `${signed}.${es256(signed, own.privateKey)}`
    }
    const brought = { jwk, jku: 'https://evil.example.com/jwks', x5u: 'https://evil.example.com/x' }
    const unknown = invalid('no key of this server signed it')
    expect(open(foreign({ ...brought, kid: 'mine' }))).toEqual(unknown)
    expect(open(foreign({ ...brought, kid: undefined }))).toEqual(unknown)
    expect(open(foreign(brought))).toEqual(invalid('its signature is wrong'))
    // Nor does it disturb where the signature is ours.
    expect(open(wellSigned(header(brought)))).toMatchObject({ ok: true })
  })
})

describe('RFC 9068 §4', () => {
  it('takes the very type at+jwt [149]', () => {
    for (const typ of ['at+JWT', 'application/at+jwt', 'at', '', undefined, null, ['at+jwt']]) {
      expect(open(wellSigned(header({ typ })))).toEqual(invalid('it is not of the type at+jwt'))
    }
  })
})

describe('RFC 8725 §3.12', () => {
  it('takes no other kind of JWT for an access token [158]', () => {
    for (const typ of ['JWT', 'statuslist+jwt', 'token-introspection+jwt', 'logout+jwt']) {
      expect(open(wellSigned(header({ typ })))).toEqual(invalid('it is not of the type at+jwt'))
    }
  })
})

describe('a header or claims', () => {
  it('with a name twice are refused, well signed or not [154]', () => {
    const twice = `{"alg":"ES256","typ":"at+jwt","kid":"${key.kid}","kid":"${key.kid}"}`
    expect(open(wellSigned(twice))).toEqual(invalid('its header is malformed'))
    const malformed = invalid('its claims are malformed')
    expect(open(wellSigned(header(), '{"sub":"a","sub":"b"}'))).toEqual(malformed)
    expect(open(wellSigned(header(), '{"a":{"sub":"a","sub":"b"}}'))).toEqual(malformed)
  })

  it('that are no JSON object, as we write one, are refused', () => {
    for (const other of ['[]', 'null', '"x"', '7', '{', '{"a": 1}', '{"a":1e3}', '\uFEFF{}', '']) {
      expect(open(wellSigned(other))).toMatchObject({ ok: false })
      expect(open(wellSigned(header(), other))).toMatchObject({ ok: false })
    }
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')
    const signed = `${base64url(header())}.${bytes}`
    const signature = sign('sha256', Buffer.from(signed), {
      key: key.privateKey,
      dsaEncoding: 'ieee-p1363',
    }).toString('base64url')
    expect(open(`${signed}.${signature}`)).toEqual(invalid('its claims are malformed'))
  })
})

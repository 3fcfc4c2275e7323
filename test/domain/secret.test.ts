import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSecret, parseSecret, parseSecretHandle } from '../../src/domain/secret.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const handleBytes = fc.uint8Array({ minLength: 12, maxLength: 12 })
const keyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const secrets = fc.tuple(handleBytes, keyBytes).map(([handle, key]) => encodeSecret(handle, key))

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** The text with the checksum it would have if it were a secret. */
function withChecksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let digit = 0; digit < 6; digit += 1) {
    digits = alphabet.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return `${text}${digits}`
}

function fromBase62(text: string): bigint {
  return Array.from(text).reduce(
    (value, digit) => value * 62n + BigInt(alphabet.indexOf(digit)),
    0n,
  )
}

describe('a client secret', () => {
  it('reads back as it was written, with its handle', () => {
    fc.assert(
      fc.property(secrets, (made) => {
        expect(parseSecret(made.secret)).toEqual(made)
        expect(parseSecretHandle(made.handle)).toBe(made.handle)
        expect(made.secret.slice(4, 20)).toBe(made.handle)
      }),
    )
  })

  it('is csk_, 16 characters, _, 43 and 6, none of them changed by form-encoding', () => {
    fc.assert(
      fc.property(secrets, ({ secret }) => {
        expect(secret).toMatch(/^csk_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/)
        expect(new URLSearchParams({ s: secret }).toString()).toBe(`s=${secret}`)
      }),
    )
  })

  it('holds all 256 bits of its key, and as much of its handle as 16 characters can', () => {
    fc.assert(
      fc.property(handleBytes, keyBytes, (handle, key) => {
        const { secret } = encodeSecret(handle, key)
        expect(fromBase62(secret.slice(21, 64))).toBe(numberOf(key))
        expect(fromBase62(secret.slice(4, 20))).toBe(numberOf(handle) % 62n ** 16n)
      }),
    )
  })

  it('ends with the CRC-32 of what comes before', () => {
    fc.assert(
      fc.property(secrets, ({ secret }) => {
        expect(fromBase62(secret.slice(-6))).toBe(BigInt(crc32(secret.slice(0, -6))))
      }),
    )
  })

  it('is written so by every version', () => {
    expect(encodeSecret(new Uint8Array(12).fill(1), new Uint8Array(32).fill(255)).secret).toBe(
      'csk_0P3GqYOsJpHeOIO9_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12cAlgi',
    )
  })

  it('is refused with any one character exchanged', () => {
    const [first] = fc.sample(secrets, { numRuns: 1, seed: 1 })
    const secret: string = first?.secret ?? ''
    for (let at = 0; at < secret.length; at += 1) {
      for (const other of `${alphabet}_-~ é`) {
        if (other === secret.charAt(at)) continue
        const altered = `${secret.slice(0, at)}${other}${secret.slice(at + 1)}`
        expect([altered, parseSecret(altered)]).toEqual([altered, undefined])
      }
    }
  })

  it('is refused with two neighbours exchanged', () => {
    fc.assert(
      fc.property(secrets, fc.integer({ min: 0, max: 68 }), ({ secret }, at) => {
        const swapped = `${secret.slice(0, at)}${secret.charAt(at + 1)}${secret.charAt(at)}${secret.slice(at + 2)}`
        fc.pre(swapped !== secret)
        expect(parseSecret(swapped)).toBeUndefined()
      }),
    )
  })

  it('is refused when cut or lengthened at either end', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.integer({ min: 1, max: 70 }),
        fc.string({ minLength: 1 }),
        ({ secret }, cut, more) => {
          expect(parseSecret(secret.slice(cut))).toBeUndefined()
          expect(parseSecret(secret.slice(0, -cut))).toBeUndefined()
          expect(parseSecret(`${secret}${more}`)).toBeUndefined()
          expect(parseSecret(`${more}${secret}`)).toBeUndefined()
        },
      ),
    )
  })

  it('is refused in any other form, whatever its checksum', () => {
    const text = encodeSecret(new Uint8Array(12), new Uint8Array(32)).secret.slice(0, -6)
    expect(parseSecret(withChecksum(text))).toBeDefined()
    for (const other of [
      `x${text}`,
      `${text}x`,
      text.slice(0, -1),
      text.replace('csk', 'csx'),
      '',
    ]) {
      expect(parseSecret(withChecksum(other))).toBeUndefined()
    }
  })

  it('is refused with a line break behind it', () => {
    const { secret } = encodeSecret(new Uint8Array(12), new Uint8Array(32))
    expect(parseSecret(`${secret}\n`)).toBeUndefined()
  })
})

describe('a secret handle', () => {
  it.each(['', 'a'.repeat(15), 'a'.repeat(17), `${'a'.repeat(15)}_`, `${'a'.repeat(16)}\n`])(
    'is not %j',
    (text) => {
      expect(parseSecretHandle(text)).toBeUndefined()
    },
  )
})

import { describe, expect, it } from 'vitest'
import { seal } from '../../src/crypto/key-encryption-key.ts'
import { totp } from '../../src/crypto/totp.ts'
import { parseEmail } from '../../src/domain/person.ts'
import { numericDate } from '../../src/domain/time.ts'
import type { TotpStep } from '../../src/domain/totp.ts'
import { noStep, parseTotpCode, stepsTaken, totpUri } from '../../src/domain/totp.ts'
import { keyEncryptionKey } from '../support/house.ts'

const key = keyEncryptionKey('1'.repeat(64))
const { make, stepOf, reseal } = totp([key])

/** RFC 6238, Appendix B: the key of the test vectors for SHA-1, in base32. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

const code = (text: string) => {
  const parsed = parseTotpCode(text)
  if (parsed === undefined) throw new Error(`not a code: ${text}`)
  return parsed
}

describe('a code of an authenticator', () => {
  // The vectors have eight digits; six are the last six of them.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('is as RFC 6238 has it at %i', async (at, digits) => {
    const sealed = { sealed: await seal(key, rfcSecret), keyEncryptionKeyId: key.id }
    const steps = stepsTaken(numericDate(at), noStep)
    expect(await stepOf(sealed, code(digits.slice(2)), steps)).toBe(Math.floor(at / 30))
    expect(await stepOf(sealed, code('000000'), steps)).toBeUndefined()
  })

  it('is taken half a minute early and late, and not once a later one was', () => {
    const now = numericDate(1_111_111_111)
    const step = Math.floor(now / 30)
    expect(stepsTaken(now, noStep)).toEqual([step, step - 1, step + 1])
    expect(stepsTaken(now, (step - 1) as TotpStep)).toEqual([step, step + 1])
    expect(stepsTaken(now, (step + 1) as TotpStep)).toEqual([])
  })

  it('has six digits, in groups if its owner likes', () => {
    expect(parseTotpCode('123 456')).toBe('123456')
    for (const text of ['', '12345', '1234567', '12345a', '١٢٣٤٥٦', ' '.repeat(20) + '123456']) {
      expect(parseTotpCode(text)).toBeUndefined()
    }
  })
})

describe('the secret of an authenticator', () => {
  it('is made at random and sealed', async () => {
    const [one, other] = [await make(), await make()]
    expect(one.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(one.secret).not.toBe(other.secret)
    expect(one.sealed).not.toContain(one.secret)
    expect(one.keyEncryptionKeyId).toBe(key.id)
  })

  it('is sealed anew under another key, and is the same secret', async () => {
    const next = keyEncryptionKey('2'.repeat(64))
    const both = totp([next, key])
    const before = { sealed: await seal(key, rfcSecret), keyEncryptionKeyId: key.id }
    const after = await both.reseal(before)
    if (!after.ok) throw new Error(after.refusal.reason)
    expect(after.value.keyEncryptionKeyId).toBe(next.id)
    const steps = stepsTaken(numericDate(59), noStep)
    expect(await totp([next]).stepOf(after.value, code('287082'), steps)).toBe(1)
    await expect(stepOf(after.value, code('287082'), steps)).rejects.toThrow('not opened')
    expect(await reseal(after.value)).toMatchObject({ ok: false })
  })

  it('is told to an authenticator with the server and the account it is for', () => {
    const email = parseEmail('ada@example.com')
    if (email === undefined) throw new Error('no email')
    const uri = new URL(totpUri('id.example.com', email, rfcSecret))
    expect(uri.href).toMatch(
      /^otpauth:\/\/totp\/Countersign%20id\.example\.com:ada%40example\.com\?/,
    )
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: rfcSecret,
      issuer: 'Countersign id.example.com',
    })
  })
})

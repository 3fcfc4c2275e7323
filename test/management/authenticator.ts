import { createHmac } from 'node:crypto'
import type { NumericDate } from '../../src/domain/time.ts'
import type { TotpCode } from '../../src/domain/totp.ts'
import { parseTotpCode } from '../../src/domain/totp.ts'

/** What an authenticator shows: written here once more, from RFC 6238 alone. */
export function codeOf(secret: string, at: NumericDate) {
  const bits = Array.from(secret, (digit) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0'),
  ).join('')
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(at / 30), 4)
  const mac = createHmac('sha1', key).update(counter).digest()
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7f_ff_ff_ff
  return code(String(number % 1e6).padStart(6, '0'))
}

export function code(text: string): TotpCode {
  const parsed = parseTotpCode(text)
  if (parsed === undefined) throw new Error(`not a code: ${text}`)
  return parsed
}

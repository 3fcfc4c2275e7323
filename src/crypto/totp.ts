import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Unavailable } from '../domain/fault.ts'
import { accept } from '../domain/result.ts'
import { seconds } from '../domain/time.ts'
import type { TotpStep } from '../domain/totp.ts'
import { totpDigits } from '../domain/totp.ts'
import type { SealedTotp, Totp } from '../ports/totp.ts'
import { seal, unseal } from './key-encryption-key.ts'
import type { KeyEncryptionKeys } from './key-vault.ts'
import { keyOf } from './key-vault.ts'

/** As long as the hash, as RFC 4226 §4 (R6) recommends. */
const secretBytes = 20
const retryAfter = seconds(60)

/** HMAC-SHA-1, six digits and half minutes: what every authenticator knows. RFC 6238 §1.2. */
export function totp(keys: KeyEncryptionKeys): Totp {
  const [current] = keys
  const sealed = async (secret: string): Promise<SealedTotp> => ({
    sealed: await seal(current, secret),
    keyEncryptionKeyId: current.id,
  })
  return {
    make: async () => {
      const secret = toBase32(randomBytes(secretBytes))
      return { secret, ...(await sealed(secret)) }
    },
    stepOf: async ({ sealed: text }, code, among) => {
      const secret = await unseal(keyOf(keys, text), text)
      if (!secret.ok) {
        throw new Unavailable(`a TOTP secret was not opened: ${secret.refusal.reason}`, retryAfter)
      }
      const key = fromBase32(secret.value)
      // Each is worked out, whichever fits.
      const fitting = among.filter((step) => isSame(codeAt(key, step), code))
      return fitting.at(0)
    },
    reseal: async ({ sealed: before }) => {
      const secret = await unseal(keyOf(keys, before), before)
      return secret.ok ? accept(await sealed(secret.value)) : secret
    },
  }
}

/** RFC 4226 §5.3 over the number of the step. */
function codeAt(key: Uint8Array, step: TotpStep): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff
  return String(number % 10 ** totpDigits).padStart(totpDigits, '0')
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6, of whole groups of five bytes. */
function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replaceAll(/.{5}/g, (digit) => base32.charAt(Number.parseInt(digit, 2)))
}

function fromBase32(text: string): Uint8Array {
  const bits = Array.from(text, (digit) => base32.indexOf(digit).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2))
}

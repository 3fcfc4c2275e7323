import type { Brand } from './brand.ts'
import type { Email } from './person.ts'
import type { NumericDate } from './time.ts'

/** Six digits that an authenticator shows for half a minute. RFC 6238. */
export type TotpCode = Brand<string, 'TotpCode'>

/** The number of a half minute since the epoch. RFC 6238 §4.2. */
export type TotpStep = Brand<number, 'TotpStep'>

export const totpDigits = 6
const stepSeconds = 30

export function parseTotpCode(text: string): TotpCode | undefined {
  const digits = text.replaceAll(' ', '')
  return /^\d{6}$/.test(digits) && text.length <= 2 * totpDigits ? (digits as TotpCode) : undefined
}

/**
 * The steps whose codes are taken now: this one, and one to either side, for clocks that differ and
 * for slow fingers (RFC 6238 §5.2). A step of which a code was taken is over, and so are those
 * before it: a code that somebody has looked at is worth nothing.
 */
export function stepsTaken(now: NumericDate, last: TotpStep): readonly TotpStep[] {
  const step = Math.floor(now / stepSeconds)
  return [step, step - 1, step + 1].filter((one) => one > last) as TotpStep[]
}

/** The step before all others: nothing has been taken yet. */
export const noStep = 0 as TotpStep

/** What an authenticator reads from a QR code, or is told by hand. */
export function totpUri(host: string, email: Email, secret: string): string {
  const issuer = encodeURIComponent(`Countersign ${host}`)
  return `otpauth://totp/${issuer}:${encodeURIComponent(email)}?secret=${secret}&issuer=${issuer}`
}

import { createHash } from 'node:crypto'
import type { ClientSecret } from '../../src/domain/secret.ts'
import { encodeSecret } from '../../src/domain/secret.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A secret with the form, the handle and the checksum of a right one, and another key: a guess. */
export function wrongSecret({ secret }: { readonly secret: ClientSecret }, guess = 0): string {
  const handle = secret.slice('csk_'.length, 'csk_'.length + 16)
  let value = 0n
  for (const digit of handle) value = value * 62n + BigInt(base62.indexOf(digit))
  const handleBytes = Buffer.from(value.toString(16).padStart(24, '0'), 'hex')
  return encodeSecret(handleBytes, createHash('sha256').update(`${guess}`).digest()).secret
}

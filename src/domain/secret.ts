import type { Brand } from './brand.ts'

/**
 * A client secret as its holder has it:
 *
 *     csk_ hhhhhhhhhhhhhhhh _ sssssssssssssssssssssssssssssssssssssssssss cccccc
 *          16 handle          43 base62 digits, 256 random bits            6 CRC-32
 *
 * Only `[A-Za-z0-9_]`, so that clients that skip the form-encoding inside Basic (RFC 6749 §2.3.1)
 * agree with those that do not. The handle finds the row; the checksum turns away typing errors and
 * noise before any lookup, and lets scanners recognise a leak.
 */
export type ClientSecret = Brand<string, 'ClientSecret'>

/** The public part of a secret: stored beside the hash, shown in lists. */
export type SecretHandle = Brand<string, 'SecretHandle'>

/** For secret scanners: whatever matches this was made by a Countersign server. */
const secretPattern = /^csk_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const handleCharacters = 16
const keyCharacters = 43
const checksumCharacters = 6

export type ParsedSecret = { readonly secret: ClientSecret; readonly handle: SecretHandle }

/** Reads a secret; `undefined` if its form or its checksum is wrong. */
export function parseSecret(text: string): ParsedSecret | undefined {
  const handle = secretPattern.exec(text)?.[1]
  if (handle === undefined) return undefined
  if (text.slice(-checksumCharacters) !== checksum(text.slice(0, -checksumCharacters))) {
    return undefined
  }
  return { secret: text as ClientSecret, handle: handle as SecretHandle }
}

export function parseSecretHandle(text: string): SecretHandle | undefined {
  return /^[0-9A-Za-z]{16}$/.test(text) ? (text as SecretHandle) : undefined
}

/** Writes a secret from 12 random bytes for its handle and 32 for its key. */
export function encodeSecret(handleBytes: Uint8Array, keyBytes: Uint8Array): ParsedSecret {
  const handle = toBase62(handleBytes, handleCharacters)
  const start = `csk_${handle}_${toBase62(keyBytes, keyCharacters)}`
  return { secret: `${start}${checksum(start)}` as ClientSecret, handle: handle as SecretHandle }
}

/** CRC-32 in base62. It fits a number, and this runs for every token, so not in big integers. */
function checksum(text: string): string {
  let value = crc32(text)
  let digits = ''
  for (let digit = 0; digit < checksumCharacters; digit += 1) {
    digits = base62.charAt(value % 62) + digits
    value = Math.floor(value / 62)
  }
  return digits
}

/** Writes bytes as a number in base62, with leading zeros. What does not fit is cut off on the left. */
function toBase62(bytes: Uint8Array, characters: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let digit = 0; digit < characters; digit += 1) {
    text = base62.charAt(Number(value % 62n)) + text
    value /= 62n
  }
  return text
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xed_b8_83_20 : remainder >>> 1
  }
  return remainder
})

/** CRC-32 (ISO 3309) of ASCII text. */
function crc32(text: string): number {
  let crc = 0xff_ff_ff_ff
  for (let index = 0; index < text.length; index += 1) {
    crc = (crcTable[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0
}

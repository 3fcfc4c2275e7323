/**
 * Secrets are written in base62, so that they survive every encoding between here and their holder,
 * and end in a checksum, which turns away typing errors and noise before any lookup and lets scanners
 * recognise a leak.
 */

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checksumCharacters = 6

/** Characters of 256 bits. */
export const keyCharacters = 43

/** Writes bytes as a number in base62, with leading zeros. What does not fit is cut off on the left. */
export function toBase62(bytes: Uint8Array, characters: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let digit = 0; digit < characters; digit += 1) {
    text = digits.charAt(Number(value % 62n)) + text
    value /= 62n
  }
  return text
}

/** CRC-32 in base62. It fits a number, and this runs for every token, so not in big integers. */
export function checksum(text: string): string {
  let value = crc32(text)
  let written = ''
  for (let digit = 0; digit < checksumCharacters; digit += 1) {
    written = digits.charAt(value % 62) + written
    value = Math.floor(value / 62)
  }
  return written
}

/** Whether text ends in the checksum of what comes before. */
export function hasChecksum(text: string): boolean {
  return text.slice(-checksumCharacters) === checksum(text.slice(0, -checksumCharacters))
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

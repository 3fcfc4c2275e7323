import { checksum, hasChecksum, keyCharacters, toBase62 } from './base62.ts'
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

const handleCharacters = 16

export type ParsedSecret = { readonly secret: ClientSecret; readonly handle: SecretHandle }

/** Reads a secret; `undefined` if its form or its checksum is wrong. */
export function parseSecret(text: string): ParsedSecret | undefined {
  const handle = secretPattern.exec(text)?.[1]
  if (handle === undefined || !hasChecksum(text)) return undefined
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

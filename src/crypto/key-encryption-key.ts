import { hash } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'

/** A key-encryption key: 256 bits that are not in the database, and the name that is. */
export type KeyEncryptionKey = { readonly id: string; readonly bytes: Uint8Array }

export type KeyEncryptionKeyRefusal = { readonly reason: 'key_encryption_key_malformed' }

const hexForm = /^[0-9A-Fa-f]{64}$/
const base64Form = /^[A-Za-z0-9+/_-]{43}=?$/

/**
 * Reads 32 bytes written in hexadecimal or base64 (either alphabet); white space around them, such
 * as the line break at the end of a file, does not count.
 */
export function parseKeyEncryptionKey(
  text: string,
): Result<KeyEncryptionKey, KeyEncryptionKeyRefusal> {
  const written = text.trim()
  if (hexForm.test(written)) return accept(keyEncryptionKey(Buffer.from(written, 'hex')))
  if (base64Form.test(written)) return accept(keyEncryptionKey(Buffer.from(written, 'base64')))
  return refuse({ reason: 'key_encryption_key_malformed' })
}

/** The id is half of a hash over a label and the key: it tells keys apart and nothing else. */
function keyEncryptionKey(bytes: Uint8Array): KeyEncryptionKey {
  const labelled = Buffer.concat([Buffer.from('countersign key-encryption key id\n'), bytes])
  return { id: hash('sha256', labelled, 'base64url').slice(0, 22), bytes }
}

/** Seals text as a JWE that names its key. RFC 7516 §3.1, RFC 7518 §4.5, §5.3. */
export async function seal(key: KeyEncryptionKey, text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id })
    .encrypt(key.bytes)
}

export type SealRefusal =
  /** Sealed under another key, which this process does not hold. */
  | { readonly reason: 'seal_of_another_key'; readonly keyEncryptionKey: string }
  /** Not a seal of ours, or altered since. */
  | { readonly reason: 'seal_broken' }

/** Opens what `seal` wrote. The header is believed only as far as to say which key is missing. */
export async function unseal(
  key: KeyEncryptionKey,
  sealed: string,
): Promise<Result<string, SealRefusal>> {
  const named = sealedUnder(sealed)
  if (named === undefined) return refuse({ reason: 'seal_broken' })
  if (named !== key.id) return refuse({ reason: 'seal_of_another_key', keyEncryptionKey: named })
  try {
    const { plaintext } = await compactDecrypt(sealed, key.bytes, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return accept(new TextDecoder().decode(plaintext))
  } catch {
    return refuse({ reason: 'seal_broken' })
  }
}

/** The id of the key that a seal says it was made with. */
export function sealedUnder(sealed: string): string | undefined {
  try {
    return decodeProtectedHeader(sealed).kid
  } catch {
    return undefined
  }
}

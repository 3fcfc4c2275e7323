import type { Ring } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import type { PublicJwk } from '../protocol/jwks.ts'
import type { Seal, SealedKey, StoredKey } from './signing-keys.ts'

/**
 * Where private signing keys are made and sealed. Several key-encryption keys can be held, so that
 * one can follow another; the first is the one to seal with.
 */
export type KeyVault = {
  /** The ids of the key-encryption keys held, the current one first. */
  readonly held: readonly [string, ...string[]]
  /** Makes a key for a ring, sealed under a key-encryption key that is held. */
  readonly make: (ring: Ring, keyEncryptionKeyId: string) => Promise<SealedKey>
  /** Whether the private half can be opened and belongs to the public one. */
  readonly opens: (key: StoredKey) => Promise<boolean>
  /** The public half that belongs to the private one, whatever the row says. */
  readonly publicHalf: (key: StoredKey) => Promise<Result<PublicJwk, CannotOpen>>
  /** Signs a text and says of what type it is: the whole token, RFC 7515 §7.1. */
  readonly sign: (
    key: StoredKey,
    signed: { readonly type: string; readonly text: string },
  ) => Promise<Result<string, CannotOpen>>
  /** The private half, sealed under the current key-encryption key instead. */
  readonly reseal: (key: StoredKey) => Promise<Result<Seal, CannotOpen>>
}

export type CannotOpen = { readonly reason: string }

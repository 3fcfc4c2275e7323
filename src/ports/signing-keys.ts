import type { SigningKeyTimes } from '../domain/key-ring.ts'
import type { PublicJwk } from '../protocol/jwks.ts'

export type PublishedKey = SigningKeyTimes & { readonly publicJwk: PublicJwk }

/** The private half of a key, and the key-encryption key that it is sealed under. */
export type Seal = { readonly sealedPrivateKey: string; readonly keyEncryptionKeyId: string }

/** A key as it is made: before it is known when it signs. */
export type SealedKey = Omit<PublishedKey, 'announcedAt' | 'signsFrom' | 'revokedAt'> & Seal

/** A key as it rests. */
export type StoredKey = PublishedKey & Seal

/** Every key of the server, known whole to every process. */
export type SigningKeys = {
  readonly all: () => readonly PublishedKey[]
}

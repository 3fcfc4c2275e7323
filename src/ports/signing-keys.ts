import type { SigningKeyTimes } from '../domain/key-ring.ts'
import type { PublicJwk } from '../protocol/jwks.ts'

export type PublishedKey = SigningKeyTimes & { readonly publicJwk: PublicJwk }

/** A key as it rests: its private half is sealed under the key-encryption key it names. */
export type SealedKey = Omit<PublishedKey, 'announcedAt' | 'signsFrom' | 'revokedAt'> & {
  readonly sealedPrivateKey: string
  readonly keyEncryptionKeyId: string
}

/** Every key of the server, known whole to every process. */
export type SigningKeys = {
  readonly all: () => readonly PublishedKey[]
}

import type { SigningKeyTimes } from '../domain/key-ring.ts'

/** The public half of an ES256 key, members in the order of RFC 7638 §3.2. */
export type PublicJwk = {
  readonly crv: 'P-256'
  readonly kty: 'EC'
  readonly x: string
  readonly y: string
}

export type PublishedKey = SigningKeyTimes & { readonly publicJwk: PublicJwk }

/** Every key of the server, known whole to every process. */
export type SigningKeys = {
  readonly all: () => readonly PublishedKey[]
}

import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint } from 'jose'
import type { Kid } from '../domain/key-ring.ts'
import { parseKid } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { PublishedKey, SealedKey } from '../ports/signing-keys.ts'
import type { PublicJwk } from '../protocol/jwks.ts'
import type { KeyEncryptionKey, SealRefusal } from './key-encryption-key.ts'
import { seal, unseal } from './key-encryption-key.ts'

/** A key that can sign. */
export type OpenedKey = PublishedKey & { readonly privateKey: KeyObject }

/** Makes a key pair for one use and one algorithm, and seals its private half. */
export async function generateSigningKey(
  key: KeyEncryptionKey,
  { use, alg }: Pick<SealedKey, 'use' | 'alg'>,
): Promise<SealedKey> {
  const pair = await keyTypes[alg].generate()
  const publicJwk = publicJwkOf(alg, pair.publicKey)
  if (publicJwk === undefined) throw new Error(`a new key does not fit ${alg}`)
  return {
    kid: await thumbprint(publicJwk),
    use,
    alg,
    publicJwk,
    sealedPrivateKey: await seal(key, JSON.stringify(pair.privateKey.export({ format: 'jwk' }))),
    keyEncryptionKeyId: key.id,
  }
}

export type OpenSigningKeyRefusal =
  | (SealRefusal & { readonly kid: Kid })
  /** The sealed private half belongs to a different public half than the row says. */
  | { readonly reason: 'signing_key_mismatched'; readonly kid: Kid }
  /** The key is not of the type that the algorithm of the row takes. RFC 8725 §3.1. */
  | { readonly reason: 'signing_key_alg_mismatched'; readonly kid: Kid; readonly alg: SigningAlg }

/**
 * Opens the private half of a key. Refuses one that does not belong to its `kid`, or to its `alg`:
 * whoever can write to the database can make a key of theirs sign neither under the name of another
 * nor by another algorithm.
 */
export async function openSigningKey(
  key: KeyEncryptionKey,
  { sealedPrivateKey, ...published }: PublishedKey & Pick<SealedKey, 'sealedPrivateKey'>,
): Promise<Result<OpenedKey, OpenSigningKeyRefusal>> {
  const { kid, alg } = published
  const opened = await unseal(key, sealedPrivateKey)
  if (!opened.ok) return refuse({ ...opened.refusal, kid })

  const privateKey = createPrivateKey({ key: JSON.parse(opened.value), format: 'jwk' })
  const publicJwk = publicJwkOf(alg, createPublicKey(privateKey))
  if (publicJwk === undefined) return refuse({ reason: 'signing_key_alg_mismatched', kid, alg })
  if ((await thumbprint(publicJwk)) !== kid)
    return refuse({ reason: 'signing_key_mismatched', kid })
  return accept({ ...published, publicJwk, privateKey })
}

type KeyType = {
  readonly generate: () => Promise<{
    readonly publicKey: KeyObject
    readonly privateKey: KeyObject
  }>
  /** The members of a public key that make its thumbprint; `undefined` for a key of another type. */
  readonly publicJwk: (members: JsonWebKey) => PublicJwk | undefined
}

const newKeyPair = promisify(generateKeyPair)

/**
 * As small as RFC 7518 §3.3 allows: a key of 3072 bits takes nearly three times as long to sign, in
 * which a process does nothing else, and no signature has to be safe for longer than a token lives.
 */
const rsaBits = 2048

/** Which keys an algorithm takes. */
const keyTypes: Readonly<Record<SigningAlg, KeyType>> = {
  ES256: {
    generate: async () => newKeyPair('ec', { namedCurve: 'P-256' }),
    publicJwk: ({ kty, crv, x, y }) =>
      kty === 'EC' && crv === 'P-256' && isText(x) && isText(y) ? { crv, kty, x, y } : undefined,
  },
  Ed25519: {
    generate: async () => newKeyPair('ed25519', {}),
    publicJwk: ({ kty, crv, x }) =>
      kty === 'OKP' && crv === 'Ed25519' && isText(x) ? { crv, kty, x } : undefined,
  },
  RS256: {
    generate: async () => newKeyPair('rsa', { modulusLength: rsaBits }),
    publicJwk: ({ kty, e, n }) =>
      kty === 'RSA' && isText(e) && isText(n) ? { e, kty, n } : undefined,
  },
  'ML-DSA-44': {
    generate: async () => newKeyPair('ml-dsa-44', {}),
    publicJwk: ({ kty, alg, pub }) =>
      kty === 'AKP' && alg === 'ML-DSA-44' && isText(pub) ? { alg, kty, pub } : undefined,
  },
}

function publicJwkOf(alg: SigningAlg, publicKey: KeyObject): PublicJwk | undefined {
  const { modulusLength = rsaBits } = publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength < rsaBits) return undefined
  return keyTypes[alg].publicJwk(publicKey.export({ format: 'jwk' }))
}

function isText(member: unknown): member is string {
  return typeof member === 'string'
}

async function thumbprint(jwk: PublicJwk): Promise<Kid> {
  const kid = parseKid(await calculateJwkThumbprint(jwk))
  if (kid === undefined) throw new Error('a thumbprint is 43 characters')
  return kid
}

import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint } from 'jose'
import type { Kid } from '../domain/key-ring.ts'
import { parseKid } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { PublishedKey, SealedKey } from '../ports/signing-keys.ts'
import type { PublicJwk } from '../protocol/jwks.ts'
import type { KeyEncryptionKey, SealRefusal } from './key-vault.ts'
import { seal, unseal } from './key-vault.ts'

/** A key that can sign. */
export type OpenedKey = PublishedKey & { readonly privateKey: KeyObject }

/** Makes an ES256 key pair and seals its private half. RFC 7518 §3.4, §6.2. */
export async function generateSigningKey(key: KeyEncryptionKey): Promise<SealedKey> {
  const pair = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const publicJwk = publicJwkOf(pair.publicKey)
  return {
    kid: await thumbprint(publicJwk),
    use: 'access_token',
    alg: 'ES256',
    publicJwk,
    sealedPrivateKey: await seal(key, JSON.stringify(pair.privateKey.export({ format: 'jwk' }))),
    keyEncryptionKeyId: key.id,
  }
}

export type SigningKeyRefusal =
  | (SealRefusal & { readonly kid: Kid })
  /** The sealed private half belongs to a different public half than the row says. */
  | { readonly reason: 'signing_key_mismatched'; readonly kid: Kid }

/**
 * Opens the private half of a key. Refuses one that does not belong to its `kid`: whoever can write
 * to the database cannot make a key of theirs sign under the name of another.
 */
export async function openSigningKey(
  key: KeyEncryptionKey,
  { sealedPrivateKey, ...published }: PublishedKey & Pick<SealedKey, 'sealedPrivateKey'>,
): Promise<Result<OpenedKey, SigningKeyRefusal>> {
  const { kid } = published
  const opened = await unseal(key, sealedPrivateKey)
  if (!opened.ok) return refuse({ ...opened.refusal, kid })

  const privateKey = createPrivateKey({ key: JSON.parse(opened.value), format: 'jwk' })
  const publicJwk = publicJwkOf(createPublicKey(privateKey))
  if ((await thumbprint(publicJwk)) !== kid)
    return refuse({ reason: 'signing_key_mismatched', kid })
  return accept({ ...published, publicJwk, privateKey })
}

function publicJwkOf(key: KeyObject): PublicJwk {
  const { x, y } = key.export({ format: 'jwk' })
  if (x === undefined || y === undefined) throw new Error('not the public half of an EC key')
  return { crv: 'P-256', kty: 'EC', x, y }
}

async function thumbprint(jwk: PublicJwk): Promise<Kid> {
  const kid = parseKid(await calculateJwkThumbprint(jwk))
  if (kid === undefined) throw new Error('a thumbprint is 43 characters')
  return kid
}

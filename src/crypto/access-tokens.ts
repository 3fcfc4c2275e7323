import type { KeyObject } from 'node:crypto'
import { createPublicKey, verify } from 'node:crypto'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { NumericDate } from '../domain/time.ts'
import type { AccessTokens } from '../ports/access-tokens.ts'
import type { PublishedKey } from '../ports/signing-keys.ts'
import type { Claims, TokenInvalid } from '../protocol/access-token-claims.ts'
import { tokenInvalid } from '../protocol/access-token-claims.ts'

/** The largest token that is issued has some 7 kB. */
const tokenCharactersMax = 8192

/** RFC 7515 §7.1, and none of the other serialisations. A signature that is left out is no signature. */
const compactForm = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

/**
 * Opens the tokens that this server signed, with the keys that it publishes: `keys` are those at a
 * moment, and a revoked one is not among them. RFC 7515 §5.2, RFC 8725 §3.
 *
 * The key is found by its `kid` among our own and decides about the algorithm; what else a header
 * brings along (`jwk`, `jku`, `x5u`) is never looked at. Header and claims have to be written just as
 * we write them: a name that is there twice, which two readers may read in two ways, is not.
 */
export function accessTokens(keys: (now: NumericDate) => readonly PublishedKey[]): AccessTokens {
  const publicKeys = new WeakMap<PublishedKey, KeyObject>()
  const publicKeyOf = (key: PublishedKey): KeyObject => {
    const known = publicKeys.get(key)
    if (known !== undefined) return known
    const made = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' })
    publicKeys.set(key, made)
    return made
  }
  return {
    open: (token, now) => {
      const parts = token.length > tokenCharactersMax ? null : compactForm.exec(token)
      const [, header = '', payload = '', signature = ''] = parts ?? []
      if (parts === null) return tokenInvalid('it is not in compact form, or too long')

      const key = keyFor(readObject(header), keys(now))
      if (!key.ok) return key
      const isSigned = hasSigned(key.value, publicKeyOf(key.value), {
        signed: `${header}.${payload}`,
        signature,
      })
      if (!isSigned) return tokenInvalid('its signature is wrong')
      const claims = readObject(payload)
      return claims === undefined ? tokenInvalid('its claims are malformed') : accept(claims)
    },
  }
}

/** The key that a header is of: our own, for this use, with the algorithm that the header says. */
function keyFor(
  header: Claims | undefined,
  keys: readonly PublishedKey[],
): Result<PublishedKey, TokenInvalid> {
  if (header === undefined) return tokenInvalid('its header is malformed')
  // An extension that we do not know must not be passed over. RFC 7515 §4.1.11.
  if (header.has('crit')) return tokenInvalid('it demands an extension')
  if (header.get('typ') !== 'at+jwt') return tokenInvalid('it is not of the type at+jwt')
  const kid = header.get('kid')
  const key = keys.find((one) => one.use === 'access_token' && one.kid === kid)
  if (key === undefined) return tokenInvalid('no key of this server signed it')
  if (header.get('alg') !== key.alg) return tokenInvalid('its algorithm is not that of its key')
  return accept(key)
}

type Signed = { readonly signed: string; readonly signature: string }

function hasSigned({ alg }: PublishedKey, key: KeyObject, { signed, signature }: Signed): boolean {
  const bytes = bytesOf(signature)
  return bytes !== undefined && verifications[alg](Buffer.from(signed), key, bytes)
}

const verifications: Readonly<
  Record<SigningAlg, (signed: Buffer, key: KeyObject, signature: Buffer) => boolean>
> = {
  // R‖S of 32 bytes each. RFC 7518 §3.4.
  ES256: (signed, key, signature) =>
    verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature),
  Ed25519: (signed, key, signature) => verify(null, signed, key, signature),
  RS256: (signed, key, signature) => verify('sha256', signed, key, signature),
  'ML-DSA-44': (signed, key, signature) => verify(null, signed, key, signature),
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a JSON object that is written as `JSON.stringify` writes it. */
function readObject(part: string): Claims | undefined {
  const bytes = bytesOf(part)
  if (bytes === undefined) return undefined
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return JSON.stringify(value) === text ? new Map(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}

/** Bytes have one spelling: unused bits of the last character are zero. RFC 4648 §3.5. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

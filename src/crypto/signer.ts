import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'
import { Unavailable } from '../domain/fault.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import { accessTokenKey } from '../domain/signing-terms.ts'
import { seconds } from '../domain/time.ts'
import type { ActiveKey, Signer } from '../ports/signer.ts'
import type { PublishedKey } from '../ports/signing-keys.ts'

const retryAfter = seconds(5)
/** An API with a new algorithm has its first key within about a second. */
const keyAwaitedFor = seconds(1)

/** A key as this process has it: without its private half if it could not open that. */
export type HeldKey = PublishedKey & { readonly privateKey?: KeyObject }

/**
 * Signs access tokens with the key that is active among `keys`. RFC 7515 §7.1, RFC 9068 §2.1.
 *
 * `keys` is the whole ring. Without a key that cannot be opened, one that was laid down, or one
 * before a revoked one, would look active.
 *
 * Synchronous, and for ES256 with node:crypto's own DER signatures turned into the form of JOSE
 * here: a third of what WebCrypto costs, and signing is most of the work of issuing a token.
 */
export function signer(keys: () => readonly HeldKey[]): Signer {
  const prepared = new WeakMap<HeldKey, ActiveKey>()
  return {
    activeKey: (terms, now) => {
      const key = accessTokenKey(keys(), terms, now)
      if (key === undefined) throw new Unavailable('no key may sign now', keyAwaitedFor)
      const known = prepared.get(key)
      if (known !== undefined) return known
      const active = prepare(key)
      prepared.set(key, active)
      return active
    },
  }
}

/** The header of a token is that of its key, and is written once. */
function prepare({ kid, alg, privateKey }: HeldKey): ActiveKey {
  if (privateKey === undefined) {
    throw new Unavailable('the key that signs now could not be opened', retryAfter)
  }
  const header = base64url(JSON.stringify({ alg, typ: 'at+jwt', kid }))
  const signature = signatures[alg]
  return {
    kid,
    alg,
    sign: (claims) => {
      const signed = `${header}.${base64url(claims)}`
      return `${signed}.${signature(Buffer.from(signed), privateKey).toString('base64url')}`
    },
  }
}

/** How the bytes of a JWS are signed, each in the quickest way that node:crypto has. */
const signatures: Readonly<Record<SigningAlg, (signed: Buffer, key: KeyObject) => Buffer>> = {
  ES256: (signed, key) => rawSignature(sign('sha256', signed, key)),
  Ed25519: (signed, key) => sign(null, signed, key),
  RS256: (signed, key) => sign('sha256', signed, key),
  'ML-DSA-44': (signed, key) => sign(null, signed, key),
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

const integerBytes = 32

/**
 * Turns an ECDSA signature from DER (30 length 02 length R 02 length S) into R‖S of 32 bytes each.
 * RFC 7518 §3.4. All lengths are one byte for P-256.
 */
export function rawSignature(der: Buffer): Buffer {
  const raw = Buffer.alloc(2 * integerBytes)
  const endOfR = 4 + der.readUInt8(3)
  const endOfS = endOfR + 2 + der.readUInt8(endOfR + 1)
  copyInteger(der, [4, endOfR], raw, integerBytes)
  copyInteger(der, [endOfR + 2, endOfS], raw, 2 * integerBytes)
  return raw
}

/** DER writes as few bytes as it can, and a zero before a leading one bit; so the ends are aligned. */
function copyInteger(
  der: Buffer,
  [from, to]: readonly [number, number],
  raw: Buffer,
  end: number,
): void {
  const bytes = Math.min(to - from, integerBytes)
  der.copy(raw, end - bytes, to - bytes, to)
}

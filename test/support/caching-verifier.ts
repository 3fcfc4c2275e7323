import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createPublicKey, verify } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'

export type CachingVerifier = {
  /** What is wrong with the signature of a token; `undefined` if it is good. */
  readonly whyBad: (token: string) => Promise<string | undefined>
  /** The kids it holds now. */
  readonly kids: () => readonly string[]
}

/**
 * A resource server that keeps the published keys for just as long as their headers allow, and asks
 * for them at no other time: not when it meets a kid that it does not know, either.
 */
export function cachingVerifier(url: string): CachingVerifier {
  let keys: ReadonlyMap<string, KeyObject> = new Map()
  let keptUntil = 0
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    const response = await fetch(`${url}/.well-known/jwks.json`)
    const document = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] }
    const maxAge = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1] ?? 0
    keptUntil = performance.now() + Number(maxAge) * 1000
    keys = new Map(
      document.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]),
    )
  }

  return {
    kids: () => [...keys.keys()],
    whyBad: async (token) => {
      if (performance.now() >= keptUntil) {
        fetching ??= fetchKeys().finally(() => (fetching = undefined))
        await fetching
      }
      const key = keys.get(decodeProtectedHeader(token).kid ?? '')
      if (key === undefined) return 'the key is not known'
      const at = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(at + 1), 'base64url')
      const good = verify(
        'sha256',
        Buffer.from(token.slice(0, at)),
        { key, dsaEncoding: 'ieee-p1363' },
        signature,
      )
      return good ? undefined : 'the signature is wrong'
    },
  }
}

import { accessTokens } from '../crypto/access-tokens.ts'
import { publishedKeys } from '../domain/key-ring.ts'
import type { Seconds } from '../domain/time.ts'
import type { VerifyAccessToken } from '../ports/access-tokens.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { PublishedKey } from '../ports/signing-keys.ts'
import { verifyAccessToken } from '../token/verify-access-token.ts'

type Needs = {
  readonly issuer: string
  readonly keys: { readonly published: () => readonly PublishedKey[] }
  /** How long a retired key is still published, and so how long what it signed is believed. */
  readonly keptFor: Seconds
  readonly freshness: Pick<Freshness, 'ensure'>
}

/** Verifies what is brought to our own API with the keys that everybody else is shown. */
export function accessTokenVerifier({ keys, keptFor, ...needs }: Needs): VerifyAccessToken {
  const opened = accessTokens((now) => publishedKeys(keys.published(), { now, keptFor }))
  return async (token, now) => verifyAccessToken({ ...needs, accessTokens: opened }, token, now)
}

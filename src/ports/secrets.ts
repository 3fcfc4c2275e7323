import type { Brand } from '../domain/brand.ts'
import type { Phc } from '../domain/credential.ts'
import type { ClientSecret, ParsedSecret } from '../domain/secret.ts'

/** SHA-256 of this process's random key and a secret: worth nothing outside this process. */
export type SecretTag = Brand<Uint8Array, 'SecretTag'>

export type Secrets = {
  readonly generate: () => ParsedSecret
  readonly hash: (secret: ClientSecret) => Promise<Phc>
  /**
   * Compares a secret with a hash, in one of a few lanes.
   * Throws `Unavailable` when the lanes and their queue are full.
   */
  readonly verify: (hash: Phc, secret: ClientSecret) => Promise<boolean>
  /** A hash that no secret fits, to spend the same time on a client that is not there. */
  readonly decoy: Phc
  readonly tag: (secret: ClientSecret) => SecretTag
  readonly sameTag: (a: SecretTag, b: SecretTag) => boolean
}

import type { ClientSecretCredential } from '../domain/credential.ts'
import type { ClientId } from '../domain/id.ts'
import type { Seconds } from '../domain/time.ts'
import type { TokenRefusal } from '../protocol/token-response.ts'
import type { SecretTag } from './secrets.ts'

/** What a process remembers of proofs that were tried, so that none is worked out twice. */
export type Attempts = {
  /** Whether this secret has proved this very credential before. */
  readonly hasProved: (credential: ClientSecretCredential, tag: SecretTag) => boolean
  readonly proved: (credential: ClientSecretCredential, tag: SecretTag) => void
  /** Why this secret failed a moment ago, if nothing changed since. */
  readonly failureOf: (client: ClientId, tag: SecretTag) => TokenRefusal | undefined
  /** Counts a failure against the client at this network, and more loosely against the network. */
  readonly failed: (at: Attempted, remembered?: Failure) => void
  /** How long this caller has to wait before its next try, if it failed too often. */
  readonly mustWait: (at: Attempted) => Seconds | undefined
  /**
   * Does the work of callers that would have to wait, one at a time in the whole process. When too
   * many are in line already, nothing is done.
   */
  readonly slowly: <Value>(work: () => Promise<Value>) => Promise<Value | undefined>
}

/** The client as it was claimed, and the network address that claimed it. */
export type Attempted = { readonly client: string; readonly network: string }

export type Failure = {
  readonly client: ClientId
  readonly tag: SecretTag
  readonly refusal: TokenRefusal
}

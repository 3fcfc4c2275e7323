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
  /** Remembers for a moment why a secret failed. */
  readonly failed: (failure: Failure) => void
  /**
   * Begins a try. It counts as a failure of the client at this network, and more loosely of the
   * network, until it is given back. If there were too many: how long to wait.
   */
  readonly begin: (at: Attempted) => Seconds | undefined
  /** A try that succeeded, or of which nobody could tell. */
  readonly giveBack: (at: Attempted) => void
  /** Works out whether a secret proves a client. */
  readonly prove: <Value>(proof: Proof, work: () => Promise<Value>) => Promise<Value>
  /** Ends when this very secret, for this client, is no longer being worked out; if it is. */
  readonly proving: (proof: Proof) => Promise<unknown> | undefined
  /**
   * Does the work of callers that would have to wait, one at a time in the whole process. When too
   * many are in line already, nothing is done.
   */
  readonly slowly: <Value>(work: () => Promise<Value>) => Promise<Value | undefined>
}

/** The client as it was claimed, and the network address that claimed it. */
export type Attempted = { readonly client: string; readonly network: string }

/** A secret that is presented for a client. */
export type Proof = { readonly client: ClientId; readonly tag: SecretTag }

export type Failure = Proof & { readonly refusal: TokenRefusal }

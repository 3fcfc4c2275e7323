import type { Audience } from '../domain/api.ts'
import type { Actor } from '../domain/audit.ts'
import type { Credential } from '../domain/credential.ts'
import type { OrganizationId, PersonId, SessionId } from '../domain/id.ts'
import type { Kid } from '../domain/key-ring.ts'
import type { SignInFailure } from '../domain/session.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { Milliseconds, Seconds } from '../domain/time.ts'
import type { TokenRefusal } from '../protocol/token-response.ts'

/** What is told about a caller: never a secret, a token, a header or a body. */
export type Caller = {
  readonly traceId: string
  /** The network address the request came from. */
  readonly network: string
  readonly userAgent: string | undefined
  /** When its request was taken up, by the monotonic clock. */
  readonly since: Milliseconds
}

/** What happened, as a value; log lines and counters are written from it. */
export type Event =
  | {
      readonly kind: 'token_issued'
      readonly caller: Caller
      readonly client: string
      readonly credential: Credential['id']
      readonly audience: Audience
      readonly jti: string
      readonly kid: Kid
      readonly alg: SigningAlg
      readonly lifetime: Seconds
      readonly stale: boolean
    }
  | {
      readonly kind: 'token_refused'
      readonly caller: Caller
      /** The client id as it was claimed, if it has the form of one. */
      readonly client: string | undefined
      /** The exact reason; the caller only learns what the RFC allows. */
      readonly reason: TokenRefusal['reason']
      readonly facts: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'sign_in_accepted'
      readonly caller: Caller
      readonly person: PersonId
      readonly session: SessionId
    }
  | {
      readonly kind: 'sign_in_refused'
      readonly caller: Caller
      /** Whose password or code it was to be, once that is known. */
      readonly person: PersonId | undefined
      /** The exact reason; the caller learns neither that nor whether there is such a person. */
      readonly reason: SignInFailure
    }
  /** A call of management by somebody who is known and may not do that, or not there. */
  | {
      readonly kind: 'management_denied'
      readonly caller: Caller
      readonly actor: Actor
      /** The `operationId` of the route. */
      readonly operation: string
      /** The organization that the call named, if what it named has the form of one. */
      readonly organization: OrganizationId | undefined
      /** The exact reason, where the caller may only learn that there is no such thing. */
      readonly reason: string
    }
  /** A call of a route of the management API, however it went. */
  | {
      readonly kind: 'management_call'
      readonly caller: Caller
      /** Whoever called, if that is known. */
      readonly actor: Actor | undefined
      /** The `operationId` of the route. */
      readonly operation: string
      readonly status: number
      /** The reason for which it was refused, if it was. */
      readonly refusal: string | undefined
    }
  | {
      readonly kind: 'request_failed'
      readonly caller: Caller
      readonly method: string
      readonly path: string
      readonly status: number
      readonly error: unknown
    }
  /** Turned away before the application saw it: it was no HTTP, or not all of it came in time. */
  | {
      readonly kind: 'request_rejected'
      readonly caller: Caller
      readonly reason: RejectionReason
      /** What Node's parser calls it, of what it could not read. */
      readonly code: string | undefined
    }
  /** How many requests were shed in about a second, because the process is overloaded. */
  | { readonly kind: 'requests_shed'; readonly count: number }
  /** What is kept of refusals lost some: there were too many at once, or the database was away. */
  | { readonly kind: 'records_dropped'; readonly of: RecordKind; readonly count: number }
  | { readonly kind: 'records_failed'; readonly of: RecordKind; readonly error: unknown }
  /** What answers people and their programs cannot be loaded: the installation is broken. */
  | { readonly kind: 'room_failed'; readonly room: RoomName; readonly error: unknown }
  | { readonly kind: 'tail_failed'; readonly error: unknown }
  | { readonly kind: 'tail_recovered' }
  | { readonly kind: 'memory_dropped'; readonly why: string }
  | { readonly kind: 'clock_differs'; readonly seconds: number }
  | { readonly kind: 'clock_agrees' }
  | { readonly kind: 'retention_failed'; readonly error: unknown }
  | { readonly kind: 'key_rotation_failed'; readonly error: unknown }
  | { readonly kind: 'completion_failed'; readonly error: unknown }
  | { readonly kind: 'signing_keys_unusable'; readonly problems: readonly string[] }
  /** All keys as they are now: one was made, planned, revoked, removed or sealed anew. */
  | { readonly kind: 'signing_keys_changed'; readonly keys: readonly KeySummary[] }

/** What is written down of refusals, beside the log. */
export type RecordKind = 'denied_calls' | 'token_refusals'

/** A part of the server that is loaded after it has started. */
export type RoomName = 'api' | 'console'

/** What an operator is told of a key. */
export type KeySummary = {
  readonly kid: string
  readonly use: string
  readonly alg: string
  /** As in RFC 3339; `null` while none is planned. */
  readonly signs_from: string | null
  readonly revoked_at: string | null
  /** The id of the key-encryption key. */
  readonly sealed_under: string
}

/** Why the gate turns a request away. */
export type RejectionReason =
  | 'host_malformed'
  | 'transfer_coding_unsupported'
  | 'target_malformed'
  | 'connect_unsupported'
  | 'expectation_unknown'
  | 'pipeline_too_long'
  | 'unreadable'

export type Events = { readonly record: (event: Event) => void }

import type { Seconds } from '../../../domain/time.ts'

/** What the edge refuses by itself, before a verb is asked. */
export type EdgeRefusal =
  | { readonly reason: 'request_malformed'; readonly places: readonly Place[] }
  | { readonly reason: 'body_incomplete' }
  | { readonly reason: 'body_too_large'; readonly bytesMax: number }
  | { readonly reason: 'content_type_unsupported' }
  | { readonly reason: 'content_encoding_unsupported' }
  | { readonly reason: 'credentials_ambiguous' }
  | { readonly reason: 'authentication_needed' }
  /** Of whoever presents a token this much is told: what is wrong with what they hold themselves. */
  | { readonly reason: 'token_invalid'; readonly what: string }
  | { readonly reason: 'session_invalid' }
  /** With the only origin that may. */
  | { readonly reason: 'origin_mismatched'; readonly origin: string }
  | { readonly reason: 'csrf_token_mismatched' }
  | { readonly reason: 'path_unknown' }
  /** RFC 9110 §15.5.7. */
  | { readonly reason: 'not_acceptable'; readonly mediaTypes: readonly string[] }
  | { readonly reason: 'method_not_allowed'; readonly allowed: readonly string[] }
  /** A replacement says something else of what never changes. */
  | { readonly reason: 'member_immutable'; readonly members: readonly string[] }
  /** As many as may be are being read. RFC 6585 §4. */
  | { readonly reason: 'exports_too_many'; readonly max: number; readonly retryAfter: Seconds }
  | { readonly reason: 'server_error' }
  | { readonly reason: 'temporarily_unavailable'; readonly retryAfter: Seconds }

/** Where a request is malformed: a header or a parameter by its name, a body by its JSON Pointer. */
export type Place = {
  readonly in: 'header' | 'query' | 'body'
  readonly at: string
  readonly problem: string
}

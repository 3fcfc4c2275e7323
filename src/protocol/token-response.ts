import type { Audience } from '../domain/api.ts'
import type { ClientRefusal } from '../domain/client.ts'
import type { Credential, CredentialUseRefusal } from '../domain/credential.ts'
import type { Grant, GrantRefusal } from '../domain/grant.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { Seconds } from '../domain/time.ts'
import type { ClaimsRefusal } from './access-token.ts'
import { withDetails } from './access-token.ts'
import type { TokenRequestRefusal } from './token-request.ts'

/** Why an HTTP request was not taken for a token request at all. */
export type TransportRefusal =
  | { readonly reason: 'content_type_unsupported' }
  | { readonly reason: 'content_encoding_unsupported' }
  | { readonly reason: 'body_too_large' }
  | { readonly reason: 'body_incomplete' }

/** Every way in which a token request can be refused. */
export type TokenRefusal =
  | TransportRefusal
  | TokenRequestRefusal
  | ClientRefusal
  | CredentialUseRefusal
  | GrantRefusal
  | ClaimsRefusal
  | { readonly reason: 'client_unknown' }
  | { readonly reason: 'client_limited'; readonly retryAfter: Seconds }
  | { readonly reason: 'secret_malformed' }
  | { readonly reason: 'credential_unknown' }
  | { readonly reason: 'credential_mismatch'; readonly credential: Credential['id'] }
  | { readonly reason: 'organization_disabled'; readonly organization: OrganizationId }
  | { readonly reason: 'audience_unknown'; readonly audience: Audience }
  | { readonly reason: 'audience_ambiguous' }

/** RFC 6749 §5.2, RFC 8707 §2, RFC 9396 §5; the last is of the authorization endpoint, RFC 6749 §4.1.2.1. */
export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_authorization_details'
  | 'temporarily_unavailable'

/** What a refused caller learns: the code, a sentence without `"` or `\`, and the status. */
export type PublicFace = readonly [code: TokenErrorCode, description: string, status: number]

// One face for all: whether the client exists, and what became of its secret, is nobody's business.
const unauthenticated: PublicFace = ['invalid_client', 'client authentication failed', 401]
// Likewise for an API that does not exist, is somebody else's, or is not granted.
const noAccess: PublicFace = ['invalid_target', 'the client has no access to this resource', 400]
const severalMethods = 'use exactly one method of client authentication'

/** The outside of every refusal. RFC 6749 §5.2. */
export const publicFace: Readonly<Record<TokenRefusal['reason'], PublicFace>> = {
  content_type_unsupported: [
    'invalid_request',
    'the body must be application/x-www-form-urlencoded in UTF-8',
    400,
  ],
  // RFC 9110 §15.5.16, where RFC 6749 §5.2 says nothing of it.
  content_encoding_unsupported: ['invalid_request', 'the body must not be compressed', 415],
  body_too_large: ['invalid_request', 'the body is too large', 413],
  body_incomplete: ['invalid_request', 'the body is incomplete', 400],

  form_malformed: ['invalid_request', 'the body is not well-formed', 400],
  parameters_too_many: ['invalid_request', 'the body has too many parameters', 400],
  parameter_repeated: ['invalid_request', 'a parameter occurs more than once', 400],

  credentials_in_query: ['invalid_request', 'credentials must not be in the URL', 400],
  authentication_ambiguous: ['invalid_request', severalMethods, 400],
  client_id_missing: ['invalid_request', 'client_id is missing', 400],
  client_id_contradictory: [
    'invalid_request',
    'client_id contradicts the Authorization header',
    400,
  ],
  authentication_missing: unauthenticated,
  authentication_method_unsupported: unauthenticated,
  authorization_malformed: unauthenticated,

  client_unknown: unauthenticated,
  client_disabled: unauthenticated,
  client_expired: unauthenticated,
  organization_disabled: unauthenticated,
  secret_malformed: unauthenticated,
  credential_unknown: unauthenticated,
  credential_mismatch: unauthenticated,
  credential_disabled: unauthenticated,
  credential_expired: unauthenticated,
  // Not invalid_client: the caller may be the right one, and must not throw its secret away.
  client_limited: ['temporarily_unavailable', 'too many failed attempts, try again later', 429],

  grant_type_missing: ['invalid_request', 'grant_type is missing', 400],
  grant_type_unsupported: ['unsupported_grant_type', 'use grant_type client_credentials', 400],

  audience_malformed: [
    'invalid_target',
    'resource must be the identifier of an API, an absolute URI without query and fragment',
    400,
  ],
  audience_repeated: ['invalid_target', 'exactly one resource can be asked for', 400],
  audience_ambiguous: ['invalid_target', 'several resources are possible, ask for one', 400],
  audience_unknown: noAccess,
  audience_not_granted: noAccess,

  scope_malformed: ['invalid_scope', 'scope is malformed', 400],
  scope_not_held: ['invalid_scope', 'the client does not hold all of this scope', 400],
  token_too_large: ['invalid_scope', 'too much for one token, ask for part of it with scope', 400],

  details_malformed: refusedDetails('authorization_details must be a JSON array of objects'),
  details_too_many: refusedDetails('authorization_details has too many elements'),
  detail_type_unknown: refusedDetails('an authorization detail is not of type role'),
  detail_field_unknown: refusedDetails('an authorization detail has an unknown field'),
  detail_field_malformed: refusedDetails(
    'an authorization detail lacks a field or has a malformed one',
  ),
  detail_not_held: refusedDetails('the client does not hold all of these authorization details'),
}

function refusedDetails(description: string): PublicFace {
  return ['invalid_authorization_details', description, 400]
}

/** The outside of a server that cannot say the truth just now. */
export const unavailableFace: PublicFace = [
  'temporarily_unavailable',
  'the server cannot answer just now, try again later',
  503,
]

/**
 * Writes an issued token as a response body. RFC 6749 §5.1, RFC 9396 §7.
 *
 * Written by hand: to look for characters to escape in a long token that can have none takes longer
 * than all the rest. Tokens are base64url, and scope has neither `"` nor `\` (RFC 6749 §3.3).
 */
export function tokenResponse({
  token,
  grant: { scope, details, lifetime },
}: {
  readonly token: string
  readonly grant: Pick<Grant, 'scope' | 'details' | 'lifetime'>
}): string {
  const granted = scope.length === 0 ? '' : `,"scope":"${scope.join(' ')}"`
  const response = `{"access_token":"${token}","token_type":"Bearer","expires_in":${lifetime}${granted}}`
  return withDetails(response, details)
}

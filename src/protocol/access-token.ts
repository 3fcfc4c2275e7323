import type { Grant } from '../domain/grant.ts'
import { seconds, later } from '../domain/time.ts'
import type { NumericDate } from '../domain/time.ts'

/** The claims of an access token. RFC 9068 §2.2; `org_id` and `principal_type` are our own. */
export type AccessTokenClaims = {
  readonly iss: string
  readonly sub: string
  readonly client_id: string
  readonly aud: string
  readonly iat: NumericDate
  readonly exp: NumericDate
  readonly jti: string
  readonly org_id: string
  readonly principal_type: 'service_account'
  readonly scope?: string
  readonly roles?: readonly string[]
  readonly groups?: readonly string[]
  readonly groups_overflow?: true
  readonly authorization_details?: readonly WireDetail[]
}

/** A granted role on one resource, as it goes on the wire. RFC 9396 §2. */
export type WireDetail = {
  readonly type: 'role'
  readonly role: string
  readonly resource: string
  readonly permissions: readonly string[]
}

/** States a grant as claims. Members without a value are left out. RFC 9068 §2.2. */
export function accessTokenClaims(
  grant: Grant,
  { issuer, now, jti }: { readonly issuer: string; readonly now: NumericDate; readonly jti: string },
): AccessTokenClaims {
  throw new Error(`${String(seconds(0))}${String(later(now, grant.lifetime))}${issuer}${jti}`)
}

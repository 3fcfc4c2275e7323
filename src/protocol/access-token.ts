import type { RoleDetail } from '../domain/access.ts'
import type { Grant } from '../domain/grant.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import { later } from '../domain/time.ts'
import type { NumericDate } from '../domain/time.ts'

/**
 * The claims of an access token, beside `authorization_details`. RFC 9068 §2.2; `org_id`,
 * `principal_type` and `credential_id` are our own. A member that is `undefined` is not in the token.
 */
type Claims = {
  readonly iss: string
  readonly sub: string
  readonly client_id: string
  readonly aud: string
  readonly iat: NumericDate
  readonly exp: NumericDate
  readonly jti: string
  readonly org_id: string
  readonly principal_type: Grant['principalType']
  readonly credential_id?: string | undefined
  readonly scope?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly groups_overflow?: true | undefined
}

export type ClaimsRefusal = { readonly reason: 'token_too_large'; readonly bytes: number }

type Moment = {
  readonly issuer: string
  readonly now: NumericDate
  readonly jti: string
  /** What got the token, where the token is to end with it: at the management API. */
  readonly credential?: string | undefined
  /** What the token will be signed with. */
  readonly alg: SigningAlg
}

type Ceilings = {
  /** Above this, the groups are left out. */
  readonly comfortable: number
  /** Above this there is no token. */
  readonly max: number
}

const thumbprintCharacters = 43

/**
 * With the other headers of a request a larger token would not pass the 8 KiB that common proxies
 * and servers allow for all of them.
 */
const ordinary: Ceilings = { comfortable: 4096, max: 6144 }

/** What a key of each algorithm adds to the claims, and how much there may be with it. */
const sizes: Readonly<Record<SigningAlg, Ceilings & { readonly envelope: number }>> = {
  ES256: { ...ordinary, envelope: envelopeBytes('ES256', 64) },
  Ed25519: { ...ordinary, envelope: envelopeBytes('Ed25519', 64) },
  RS256: { ...ordinary, envelope: envelopeBytes('RS256', 256) },
  // More than 3 kB are signature, so nearly all of the 8 KiB has to do. RFC 9964, FIPS 204 §4.
  'ML-DSA-44': { comfortable: 6144, max: 7168, envelope: envelopeBytes('ML-DSA-44', 2420) },
}

/**
 * States a grant as claims, in JSON. RFC 9068 §2.2.
 *
 * A token is to stay within 4 kB. If it would not, the group list gives way, since it informs and
 * does not authorize, and `groups_overflow` says so. Scope, roles and details are what the token is
 * for and are never cut: with them alone it may grow to 6 kB. Beyond that there is no token
 * (`token_too_large`), and the client has to ask for less than everything: a token that no resource
 * server lets in helps nobody, and one that silently lacks a role is worse. With the large signature
 * of ML-DSA-44 the two bounds are 6 and 7 kB, which leaves room for 2.1 and 2.9 kB of claims.
 */
export function accessTokenClaims(grant: Grant, moment: Moment): Result<string, ClaimsRefusal> {
  const { envelope, comfortable, max } = sizes[moment.alg]
  const claimsBytes = claimsBytesWithoutGroups(grant, moment)
  const bytes = envelope + base64urlBytes(claimsBytes)
  if (bytes > max) return refuse({ reason: 'token_too_large', bytes })

  const { groups, scope, roles, details } = grant
  const overflows = envelope + base64urlBytes(claimsBytes + listBytes(groups)) > comfortable
  const claims: Claims = {
    iss: moment.issuer,
    sub: grant.principal,
    client_id: grant.client,
    aud: grant.audience,
    iat: moment.now,
    exp: later(moment.now, grant.lifetime),
    jti: moment.jti,
    org_id: grant.organization,
    principal_type: grant.principalType,
    credential_id: moment.credential,
    scope: scope.length === 0 ? undefined : scope.join(' '),
    roles: roles.length === 0 ? undefined : roles,
    groups: groups.length === 0 || overflows ? undefined : groups,
    groups_overflow: groups.length > 0 && overflows ? true : undefined,
  }
  return accept(withDetails(JSON.stringify(claims), details))
}

/** Puts granted details, if there are any, at the end of a JSON object. RFC 9396 §2, §7, §9.1. */
export function withDetails(object: string, details: readonly RoleDetail[]): string {
  if (details.length === 0) return object
  return `${object.slice(0, -1)},"authorization_details":${detailsText(details)}}`
}

// A client that asks for everything gets the same list each time, in the token and beside it.
const detailsTexts = new WeakMap<readonly RoleDetail[], string>()

function detailsText(details: readonly RoleDetail[]): string {
  const known = detailsTexts.get(details)
  if (known !== undefined) return known
  const text = JSON.stringify(details.map((detail) => ({ type: 'role', ...detail })))
  detailsTexts.set(details, text)
  return text
}

// What a token takes is counted rather than tried, so that nothing is serialised twice.

/** Names, punctuation and dates: the claims of a token in which every text and list is empty. */
const bareClaimsBytes = JSON.stringify({
  iss: '',
  sub: '',
  client_id: '',
  aud: '',
  iat: 10_000_000_000,
  exp: 10_000_000_000,
  jti: '',
  org_id: '',
  principal_type: '',
  scope: '',
  roles: [],
  groups: [],
  groups_overflow: true,
  authorization_details: [],
}).length

const bareCredentialBytes = JSON.stringify({ credential_id: '' }).length

const bareDetailBytes = JSON.stringify({
  type: 'role',
  role: '',
  resource: '',
  permissions: [],
}).length

/** Header, signature and dots of a token with a thumbprint as its `kid`. */
function envelopeBytes(alg: SigningAlg, signatureBytes: number): number {
  const header = JSON.stringify({ alg, typ: 'at+jwt', kid: '' }).length + thumbprintCharacters
  return base64urlBytes(header) + base64urlBytes(signatureBytes) + 2
}

function base64urlBytes(bytes: number): number {
  return Math.ceil((bytes * 4) / 3)
}

function claimsBytesWithoutGroups(grant: Grant, { issuer, jti, credential }: Moment): number {
  const { client, principal, organization, audience } = grant
  let bytes = bareClaimsBytes + issuer.length + jti.length + audience.length
  bytes += client.length + principal.length + organization.length + grant.principalType.length
  if (credential !== undefined) bytes += bareCredentialBytes + credential.length
  bytes += listBytes(grant.scope) + listBytes(grant.roles)
  for (const { role, resource, permissions } of grant.details) {
    bytes += bareDetailBytes + 1 + textBytes(role) + resource.length + listBytes(permissions)
  }
  return bytes
}

function listBytes(texts: readonly string[]): number {
  let bytes = 0
  for (const text of texts) bytes += textBytes(text) + 3
  return bytes
}

/** The bytes of a text without control characters inside a JSON string, in UTF-8. */
function textBytes(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x22 || code === 0x5c) bytes += 1
    else if (code >= 0x8_00 && (code < 0xd8_00 || code > 0xdf_ff)) bytes += 2
    else if (code >= 0x80) bytes += 1
  }
  return bytes
}

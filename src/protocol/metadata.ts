import {
  managementApi,
  managementAudience,
  managementPermissions,
} from '../domain/management-permission.ts'

/** Where things are, below the path of the issuer. */
export const tokenPath = '/oauth2/token'
export const jwksPath = '/.well-known/jwks.json'
export const apiPath = '/api/v1'

/** RFC 8414 §3, and OpenID Connect Discovery §4, where many resource servers look and nowhere else. */
const metadataNames = ['oauth-authorization-server', 'openid-configuration'] as const

/** The metadata of this server. RFC 8414 §2; only what exists is mentioned. */
type Metadata = {
  readonly issuer: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly response_types_supported: readonly string[]
  readonly grant_types_supported: readonly string[]
  readonly token_endpoint_auth_methods_supported: readonly string[]
  readonly authorization_details_types_supported: readonly string[]
}

/**
 * Describes the server. Every URL comes from the issuer; no header of a request can change one.
 *
 * `response_types_supported` is there although it is empty: RFC 8414 §2 requires the member, and
 * clients that parse strictly need it, while §3.2 would leave out an empty list (a contradiction
 * that erratum 7793 reports). There is no authorization endpoint, so the list is the truth.
 */
export function metadata(issuer: string): Metadata {
  return {
    issuer,
    token_endpoint: `${issuer}${tokenPath}`,
    jwks_uri: `${issuer}${jwksPath}`,
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_details_types_supported: ['role'],
  }
}

/** The path of the issuer, empty if it has none: what every path of the server begins with. */
export function issuerPath(issuer: string): string {
  const { pathname } = new URL(issuer)
  return pathname === '/' ? '' : pathname
}

/**
 * The paths at which the metadata is found: for an issuer with a path the well-known name goes
 * between host and path (RFC 8414 §3.1), and for OpenID Connect Discovery §4.1 behind the path.
 */
export function metadataPaths(issuer: string): readonly string[] {
  const path = issuerPath(issuer)
  const inserted = metadataNames.map((name) => `/.well-known/${name}${path}`)
  const appended = metadataNames.map((name) => `${path}/.well-known/${name}`)
  return [...new Set([...inserted, ...appended])]
}

/** Where the management API says what it is, and where its tokens come from. RFC 9728 §3.1. */
export function resourceMetadataPath(issuer: string): string {
  return `/.well-known/oauth-protected-resource${issuerPath(issuer)}${managementApi.audience}`
}

export function resourceMetadataUrl(issuer: string): string {
  return `${new URL(issuer).origin}${resourceMetadataPath(issuer)}`
}

/** The metadata of the management API as a resource server. RFC 9728 §2. */
export function resourceMetadata(issuer: string) {
  return {
    resource: managementAudience(issuer),
    resource_name: managementApi.name,
    authorization_servers: [issuer],
    scopes_supported: Object.keys(managementPermissions),
    bearer_methods_supported: ['header'],
    resource_documentation: `${issuer.replace(/\/$/, '')}/api/v1/docs`,
  }
}

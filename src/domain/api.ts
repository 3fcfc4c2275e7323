import type { Brand } from './brand.ts'
import type { ApiId, OrganizationId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { Result } from './result.ts'
import { accept, refuse } from './result.ts'
import type { NumericDate, Seconds } from './time.ts'
import { seconds } from './time.ts'

/** Identifies a resource server in `aud`: an absolute URI, unique in the whole server. RFC 8707 §2. */
export type Audience = Brand<string, 'Audience'>

export const tokenLifetimeMin = seconds(60)
export const tokenLifetimeDefault = seconds(15 * 60)
export const tokenLifetimeMax = seconds(60 * 60)

/** What a token needs to know of an API. */
export type ApiTerms = {
  readonly id: ApiId
  readonly organization: OrganizationId
  readonly audience: Audience
  readonly tokenLifetime: Seconds
}

export type ApiPermission = {
  readonly permission: Permission
  readonly description: Description
}

/** A resource server: its audience identifier, its permissions, its token lifetime. */
export type Api = ApiTerms & {
  readonly name: Name
  readonly permissions: readonly ApiPermission[]
  readonly createdAt: NumericDate
}

const audienceCharactersMax = 255
const absoluteUri = /^[a-z][a-z0-9+.-]*:[A-Za-z0-9\-._~:/@!$&'()*+,;=%[\]]+$/

/** Accepts an absolute URI without query or fragment, up to 255 characters. RFC 8707 §2. */
export function parseAudience(text: string): Audience | undefined {
  if (text.length > audienceCharactersMax || !absoluteUri.test(text)) return undefined
  return URL.canParse(text) ? (text as Audience) : undefined
}

export function parseTokenLifetime(count: number): Seconds | undefined {
  if (!Number.isSafeInteger(count)) return undefined
  return count >= tokenLifetimeMin && count <= tokenLifetimeMax ? seconds(count) : undefined
}

export type AudienceRefusal =
  | { readonly reason: 'audience_reserved'; readonly audience: Audience }
  | { readonly reason: 'audience_needs_operator'; readonly audience: Audience }

/**
 * Decides whether an organization may call an API by this audience. Otherwise one tenant could mint
 * tokens for the API of another: below `<issuer>/o/<organization>/` an organization is free,
 * whatever else is below the issuer belongs to the server or to somebody else, and any other URI
 * takes an operator's word, unless the server has a single organization to begin with.
 */
export function decideAudience(
  audience: Audience,
  asking: {
    readonly issuer: string
    readonly organization: OrganizationId
    readonly byOperator: boolean
    readonly alone: boolean
  },
): Result<Audience, AudienceRefusal> {
  const own = `${asking.issuer}/o/${asking.organization}/`
  if (audience.startsWith(own) && audience.length > own.length) return accept(audience)
  if (isBelow(audience, asking.issuer)) return refuse({ reason: 'audience_reserved', audience })
  if (asking.byOperator || asking.alone) return accept(audience)
  return refuse({ reason: 'audience_needs_operator', audience })
}

function isBelow(audience: Audience, issuer: string): boolean {
  const written = new URL(audience).href
  const root = new URL(issuer).href.replace(/\/$/, '')
  return written === root || written === `${root}/` || written.startsWith(`${root}/`)
}

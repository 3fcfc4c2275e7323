import type { Brand } from './brand.ts'
import type { Created } from './created.ts'
import type { ApiId, OrganizationId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { Result } from './result.ts'
import { accept, refuse } from './result.ts'
import type { SigningTerms } from './signing-terms.ts'
import type { Seconds } from './time.ts'
import { seconds } from './time.ts'
import type { Versioned } from './version.ts'

/** Identifies a resource server in `aud`: an absolute URI, unique in the whole server. RFC 8707 §2. */
export type Audience = Brand<string, 'Audience'>

export const tokenLifetimeMin = seconds(60)
export const tokenLifetimeDefault = seconds(15 * 60)
export const tokenLifetimeMax = seconds(60 * 60)

/** What a token needs to know of an API. */
export type ApiTerms = SigningTerms & {
  readonly organization: OrganizationId
  readonly audience: Audience
  readonly tokenLifetime: Seconds
  /** Whether it takes the tokens of application keys. */
  readonly applicationKeys: boolean
}

export type ApiPermission = {
  readonly permission: Permission
  readonly description: Description
}

/**
 * A resource server: its audience identifier, its permissions, its token lifetime. The one that is
 * built in, which is the management API, cannot be changed or removed.
 */
export type Api = ApiTerms &
  Created &
  Versioned & {
    readonly id: ApiId
    readonly name: Name
    readonly builtIn: boolean
    readonly permissions: readonly ApiPermission[]
  }

const audienceCharactersMax = 255
// RFC 3986 §2, but for those of a query, a fragment, percent-encoding and user information.
const uriCharacters = /^[A-Za-z0-9\-._~:/!$&'()*+,;=[\]]+$/

/**
 * Accepts an absolute URI without query or fragment, up to 255 characters. RFC 8707 §2.
 *
 * Audiences are compared as text (RFC 9068 §4), while people and libraries may take two spellings
 * for the same URI. So there is one spelling: what a URL parser writes back is what it was given (no
 * capitals in the host, no default port, no dot segments), and percent-encoding, user information
 * and a host that ends in a dot are refused. Only the slash after a bare host may be left out.
 */
export function parseAudience(text: string): Audience | undefined {
  if (text.length > audienceCharactersMax || !uriCharacters.test(text)) return undefined
  if (!URL.canParse(text)) return undefined
  const { href, hostname } = new URL(text)
  if (hostname.endsWith('.')) return undefined
  return href === text || href === `${text}/` ? (text as Audience) : undefined
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
 * takes an operator's word, given now or before, unless the server has a single organization to
 * begin with.
 */
export function decideAudience(
  audience: Audience,
  asking: {
    readonly issuer: string
    readonly organization: OrganizationId
    readonly byOperator: boolean
    /** An operator has said before that this organization may. */
    readonly approved: boolean
    readonly alone: boolean
  },
): Result<Audience, AudienceRefusal> {
  const own = `${rootOf(asking.issuer)}/o/${asking.organization}/`
  if (audience.startsWith(own) && audience.length > own.length) return accept(audience)
  if (isBelowIssuer(audience, asking.issuer)) {
    return refuse({ reason: 'audience_reserved', audience })
  }
  if (asking.byOperator || asking.approved || asking.alone) return accept(audience)
  return refuse({ reason: 'audience_needs_operator', audience })
}

/** Whether an audience is the issuer or a part of it, where no operator's word helps. */
export function isBelowIssuer(audience: Audience, issuer: string): boolean {
  return `${audience}/`.startsWith(`${rootOf(issuer)}/`)
}

function rootOf(issuer: string): string {
  return new URL(issuer).href.replace(/\/$/, '')
}

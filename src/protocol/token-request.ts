import type { Audience } from '../domain/api.ts'
import { parseAudience } from '../domain/api.ts'
import type { GrantRequest } from '../domain/grant.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { parseScope } from '../domain/scope.ts'
import type { DetailsRefusal } from './authorization-details.ts'
import { parseAuthorizationDetails } from './authorization-details.ts'
import type {
  PresentedAuthentication,
  PresentedAuthenticationRefusal,
} from './client-authentication.ts'
import { presentedAuthentication } from './client-authentication.ts'
import type { Form, FormRefusal } from './form.ts'
import { parseForm } from './form.ts'

/** A token request whose words have been understood; nothing it claims has been checked. */
export type TokenRequest = {
  readonly presented: PresentedAuthentication
  /** `undefined`: the organization's default. RFC 9068 §3. */
  readonly audience: Audience | undefined
  readonly asked: GrantRequest
}

type AskedRefusal =
  | { readonly reason: 'grant_type_missing' }
  | { readonly reason: 'grant_type_unsupported' }
  | { readonly reason: 'audience_malformed' }
  | { readonly reason: 'audience_repeated' }
  | { readonly reason: 'scope_malformed' }
  | DetailsRefusal

export type TokenRequestRefusal = FormRefusal | PresentedAuthenticationRefusal | AskedRefusal

/** The parts of an HTTP request that make up a token request. */
export type WireRequest = {
  readonly authorization: string | undefined
  /** The query string of the URL, without its question mark. */
  readonly query: string | undefined
  readonly body: string
}

/**
 * Reads a client-credentials request: who asks, for which API, and for what there. RFC 6749 §4.4.2,
 * with `resource` (RFC 8707) and `authorization_details` (RFC 9396). Unknown parameters are ignored.
 */
export function readTokenRequest({
  authorization,
  query,
  body,
}: WireRequest): Result<TokenRequest, TokenRequestRefusal> {
  const form = parseForm(body)
  if (!form.ok) return form

  const presented = presentedAuthentication({ authorization, query, form: form.value })
  if (!presented.ok) return presented

  const grantType = form.value.parameters.get('grant_type')
  if (grantType === undefined) return refuse({ reason: 'grant_type_missing' })
  if (grantType !== 'client_credentials') return refuse({ reason: 'grant_type_unsupported' })

  const audience = readAudience(form.value)
  if (!audience.ok) return audience
  const asked = readGrantRequest(form.value)
  if (!asked.ok) return asked
  return accept({ presented: presented.value, audience: audience.value, asked: asked.value })
}

/**
 * Reads which API the token is for. A token is good at one (RFC 8707 §3), so a second `resource` is
 * refused; `audience` is another name for it, and may only repeat what `resource` says.
 */
function readAudience({
  parameters,
  resources,
}: Form): Result<Audience | undefined, TokenRequestRefusal> {
  const [resource, ...more] = resources
  const alias = parameters.get('audience')
  const named = resource ?? alias
  if (more.length > 0 || (alias !== undefined && alias !== named)) {
    return refuse({ reason: 'audience_repeated' })
  }
  if (named === undefined) return accept(undefined)
  const audience = parseAudience(named)
  return audience === undefined ? refuse({ reason: 'audience_malformed' }) : accept(audience)
}

function readGrantRequest({ parameters }: Form): Result<GrantRequest, TokenRequestRefusal> {
  const scopeText = parameters.get('scope')
  const scope = scopeText === undefined ? undefined : parseScope(scopeText)
  if (scopeText !== undefined && scope === undefined) return refuse({ reason: 'scope_malformed' })

  const detailsText = parameters.get('authorization_details')
  if (detailsText === undefined) return accept({ scope, details: undefined })
  const details = parseAuthorizationDetails(detailsText)
  return details.ok ? accept({ scope, details: details.value }) : details
}

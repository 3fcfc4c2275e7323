import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Form } from './form.ts'
import { decodeFormText } from './form.ts'

/**
 * The one proof of identity that a request presents. Names as in the registry of RFC 7591 §4.2.
 * Nothing here has been checked yet: `client` and `secret` are as they were sent.
 */
export type PresentedAuthentication = {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly client: string
  readonly secret: string
}

export type PresentedAuthenticationRefusal =
  | { readonly reason: 'credentials_in_query' }
  | { readonly reason: 'authentication_missing' }
  | { readonly reason: 'authentication_ambiguous' }
  | { readonly reason: 'authentication_method_unsupported' }
  | { readonly reason: 'authorization_malformed' }
  | { readonly reason: 'client_id_missing' }
  | { readonly reason: 'client_id_contradictory' }

/** Where a request can carry credentials. */
export type Carriers = {
  readonly authorization: string | undefined
  /** The query string of the request's URL, without its question mark. */
  readonly query: string | undefined
  readonly form: Form
}

type Presented = Result<PresentedAuthentication, PresentedAuthenticationRefusal>

/**
 * Finds the one proof that a request presents: HTTP Basic, or `client_secret` in the body. More than
 * one method is refused, and so is a `client_id` beside Basic that names somebody else. A `client_id`
 * alone proves nothing. RFC 6749 §2.3.
 */
export function presentedAuthentication({ authorization, query, form }: Carriers): Presented {
  if (query !== undefined && hasCredentials(query))
    return refuse({ reason: 'credentials_in_query' })
  const { parameters } = form
  const secret = parameters.get('client_secret')
  const asserts =
    parameters.get('client_assertion') !== undefined ||
    parameters.get('client_assertion_type') !== undefined

  const methods =
    Number(authorization !== undefined) + Number(secret !== undefined) + Number(asserts)
  if (methods > 1) return refuse({ reason: 'authentication_ambiguous' })
  if (asserts) return refuse({ reason: 'authentication_method_unsupported' })

  const client = parameters.get('client_id')
  if (authorization !== undefined) return byBasic(authorization, client)
  if (secret === undefined) return refuse({ reason: 'authentication_missing' })
  if (client === undefined) return refuse({ reason: 'client_id_missing' })
  return accept({ method: 'client_secret_post', client, secret })
}

/** RFC 6749 §2.3: credentials must not be in a URL, where logs and histories keep them. */
const credentialParameters = [
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
  'access_token',
]

function hasCredentials(query: string): boolean {
  const parameters = new URLSearchParams(query)
  return credentialParameters.some((name) => parameters.has(name))
}

function byBasic(authorization: string, named: string | undefined): Presented {
  const basic = readBasic(authorization)
  if (!basic.ok) return basic
  if (named !== undefined && named !== basic.value.client) {
    return refuse({ reason: 'client_id_contradictory' })
  }
  return basic
}

const scheme = /^basic +/i

/**
 * Reads an HTTP Basic header. User and password are form-encoded inside it (RFC 6749 §2.3.1), which
 * is how a colon, a percent sign or a non-ASCII character survives; base64 is the strict kind, with
 * padding (RFC 7617 §2, RFC 4648 §4).
 */
function readBasic(authorization: string): Presented {
  const start = scheme.exec(authorization)?.[0].length
  if (start === undefined) return refuse({ reason: 'authentication_method_unsupported' })

  const text = decodeBase64(authorization.slice(start))
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon === -1) return refuse({ reason: 'authorization_malformed' })

  const client = decodeFormText(text.slice(0, colon))
  const secret = decodeFormText(text.slice(colon + 1))
  if (client === undefined || secret === undefined) {
    return refuse({ reason: 'authorization_malformed' })
  }
  return accept({ method: 'client_secret_basic', client, secret })
}

const beyondAscii = /[\x80-\xFF]/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes base64 to text. What does not encode back to the same characters is refused. */
function decodeBase64(base64: string): string | undefined {
  try {
    const bytes = atob(base64)
    if (btoa(bytes) !== base64) return undefined
    if (!beyondAscii.test(bytes)) return bytes
    return utf8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))
  } catch {
    return undefined
  }
}

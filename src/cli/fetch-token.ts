import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { tokenPath } from '../protocol/metadata.ts'
import { memberOf, textOf } from './json.ts'
import type { Login } from './profiles.ts'
import type { ServerRefusal } from './server-answer.ts'
import { askServer, notOurs } from './server-answer.ts'

/** What a token is asked for; without a word about it, all that the client holds. */
export type Wanted = {
  readonly resource?: string | undefined
  readonly scope?: string | undefined
}

export type FetchedToken = {
  readonly accessToken: string
  readonly expiresIn: number
  /** The whole answer of the token endpoint. */
  readonly answer: object
}

export type TokenFetchRefusal =
  | ServerRefusal
  | {
      readonly reason: 'token_refused'
      /** RFC 6749 §5.2. */
      readonly error: string
      readonly description: string
      readonly issuer: string
      readonly traceId: string | undefined
    }

/** Fetches a token with client credentials. RFC 6749 §4.4, RFC 8707 §2. */
export async function fetchToken(
  { issuer, clientId, clientSecret }: Login,
  { resource, scope }: Wanted,
): Promise<Result<FetchedToken, TokenFetchRefusal>> {
  const url = `${issuer}${tokenPath}`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(resource === undefined ? {} : { resource }),
    ...(scope === undefined ? {} : { scope }),
  })
  const answered = await askServer(url, {
    method: 'POST',
    headers: { authorization: basic(clientId, clientSecret) },
    body,
  })
  if (!answered.ok) return answered
  const { status, document, traceId } = answered.value
  if (status === 200) return issued(url, document)
  const error = textOf(document, 'error')
  if (error === '' || status === 404) return notOurs(url, status)
  const description = textOf(document, 'error_description')
  if (status === 503) return refuse({ reason: 'server_away', url, why: description })
  return refuse({ reason: 'token_refused', error, description, issuer, traceId })
}

function issued(url: string, document: unknown): Result<FetchedToken, TokenFetchRefusal> {
  const accessToken = textOf(document, 'access_token')
  const expiresIn = memberOf(document, 'expires_in')
  const isToken = accessToken !== '' && textOf(document, 'token_type') === 'Bearer'
  if (!isToken || typeof expiresIn !== 'number' || typeof document !== 'object') {
    return notOurs(url, 200)
  }
  return accept({ accessToken, expiresIn, answer: document ?? {} })
}

/** Both are form-encoded first. RFC 6749 §2.3.1. */
function basic(clientId: string, clientSecret: string): string {
  const pair = [clientId, clientSecret].map(formEncoded).join(':')
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

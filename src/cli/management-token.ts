import { managementAudience } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import { refuse } from '../domain/result.ts'
import type { FetchedToken, TokenFetchRefusal } from './fetch-token.ts'
import { fetchToken } from './fetch-token.ts'
import type { Login } from './profiles.ts'

export type ManagementTokenRefusal =
  | TokenFetchRefusal
  /** These client credentials are good, and open nothing of the management API. */
  | { readonly reason: 'management_not_granted'; readonly client: string }

/** Fetches a token for the management API. Whoever holds nothing there is told so, and not less. */
export async function managementToken(
  login: Login,
): Promise<Result<FetchedToken, ManagementTokenRefusal>> {
  const fetched = await fetchToken(login, { resource: managementAudience(login.issuer) })
  if (fetched.ok) return fetched
  const { refusal } = fetched
  return refusal.reason === 'token_refused' && refusal.error === 'invalid_target'
    ? refuse({ reason: 'management_not_granted', client: login.clientId })
    : fetched
}

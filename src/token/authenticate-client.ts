import { unreachable } from '../domain/brand.ts'
import type { AuthenticatedClient } from '../domain/client.ts'
import type { Result } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { PresentedAuthentication } from '../protocol/client-authentication.ts'
import type { TokenRefusal } from '../protocol/token-response.ts'
import type { SecretNeeds } from './client-authentication/client-secret.ts'
import { bySecret } from './client-authentication/client-secret.ts'

/** When and from where a proof was presented. */
export type Presentation = { readonly now: NumericDate; readonly network: string }

/** Finds the method a proof is for, and checks it. */
export async function authenticateClient(
  needs: SecretNeeds,
  presented: PresentedAuthentication,
  presentation: Presentation,
): Promise<Result<AuthenticatedClient, TokenRefusal>> {
  switch (presented.method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return bySecret(needs, presented, presentation)
    default:
      return unreachable(presented.method)
  }
}

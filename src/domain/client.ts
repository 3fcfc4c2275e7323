import type { HeldBinding } from './binding.ts'
import type { ApiTerms } from './api.ts'
import type { Credential } from './credential.ts'
import type { ClientId, GroupId, OrganizationId, PrincipalId } from './id.ts'
import type { Brand } from './brand.ts'
import type { NumericDate, Seconds } from './time.ts'
import { earlier, hasEnded } from './time.ts'

/**
 * A principal as the protocol sees it: its own rows, and the ids of its groups and roles. An account is
 * a client itself; a member has one for each of their application keys.
 */
export type Client = {
  readonly id: ClientId
  readonly organization: OrganizationId
  /** Whom it acts as, and so what its tokens are about. */
  readonly principal: PrincipalId
  readonly principalType: 'service_account' | 'member'
  readonly enabled: boolean
  readonly expiresAt: NumericDate | undefined
  readonly tokenLifetime: Seconds | undefined
  readonly credentials: readonly Credential[]
  readonly groups: readonly GroupId[]
  readonly bindings: readonly HeldBinding[]
}

/** A receipt: this client proved, with this credential, that it is who it says. */
export type AuthenticatedClient = Brand<
  {
    readonly client: Client
    readonly credential: Credential
    /** The earliest end of the account and the credential it proved itself with. */
    readonly endsAt: NumericDate | undefined
  },
  'AuthenticatedClient'
>

export type ClientRefusal =
  | { readonly reason: 'client_disabled'; readonly client: ClientId }
  | { readonly reason: 'client_expired'; readonly client: ClientId }

export function whyClientRefused(client: Client, now: NumericDate): ClientRefusal | undefined {
  if (!client.enabled) return { reason: 'client_disabled', client: client.id }
  if (hasEnded(client.expiresAt, now)) return { reason: 'client_expired', client: client.id }
  return undefined
}

/** Whether an API takes tokens of this client at all: its own organization's, and keys if it wants. */
export function isTakenBy(
  { organization, applicationKeys }: ApiTerms,
  client: Pick<Client, 'organization' | 'principalType'>,
): boolean {
  if (organization !== client.organization) return false
  return client.principalType === 'service_account' || applicationKeys
}

/** Called by the verb that has just checked the proof, and by nothing else. */
export function authenticated(client: Client, credential: Credential): AuthenticatedClient {
  const endsAt = earlier(client.expiresAt, credential.expiresAt)
  return { client, credential, endsAt } as AuthenticatedClient
}

import type { HeldBinding } from './binding.ts'
import type { Credential } from './credential.ts'
import type { ClientId, GroupId, OrganizationId } from './id.ts'
import type { Brand } from './brand.ts'
import type { NumericDate, Seconds } from './time.ts'
import { earlier, hasEnded } from './time.ts'

/** A principal as the protocol sees it: its own rows, and the ids of its groups and roles. */
export type Client = {
  readonly id: ClientId
  readonly organization: OrganizationId
  readonly principalType: 'service_account'
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

/** Called by the verb that has just checked the proof, and by nothing else. */
export function authenticated(client: Client, credential: Credential): AuthenticatedClient {
  const endsAt = earlier(client.expiresAt, credential.expiresAt)
  return { client, credential, endsAt } as AuthenticatedClient
}

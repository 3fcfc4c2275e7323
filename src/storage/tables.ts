/**
 * Storage: SQL and nothing else. The only floor that knows tables; it speaks to the floors above in
 * the types of the domain. One file per noun; what is written takes a `Tx`, which only transaction.ts
 * makes, but for the change log, which ages by itself, and for what is kept of refusals, which
 * changes nothing.
 */
import type { ColumnType } from 'kysely'
import type { Audience } from '../domain/api.ts'
import type { Actor } from '../domain/audit.ts'
import type { ResourceName } from '../domain/binding.ts'
import type { Phc } from '../domain/credential.ts'
import type {
  ApiId,
  AudienceApprovalId,
  BindingId,
  ClientId,
  CredentialId,
  GroupId,
  OrganizationId,
  PrincipalId,
  RoleId,
  ServiceAccountId,
} from '../domain/id.ts'
import type { KeyUse, Kid } from '../domain/key-ring.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { SecretHandle } from '../domain/secret.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { Seconds } from '../domain/time.ts'
import type { PublishedKey } from '../ports/signing-keys.ts'
import type { Created, Moment, MomentOrNull, Versioned } from './columns.ts'
import type { PeopleTables } from './people-tables.ts'

type ChainHead = {
  audit_sequence: ColumnType<number, never, number>
  audit_hash: ColumnType<Uint8Array, never, Uint8Array>
}
type Singleton = { singleton: ColumnType<boolean, never, never> }

export type Tables = PeopleTables & {
  server: Singleton & ChainHead & { created_at: Moment; key_encryption_key_id: string | null }
  change_counter: Singleton & { epoch: string; position: number }
  change: {
    position: number
    id: string
    kind: string
    organization_id: OrganizationId | null
    subject: string
    at: Moment
  }
  audit_entry: {
    chain: string
    sequence: number
    at: Moment
    kind: string
    actor_id: string
    target_id: string
    trace_id: string
    entry: Uint8Array
    hash: Uint8Array
  }
  idempotency_key: {
    /** An organization, or `server`. */
    concern: string
    actor_id: string
    key: string
    fingerprint: Uint8Array
    target_type: string
    target_id: string
    created_at: Moment
  }
  denied_call: {
    id: ColumnType<number, never, never>
    organization_id: OrganizationId | null
    at: Moment
    operation: string
    reason: string
    target_organization_id: string | null
    actor_type: Actor['type']
    actor_id: string
    actor_name: string
    client_id: ClientId | null
    trace_id: string
    network: string
  }
  token_refusal: {
    /** Empty for callers that named no client there is. */
    client_id: ClientId | ''
    reason: string
    network: string
    count: number
    first_at: Moment
    last_at: Moment
    named: string | null
    facts: string | null
    user_agent: string | null
    trace_ids: readonly string[]
  }
  organization: Created &
    Versioned &
    ChainHead & {
      id: OrganizationId
      name: Name
      default_audience: ColumnType<Audience | null, Audience | null | undefined, Audience | null>
      disabled_at: MomentOrNull
    }
  principal: {
    organization_id: OrganizationId
    id: PrincipalId
    kind: 'service_account' | 'member'
  }
  service_account: Created &
    Versioned & {
      organization_id: OrganizationId
      id: ServiceAccountId
      name: Name
      description: Description
      token_lifetime_seconds: Seconds | null
      disabled_at: MomentOrNull
      expires_at: MomentOrNull
    }
  credential: Created &
    Versioned & {
      organization_id: OrganizationId
      id: CredentialId
      principal_id: PrincipalId
      kind: string
      name: Name
      handle: SecretHandle | null
      hash: Phc | null
      disabled_at: MomentOrNull
      expires_at: MomentOrNull
    }
  api: Created &
    Versioned & {
      organization_id: OrganizationId
      id: ApiId
      audience: Audience
      name: Name
      token_lifetime_seconds: Seconds
      signing_alg: SigningAlg
      signing_alg_before: SigningAlg | null
      built_in: boolean
      application_keys: boolean
    }
  api_permission: {
    organization_id: OrganizationId
    api_id: ApiId
    permission: Permission
    description: Description
  }
  role: Created &
    Versioned & {
      organization_id: OrganizationId
      id: RoleId
      name: Name
      description: Description
      built_in: boolean
    }
  role_permission: {
    organization_id: OrganizationId
    role_id: RoleId
    api_id: ApiId
    permission: Permission
  }
  principal_group: Created &
    Versioned & {
      organization_id: OrganizationId
      id: GroupId
      name: Name
      description: Description
    }
  group_member: { organization_id: OrganizationId; group_id: GroupId; principal_id: PrincipalId }
  binding: Created &
    Versioned & {
      organization_id: OrganizationId
      id: BindingId
      role_id: RoleId
      principal_id: PrincipalId | null
      group_id: GroupId | null
      resource: ResourceName | null
      expires_at: MomentOrNull
    }
  audience_approval: Created & {
    organization_id: OrganizationId
    id: AudienceApprovalId
    audience: Audience
  }
  signing_key: {
    kid: Kid
    use: KeyUse
    alg: SigningAlg
    public_jwk: ColumnType<PublishedKey['publicJwk'], string, string>
    sealed_private_key: string
    key_encryption_key_id: string
    announced_at: Moment
    signs_from: MomentOrNull
    revoked_at: MomentOrNull
  }
  schema_migration: {
    name: string
    checksum: string
    least_program: string
    applied_at: Moment
  }
}

import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { ApiTerms, Audience } from '../domain/api.ts'
import type { Client } from '../domain/client.ts'
import type { Credential } from '../domain/credential.ts'
import type { GroupTerms } from '../domain/group.ts'
import type { ClientId, GroupId, OrganizationId, RoleId, ServiceAccountId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { OrganizationTerms } from '../domain/organization.ts'
import type { RoleTerms } from '../domain/role.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { findKeyClient } from './application-keys.ts'
import { compiledFind } from './compiled.ts'
import type { BindingRow } from './held-bindings.ts'
import { bindingsOf, epochSeconds, groupsOf, heldBinding } from './held-bindings.ts'
import { byAudience, permissionsOf } from './roles.ts'
import type { Tables } from './tables.ts'

// What the token plane needs, one query each. No filter by time: what has ended is compared with
// `now` at use, because no row of the change log announces an end.

/** A client with its credentials, and the ids of its groups and roles. */
export async function findClient(db: Kysely<Tables>, id: ClientId): Promise<Client | undefined> {
  const key = parseId('application_key', id)
  if (key !== undefined) return findKeyClient(db, key)
  const account = parseId('service_account', id)
  const row = account && (await clientRow(db, account))
  return account && row && clientOf(account, row)
}

const clientRow = compiledFind((db, id: ServiceAccountId) =>
  db
    .selectFrom('service_account as account')
    .where('account.id', '=', id)
    .select((eb) => [
      'account.organization_id',
      'account.disabled_at',
      'account.expires_at',
      'account.token_lifetime_seconds',
      jsonArrayFrom(
        eb
          .selectFrom('credential')
          .whereRef('credential.organization_id', '=', 'account.organization_id')
          .whereRef('credential.principal_id', '=', 'account.id')
          .select((of) => [
            'credential.id',
            'credential.kind',
            'credential.handle',
            'credential.hash',
            of('credential.disabled_at', 'is', null).$castTo<boolean>().as('enabled'),
            epochSeconds('credential.expires_at').as('expires_at'),
          ])
          .orderBy('credential.id'),
      ).as('credentials'),
      groupsOf({ organization: 'account.organization_id', id: 'account.id' }).as('groups'),
      bindingsOf('principal', { organization: 'account.organization_id', id: 'account.id' }).as(
        'bindings',
      ),
    ]),
)

type ClientRow = {
  readonly organization_id: OrganizationId
  readonly disabled_at: NumericDate | null
  readonly expires_at: NumericDate | null
  readonly token_lifetime_seconds: Seconds | null
  readonly credentials: readonly CredentialRow[]
  readonly groups: readonly { readonly id: GroupId }[]
  readonly bindings: readonly BindingRow[]
}

function clientOf(id: ServiceAccountId, row: ClientRow): Client {
  return {
    id,
    principal: id,
    organization: row.organization_id,
    principalType: 'service_account',
    enabled: row.disabled_at === null,
    expiresAt: row.expires_at ?? undefined,
    tokenLifetime: row.token_lifetime_seconds ?? undefined,
    credentials: row.credentials.map(credential),
    groups: row.groups.map((group) => group.id),
    bindings: row.bindings.map(heldBinding),
  }
}

export async function findGroupTerms(
  db: Kysely<Tables>,
  id: GroupId,
): Promise<GroupTerms | undefined> {
  const row = await groupRow(db, id)
  return (
    row && {
      id,
      organization: row.organization_id,
      name: row.name,
      bindings: row.bindings.map(heldBinding),
    }
  )
}

const groupRow = compiledFind((db, id: GroupId) =>
  db
    .selectFrom('principal_group as held_by')
    .where('held_by.id', '=', id)
    .select([
      'held_by.organization_id',
      'held_by.name',
      bindingsOf('group', { organization: 'held_by.organization_id', id: 'held_by.id' }).as(
        'bindings',
      ),
    ]),
)

export async function findRoleTerms(
  db: Kysely<Tables>,
  id: RoleId,
): Promise<RoleTerms | undefined> {
  const row = await roleRow(db, id)
  return (
    row && {
      id,
      organization: row.organization_id,
      name: row.name,
      permissions: byAudience(row.permissions),
    }
  )
}

const roleRow = compiledFind((db, id: RoleId) =>
  db
    .selectFrom('role')
    .where('role.id', '=', id)
    .select((eb) => ['role.organization_id', 'role.name', permissionsOf(eb).as('permissions')]),
)

export async function findApiTerms(
  db: Kysely<Tables>,
  audience: Audience,
): Promise<ApiTerms | undefined> {
  const row = await apiRow(db, audience)
  return (
    row && {
      organization: row.organization_id,
      audience,
      tokenLifetime: row.token_lifetime_seconds,
      signingAlg: row.signing_alg,
      signingAlgBefore: row.signing_alg_before ?? undefined,
      applicationKeys: row.application_keys,
    }
  )
}

const apiRow = compiledFind((db, audience: Audience) =>
  db
    .selectFrom('api')
    .where('audience', '=', audience)
    .select([
      'organization_id',
      'token_lifetime_seconds',
      'signing_alg',
      'signing_alg_before',
      'application_keys',
    ]),
)

export async function findOrganizationTerms(
  db: Kysely<Tables>,
  id: OrganizationId,
): Promise<OrganizationTerms | undefined> {
  const row = await organizationRow(db, id)
  return (
    row && {
      id,
      enabled: row.disabled_at === null,
      defaultAudience: row.default_audience ?? undefined,
    }
  )
}

const organizationRow = compiledFind((db, id: OrganizationId) =>
  db.selectFrom('organization').where('id', '=', id).select(['disabled_at', 'default_audience']),
)

type CredentialRow = Pick<Credential, 'id' | 'enabled'> & {
  readonly kind: string
  readonly handle: Tables['credential']['handle']
  readonly hash: Tables['credential']['hash']
  readonly expires_at: NumericDate | null
}

function credential(row: CredentialRow): Credential {
  const common = {
    id: row.id,
    enabled: row.enabled,
    expiresAt: row.expires_at ?? undefined,
  }
  if (row.kind !== 'client_secret' || row.handle === null || row.hash === null) {
    return { ...common, kind: 'unknown' }
  }
  return { ...common, kind: 'client_secret', handle: row.handle, hash: row.hash }
}

import type { Kysely } from 'kysely'
import { expressionBuilder, sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Holding } from '../domain/authority.ts'
import type { Holder, HolderAndHeld } from '../domain/holder.ts'
import type { ApplicationKeyId, CredentialId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import { compiledFind } from './compiled.ts'
import type { BindingRow } from './held-bindings.ts'
import { epochSeconds } from './held-bindings.ts'
import { principalsIn } from './principals.ts'
import { byAudience, permissionsOf } from './roles.ts'
import type { Tables } from './tables.ts'

/** Finds a principal; one of an organization that is disabled is disabled, too. */
export async function findHolder(db: Kysely<Tables>, id: PrincipalId): Promise<Holder | undefined> {
  const row = await holderRow(db, id)
  return row && holder(row)
}

/** The same, with what they hold. */
export async function findHolderAndHeld(
  db: Kysely<Tables>,
  id: PrincipalId,
): Promise<HolderAndHeld | undefined> {
  const row = await heldRow(db, id)
  const found = row && holder(row)
  return found && { ...found, holdings: row.roles.flatMap(holdingsBy) }
}

// Management asks one of them or both of every call: see `compiledFind`. What somebody holds is most of
// what PostgreSQL has to think about, so who only wants to know whether they count asks without it.
const holderRow = compiledFind(holders)
const heldRow = compiledFind((db, id: PrincipalId) =>
  holders(db, id).select(
    rolesOf({ organization: 'principal.organization_id', id: 'principal.id' }).as('roles'),
  ),
)

type HolderRow = Awaited<ReturnType<ReturnType<typeof holders>['executeTakeFirstOrThrow']>>

function holder(row: HolderRow): Holder | undefined {
  const name = row.account_name ?? row.person_name
  if (name === null) return undefined
  return {
    organization: row.organization_id,
    name,
    enabled: row.closed_at === null && row.disabled_at === null,
    endsAt: row.expires_at ?? undefined,
    keys: [...row.credentials, ...row.application_keys].map(key),
  }
}

function holders(db: Kysely<Tables>, id: PrincipalId) {
  return principalsIn(db)
    .innerJoin('organization', 'organization.id', 'principal.organization_id')
    .where('principal.id', '=', id)
    .select((eb) => [
      'principal.organization_id',
      'organization.disabled_at as closed_at',
      'account.name as account_name',
      'account.disabled_at',
      'account.expires_at',
      'person.name as person_name',
      jsonArrayFrom(
        eb
          .selectFrom('credential')
          .whereRef('credential.organization_id', '=', 'principal.organization_id')
          .whereRef('credential.principal_id', '=', 'principal.id')
          .select((of) => [
            'credential.id',
            of('credential.disabled_at', 'is', null).$castTo<boolean>().as('enabled'),
            epochSeconds('credential.expires_at').as('expires_at'),
          ]),
      ).as('credentials'),
      jsonArrayFrom(
        eb
          .selectFrom('application_key as key')
          .whereRef('key.organization_id', '=', 'principal.organization_id')
          .whereRef('key.member_id', '=', 'principal.id')
          .select((of) => [
            'key.id',
            of('key.disabled_at', 'is', null).$castTo<boolean>().as('enabled'),
            epochSeconds('key.expires_at').as('expires_at'),
          ]),
      ).as('application_keys'),
    ])
}

/** The roles that a principal has, directly and through its groups, and on what and until when. */
function rolesOf({ organization, id }: Columns) {
  const ofOrganization = sql.ref<OrganizationId>(organization)
  const bindings = expressionBuilder<Tables>()
    .selectFrom('binding')
    .select(['binding.role_id', 'binding.resource', 'binding.expires_at'])
    .where('binding.organization_id', '=', ofOrganization)
  const groups = expressionBuilder<Tables>()
    .selectFrom('group_member')
    .select('group_member.group_id')
    .where('group_member.organization_id', '=', ofOrganization)
    .where('group_member.principal_id', '=', sql.ref<PrincipalId>(id))
  const held = bindings
    .where('binding.principal_id', '=', sql.ref<PrincipalId>(id))
    .union(bindings.where('binding.group_id', 'in', groups))
  return jsonArrayFrom(
    expressionBuilder<Tables>()
      .selectFrom('role')
      .innerJoin(held.as('held'), 'held.role_id', 'role.id')
      .where('role.organization_id', '=', ofOrganization)
      .groupBy(['role.organization_id', 'role.id'])
      .select((eb) => [
        permissionsOf(eb).as('permissions'),
        sql<readonly HeldRow[]>`json_agg(json_build_object(
          'resource', held.resource, 'expires_at', ${epochSeconds('held.expires_at')}
        ))`.as('held'),
      ]),
  )
}

type Columns = { readonly organization: string; readonly id: string }

type HeldRow = Pick<BindingRow, 'resource' | 'expires_at'>

type RoleRow = {
  readonly permissions: Parameters<typeof byAudience>[0]
  readonly held: readonly HeldRow[]
}

function holdingsBy(role: RoleRow): readonly Holding[] {
  const permissions = byAudience(role.permissions)
  return role.held.map(({ resource, expires_at: end }) => ({
    permissions,
    resource: resource ?? undefined,
    expiresAt: end ?? undefined,
  }))
}

type KeyRow = {
  readonly id: CredentialId | ApplicationKeyId
  readonly enabled: boolean
  readonly expires_at: NumericDate | null
}

function key({ id, enabled, expires_at: end }: KeyRow): Holder['keys'][number] {
  return { id, enabled, endsAt: end ?? undefined }
}

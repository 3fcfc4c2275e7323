import type { Kysely, NotNull } from 'kysely'
import type { Holding } from '../domain/authority.ts'
import type { GroupId, OrganizationId, PrincipalId, RoleId } from '../domain/id.ts'
import { builtInRoles } from '../domain/management-permission.ts'
import { byAudience, permissionsOf } from './roles.ts'
import type { Tables } from './tables.ts'

// What principals hold, as the tables have it now: the rules of management are decided on it, inside
// the transaction that they are about. What has ended is among it, since only `now` tells.

/** Whose holdings are asked for: one principal's, or those of all that a group or a role reaches. */
export type Holders =
  | { readonly type: 'principal'; readonly id: PrincipalId }
  | { readonly type: 'members'; readonly of: GroupId }
  | { readonly type: 'holders'; readonly of: RoleId }

/** All that these principals hold, directly and through their groups. */
export async function listHoldings(
  db: Kysely<Tables>,
  organization: OrganizationId,
  whose: Holders,
): Promise<readonly Holding[]> {
  const holders = idsOf(db, organization, whose)
  const direct = bindingsIn(db, organization).where('principal_id', 'in', holders)
  const groups = db
    .selectFrom('group_member')
    .select('group_id')
    .where('organization_id', '=', organization)
    .where('principal_id', 'in', holders)
  const throughGroups = bindingsIn(db, organization).where('group_id', 'in', groups)
  return withPermissions(db, organization, await direct.union(throughGroups).execute())
}

/** What each member of a group holds by being in it. */
export async function listHoldingsOfGroup(
  db: Kysely<Tables>,
  organization: OrganizationId,
  group: GroupId,
): Promise<readonly Holding[]> {
  const rows = await bindingsIn(db, organization).where('group_id', '=', group).execute()
  return withPermissions(db, organization, rows)
}

/**
 * The first two Owners that an organization can rely upon: members who hold the built-in role
 * themselves, without an end, on the whole organization.
 */
export async function listSomeOwners(
  db: Kysely<Tables>,
  organization: OrganizationId,
): Promise<readonly PrincipalId[]> {
  const rows = await db
    .selectFrom('binding')
    .innerJoin('role', (join) =>
      join
        .onRef('role.organization_id', '=', 'binding.organization_id')
        .onRef('role.id', '=', 'binding.role_id'),
    )
    .innerJoin('member', (join) =>
      join
        .onRef('member.organization_id', '=', 'binding.organization_id')
        .onRef('member.id', '=', 'binding.principal_id'),
    )
    .select('member.id')
    .where('binding.organization_id', '=', organization)
    .where('role.built_in', '=', true)
    .where('role.name', '=', builtInRoles.owner.name)
    .where('binding.resource', 'is', null)
    .where('binding.expires_at', 'is', null)
    .limit(2)
    .execute()
  return rows.map(({ id }) => id)
}

type HeldRow = Pick<HeldRows[number], 'role_id' | 'resource' | 'expires_at'>
type HeldRows = Awaited<ReturnType<ReturnType<typeof bindingsIn>['execute']>>

function bindingsIn(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('binding')
    .select(['binding.role_id', 'binding.resource', 'binding.expires_at'])
    .where('binding.organization_id', '=', organization)
}

/** The ids of these principals, or a query for them. */
function idsOf(db: Kysely<Tables>, organization: OrganizationId, whose: Holders) {
  if (whose.type === 'principal') return [whose.id]
  const named = db.selectFrom('principal').select('id').where('organization_id', '=', organization)
  const members = db
    .selectFrom('group_member')
    .select('principal_id')
    .where('organization_id', '=', organization)
  if (whose.type === 'members') {
    return named.where('id', 'in', members.where('group_id', '=', whose.of))
  }
  const bound = db
    .selectFrom('binding')
    .where('organization_id', '=', organization)
    .where('role_id', '=', whose.of)
  const direct = bound
    .select('principal_id')
    .where('principal_id', 'is not', null)
    .$narrowType<{ principal_id: NotNull }>()
  const groups = bound
    .select('group_id')
    .where('group_id', 'is not', null)
    .$narrowType<{ group_id: NotNull }>()
  return named.where((eb) =>
    eb.or([eb('id', 'in', direct), eb('id', 'in', members.where('group_id', 'in', groups))]),
  )
}

async function withPermissions(
  db: Kysely<Tables>,
  organization: OrganizationId,
  rows: readonly HeldRow[],
): Promise<readonly Holding[]> {
  if (rows.length === 0) return []
  const roles = await db
    .selectFrom('role')
    .select((eb) => ['role.id', permissionsOf(eb).as('permissions')])
    .where('role.organization_id', '=', organization)
    .where('role.id', 'in', [...new Set(rows.map((row) => row.role_id))])
    .execute()
  const permissions = new Map(roles.map((role) => [role.id, byAudience(role.permissions)]))
  return rows.map((row) => ({
    permissions: permissions.get(row.role_id) ?? new Map(),
    resource: row.resource ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  }))
}

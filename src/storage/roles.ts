import type { ExpressionBuilder, Kysely } from 'kysely'
import { sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Audience } from '../domain/api.ts'
import type { ApiId, OrganizationId, RoleId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { Role, RolePermission, RoleTerms } from '../domain/role.ts'
import type { Version } from '../domain/version.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { raised } from './raised.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findRole(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: RoleId,
): Promise<Role | undefined> {
  const row = await roles(db, organization).where('role.id', '=', id).executeTakeFirst()
  return row && role(row)
}

export async function findRoleByName(
  db: Kysely<Tables>,
  organization: OrganizationId,
  name: Name,
): Promise<Role | undefined> {
  const row = await roles(db, organization).where('role.name', '=', name).executeTakeFirst()
  return row && role(row)
}

export type RolesAsked = PageAsked<RoleId> & { readonly name?: Name | undefined }

export async function listRoles(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: RolesAsked = {},
): Promise<Page<Role, RoleId>> {
  let query = roles(db, organization)
  if (asked.name !== undefined) query = query.where('role.name', '=', asked.name)
  const rows = await query
    .where('role.id', '>', after(asked))
    .orderBy('role.id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(role), asked)
}

/** The roles that hold any of these permissions of an API, or any at all, by name. */
export async function listRolesHolding(
  tx: Tx,
  held: {
    readonly organization: OrganizationId
    readonly api: ApiId
    readonly permissions?: readonly Permission[]
  },
): Promise<readonly Name[]> {
  let query = tx
    .selectFrom('role_permission as held')
    .innerJoin('role', (join) =>
      join
        .onRef('role.organization_id', '=', 'held.organization_id')
        .onRef('role.id', '=', 'held.role_id'),
    )
    .select('role.name')
    .distinct()
    .where('held.organization_id', '=', held.organization)
    .where('held.api_id', '=', held.api)
    .orderBy('role.name')
  if (held.permissions) query = query.where('held.permission', 'in', held.permissions)
  const rows = await query.execute()
  return rows.map(({ name }) => name)
}

export async function addRole(
  tx: Tx,
  added: Role,
  permissions: readonly RolePermission[],
): Promise<void> {
  await tx
    .insertInto('role')
    .values({
      organization_id: added.organization,
      id: added.id,
      name: added.name,
      description: added.description,
      built_in: added.builtIn,
      ...createdRow(added),
    })
    .execute()
  await addRolePermissions(tx, added, permissions)
}

/** Writes its name and description; returns its new version. */
export async function changeRole(tx: Tx, changed: Role): Promise<Version> {
  const { version } = await tx
    .updateTable('role')
    .set({ name: changed.name, description: changed.description, version: raised })
    .where('organization_id', '=', changed.organization)
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

/** Adds permissions; those that the role holds already stay as they are. */
export async function addRolePermissions(
  tx: Tx,
  { organization, id }: Role,
  added: readonly RolePermission[],
): Promise<void> {
  if (added.length === 0) return
  await tx
    .insertInto('role_permission')
    .values(
      added.map(({ api, permission }) => ({
        organization_id: organization,
        role_id: id,
        api_id: api,
        permission,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Removes the permissions that are written down for a role and that it does not hold. */
export async function removeOtherPermissions(
  tx: Tx,
  { organization, id, permissions }: Role,
): Promise<void> {
  const held = [...permissions].flatMap(([audience, ofApi]) =>
    ofApi.map((permission) => [audience, permission] as const),
  )
  await sql`
    delete from role_permission
    using api
    where role_permission.organization_id = ${organization}
      and role_permission.role_id = ${id}
      and api.organization_id = role_permission.organization_id
      and api.id = role_permission.api_id
      and (api.audience, role_permission.permission) not in (
        select * from unnest(
          ${held.map(([audience]) => audience)}::text[],
          ${held.map(([, permission]) => permission)}::text[]
        )
      )
  `.execute(tx)
}

/** Removes the role and its list of permissions. */
export async function removeRole(tx: Tx, { organization, id }: Role): Promise<void> {
  await tx
    .deleteFrom('role')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function roles(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('role')
    .where('role.organization_id', '=', organization)
    .select((eb) => [
      'role.organization_id',
      'role.id',
      'role.name',
      'role.description',
      'role.built_in',
      'role.version',
      'role.created_at',
      'role.created_by_id',
      'role.created_by_name',
      permissionsOf(eb).as('permissions'),
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof roles>['executeTakeFirstOrThrow']>>

function role(row: Row): Role {
  return {
    organization: row.organization_id,
    id: row.id,
    name: row.name,
    description: row.description,
    builtIn: row.built_in,
    version: row.version,
    permissions: byAudience(row.permissions),
    ...readCreated(row),
  }
}

/** The permissions of a role, in a query of roles. */
export function permissionsOf(eb: ExpressionBuilder<Tables, 'role'>) {
  return jsonArrayFrom(
    eb
      .selectFrom('role_permission as held')
      .innerJoin('api', (join) =>
        join
          .onRef('api.organization_id', '=', 'held.organization_id')
          .onRef('api.id', '=', 'held.api_id'),
      )
      .whereRef('held.organization_id', '=', 'role.organization_id')
      .whereRef('held.role_id', '=', 'role.id')
      .select(['api.audience', 'held.permission']),
  )
}

/** In an order that no database chooses: each would sort by a language of its own. */
export function byAudience(
  rows: readonly { readonly audience: Audience; readonly permission: Permission }[],
): RoleTerms['permissions'] {
  const ofEach = Map.groupBy(rows, ({ audience }) => audience)
  return new Map(
    [...ofEach.keys()].toSorted().map((audience) => {
      const held = ofEach.get(audience) ?? []
      return [audience, held.map(({ permission }) => permission).toSorted()]
    }),
  )
}

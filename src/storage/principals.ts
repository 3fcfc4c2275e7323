import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { AccessSources } from '../domain/access.ts'
import type { Audience } from '../domain/api.ts'
import type { HeldBinding, ResourceName } from '../domain/binding.ts'
import type { GroupTerms } from '../domain/group.ts'
import type {
  GroupId,
  MemberId,
  OrganizationId,
  PersonId,
  PrincipalId,
  RoleId,
} from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { RoleTerms } from '../domain/role.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { byAudience, permissionsOf } from './roles.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'

// Principals of either kind, for those who ask what one holds and what would end with it. In few
// queries, whatever it holds: a principal may be in a hundred groups.

/** A service account or a member, as people know it. */
export type Principal = {
  readonly id: PrincipalId
  readonly organization: OrganizationId
  readonly kind: Tables['principal']['kind']
  /** Whose membership it is; a service account is nobody's. */
  readonly membership: { readonly id: MemberId; readonly person: PersonId } | undefined
  readonly name: Name | undefined
  readonly enabled: boolean
  readonly expiresAt: NumericDate | undefined
  readonly tokenLifetime: Seconds | undefined
}

/** Each with the account, or the member and the person, that it is. */
export function principalsIn(db: Kysely<Tables>) {
  return db
    .selectFrom('principal')
    .leftJoin('service_account as account', (join) =>
      join
        .onRef('account.organization_id', '=', 'principal.organization_id')
        .onRef('account.id', '=', 'principal.id'),
    )
    .leftJoin('member', (join) =>
      join
        .onRef('member.organization_id', '=', 'principal.organization_id')
        .onRef('member.id', '=', 'principal.id'),
    )
    .leftJoin('person', 'person.id', 'member.person_id')
}

export async function findPrincipal(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: PrincipalId,
): Promise<Principal | undefined> {
  const row = await principalsIn(db)
    .select([
      'principal.kind',
      'member.id as member_id',
      'member.person_id',
      'account.name as account_name',
      'person.name as person_name',
      'account.disabled_at',
      'account.expires_at',
      'account.token_lifetime_seconds',
    ])
    .where('principal.organization_id', '=', organization)
    .where('principal.id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      id,
      organization,
      kind: row.kind,
      membership: membershipOf(row),
      name: row.account_name ?? row.person_name ?? undefined,
      enabled: row.disabled_at === null,
      expiresAt: row.expires_at ?? undefined,
      tokenLifetime: row.token_lifetime_seconds ?? undefined,
    }
  )
}

function membershipOf(row: {
  readonly member_id: MemberId | null
  readonly person_id: PersonId | null
}): Principal['membership'] {
  const { member_id: id, person_id: person } = row
  return id === null || person === null ? undefined : { id, person }
}

/** What a principal holds, and by what. What has ended is among it: only `now` tells. */
export async function findAccessSources(
  db: Kysely<Tables>,
  { organization, id }: Pick<Principal, 'organization' | 'id'>,
): Promise<AccessSources> {
  const groups = await db
    .selectFrom('group_member as held')
    .innerJoin('principal_group', (join) =>
      join
        .onRef('principal_group.organization_id', '=', 'held.organization_id')
        .onRef('principal_group.id', '=', 'held.group_id'),
    )
    .select(['principal_group.id', 'principal_group.name'])
    .where('held.organization_id', '=', organization)
    .where('held.principal_id', '=', id)
    .orderBy('principal_group.id')
    .execute()
  const direct = await bindingsIn(db, organization).where('principal_id', '=', id).execute()
  const groupIds = groups.map((group) => group.id)
  const carried =
    groupIds.length === 0
      ? []
      : await bindingsIn(db, organization).where('group_id', 'in', groupIds).execute()
  return {
    bindings: direct.map(heldBinding),
    groups: groups.map((group) => termsOf(group, organization, carried)),
    roles: await roleTerms(db, organization, [...direct, ...carried]),
  }
}

type BindingRow = Awaited<ReturnType<ReturnType<typeof bindingsIn>['execute']>>[number]

function bindingsIn(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('binding')
    .select(['id', 'role_id', 'group_id', 'resource', 'expires_at'])
    .where('organization_id', '=', organization)
    .orderBy('id')
}

function heldBinding(row: BindingRow): HeldBinding {
  return {
    id: row.id,
    role: row.role_id,
    resource: row.resource ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  }
}

function termsOf(
  { id, name }: { readonly id: GroupId; readonly name: Name },
  organization: OrganizationId,
  carried: readonly BindingRow[],
): GroupTerms {
  const bindings = carried.filter((row) => row.group_id === id).map(heldBinding)
  return { id, organization, name, bindings }
}

async function roleTerms(
  db: Kysely<Tables>,
  organization: OrganizationId,
  bindings: readonly BindingRow[],
): Promise<ReadonlyMap<RoleId, RoleTerms>> {
  const ids = [...new Set(bindings.map((row) => row.role_id))]
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('role')
    .select((eb) => ['role.id', 'role.name', permissionsOf(eb).as('permissions')])
    .where('role.organization_id', '=', organization)
    .where('role.id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, name, permissions }) => [
      id,
      { id, organization, name, permissions: byAudience(permissions) },
    ]),
  )
}

/** A permission as somebody holds it: on the whole organization, or on one resource. */
export type HeldPermission = {
  readonly audience: Audience
  readonly permission: Permission
  readonly resource: ResourceName | undefined
}

/**
 * Of these permissions, those that nobody holds but this principal: no member and no account that is
 * in force, directly or through a group, there or on the whole organization. Each role is asked for
 * its holders once for each place, however many permissions it gives.
 */
export async function listHeldByNobodyElse(
  db: Kysely<Tables>,
  { organization, id }: Pick<Principal, 'organization' | 'id'>,
  held: readonly HeldPermission[],
  now: NumericDate,
): Promise<readonly HeldPermission[]> {
  const { rows } = await sql<{ ordinality: number }>`
    with held as (
      select * from unnest(
        ${held.map(({ audience }) => audience)}::text[],
        ${held.map(({ permission }) => permission)}::text[],
        ${held.map(({ resource }) => resource ?? null)}::text[]
      ) with ordinality as held (audience, permission, resource, ordinality)
    ), given as materialized (
      select held.ordinality, held.resource, role_permission.role_id
      from held
      join api on api.organization_id = ${organization} and api.audience = held.audience
      join role_permission on role_permission.organization_id = api.organization_id
        and role_permission.api_id = api.id and role_permission.permission = held.permission
    ), place as materialized (
      select role_id, null as resource from given
      union
      select role_id, resource from given
    ), taken as materialized (
      select place.role_id, place.resource from place
      where exists (
        select from (
          select principal_id, group_id, expires_at from binding
          where organization_id = ${organization} and role_id = place.role_id
            and place.resource is null and resource is null
          union all
          select principal_id, group_id, expires_at from binding
          where organization_id = ${organization} and role_id = place.role_id
            and resource = place.resource
        ) as binding
        where (binding.expires_at is null or binding.expires_at > ${timestamp(now)})
          and ${heldByAnother(organization, id, now)}
      )
    )
    select held.ordinality from held
    where not exists (
      select from given
      join taken on taken.role_id = given.role_id
        and (taken.resource is null or taken.resource = given.resource)
      where given.ordinality = held.ordinality
    )
    order by held.ordinality
  `.execute(db)
  return rows.flatMap(({ ordinality }) => held[ordinality - 1] ?? [])
}

/** That a granted role is held by somebody in force who is not this principal. */
function heldByAnother(organization: OrganizationId, id: PrincipalId, now: NumericDate) {
  return sql<boolean>`exists (
    select from (
      select binding.principal_id as id where binding.principal_id is not null
      union all
      select principal_id from group_member
      where organization_id = ${organization} and group_id = binding.group_id
    ) as holder
    where holder.id <> ${id} and coalesce((
      select disabled_at is null and (expires_at is null or expires_at > ${timestamp(now)})
      from service_account
      where organization_id = ${organization} and service_account.id = holder.id
    ), true)
  )`
}

/** How long tokens of these APIs live at most; `undefined` without any API. */
export async function findLongestTokenLifetime(
  db: Kysely<Tables>,
  organization: OrganizationId,
  audiences: readonly Audience[],
): Promise<Seconds | undefined> {
  if (audiences.length === 0) return undefined
  const row = await db
    .selectFrom('api')
    .select((eb) => eb.fn.max('token_lifetime_seconds').as('longest'))
    .where('organization_id', '=', organization)
    .where('audience', 'in', audiences)
    .executeTakeFirst()
  return row?.longest ?? undefined
}

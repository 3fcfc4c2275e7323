import type { Kysely } from 'kysely'
import type { Group } from '../domain/group.ts'
import type { GroupId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Version } from '../domain/version.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { raised } from './raised.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/** A principal in a group, as lists show it. */
export type GroupMember = {
  readonly id: PrincipalId
  readonly kind: 'service_account' | 'member'
  readonly name: Name | undefined
}

export async function findGroup(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: GroupId,
): Promise<Group | undefined> {
  const row = await groups(db, organization).where('id', '=', id).executeTakeFirst()
  return row && group(row)
}

export async function findGroupByName(
  db: Kysely<Tables>,
  organization: OrganizationId,
  name: Name,
): Promise<Group | undefined> {
  const row = await groups(db, organization).where('name', '=', name).executeTakeFirst()
  return row && group(row)
}

export type GroupsAsked = PageAsked<GroupId> & {
  readonly name?: Name | undefined
  /** Those that this principal is in. */
  readonly principal?: PrincipalId | undefined
}

export async function listGroups(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: GroupsAsked = {},
): Promise<Page<Group, GroupId>> {
  let query =
    asked.principal === undefined
      ? groups(db, organization)
      : groupsOf(db, organization, asked.principal)
  if (asked.name !== undefined) query = query.where('name', '=', asked.name)
  const rows = await query
    .where('id', '>', after(asked))
    .orderBy('id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(group), asked)
}

/** All groups of a principal, by name: `groupsOfPrincipalMax` keeps them few. */
export async function listGroupsOf(
  db: Kysely<Tables>,
  organization: OrganizationId,
  principal: PrincipalId,
): Promise<readonly Group[]> {
  const rows = await groupsOf(db, organization, principal).orderBy('name').execute()
  return rows.map(group)
}

export async function listGroupMembers(
  db: Kysely<Tables>,
  { organization, id }: Pick<Group, 'organization' | 'id'>,
  asked: PageAsked<PrincipalId> = {},
): Promise<Page<GroupMember, PrincipalId>> {
  const rows = await db
    .selectFrom('group_member as held')
    .innerJoin('principal', (join) =>
      join
        .onRef('principal.organization_id', '=', 'held.organization_id')
        .onRef('principal.id', '=', 'held.principal_id'),
    )
    .leftJoin('service_account as account', (join) =>
      join
        .onRef('account.organization_id', '=', 'held.organization_id')
        .onRef('account.id', '=', 'held.principal_id'),
    )
    .leftJoin('member', (join) =>
      join
        .onRef('member.organization_id', '=', 'held.organization_id')
        .onRef('member.id', '=', 'held.principal_id'),
    )
    .leftJoin('person', 'person.id', 'member.person_id')
    .select(['principal.id', 'principal.kind', 'account.name', 'person.name as person_name'])
    .where('held.organization_id', '=', organization)
    .where('held.group_id', '=', id)
    .where('held.principal_id', '>', after(asked))
    .orderBy('held.principal_id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(
    rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      name: row.name ?? row.person_name ?? undefined,
    })),
    asked,
  )
}

export async function countGroupMembers(tx: Tx, { organization, id }: Group): Promise<number> {
  const { count } = await tx
    .selectFrom('group_member')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('organization_id', '=', organization)
    .where('group_id', '=', id)
    .executeTakeFirstOrThrow()
  return count
}

export async function addGroup(tx: Tx, added: Group): Promise<void> {
  await tx
    .insertInto('principal_group')
    .values({
      organization_id: added.organization,
      id: added.id,
      name: added.name,
      description: added.description,
      ...createdRow(added),
    })
    .execute()
}

/** Writes its name and description; returns its new version. */
export async function changeGroup(tx: Tx, changed: Group): Promise<Version> {
  const { version } = await tx
    .updateTable('principal_group')
    .set({ name: changed.name, description: changed.description, version: raised })
    .where('organization_id', '=', changed.organization)
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

export async function addGroupMember(
  tx: Tx,
  { organization, id }: Group,
  principal: PrincipalId,
): Promise<void> {
  await tx
    .insertInto('group_member')
    .values({ organization_id: organization, group_id: id, principal_id: principal })
    .execute()
}

export async function removeGroupMember(
  tx: Tx,
  { organization, id }: Group,
  principal: PrincipalId,
): Promise<void> {
  await tx
    .deleteFrom('group_member')
    .where('organization_id', '=', organization)
    .where('group_id', '=', id)
    .where('principal_id', '=', principal)
    .execute()
}

/** Removes the group, and with it its memberships and bindings. */
export async function removeGroup(tx: Tx, { organization, id }: Group): Promise<void> {
  await tx
    .deleteFrom('principal_group')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function groups(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('principal_group')
    .where('organization_id', '=', organization)
    .select(['organization_id', 'id', 'name', 'description', 'version', ...createdColumns])
}

function groupsOf(db: Kysely<Tables>, organization: OrganizationId, principal: PrincipalId) {
  return groups(db, organization).where('id', 'in', (eb) =>
    eb
      .selectFrom('group_member')
      .select('group_id')
      .where('organization_id', '=', organization)
      .where('principal_id', '=', principal),
  )
}

type Row = Awaited<ReturnType<ReturnType<typeof groups>['executeTakeFirstOrThrow']>>

function group(row: Row): Group {
  return {
    organization: row.organization_id,
    id: row.id,
    name: row.name,
    description: row.description,
    version: row.version,
    ...readCreated(row),
  }
}

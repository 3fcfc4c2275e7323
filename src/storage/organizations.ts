import type { Kysely } from 'kysely'
import type { OrganizationId, PersonId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Version } from '../domain/version.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { disabledAt, raised } from './raised.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findOrganization(
  db: Kysely<Tables>,
  id: OrganizationId,
): Promise<Organization | undefined> {
  const row = await organizations(db).where('id', '=', id).executeTakeFirst()
  return row && organization(row)
}

export type OrganizationsAsked = PageAsked<OrganizationId> & {
  readonly id?: OrganizationId | undefined
  readonly name?: Name | undefined
  /** Those that this person is a member of. */
  readonly person?: PersonId | undefined
}

export async function listOrganizations(
  db: Kysely<Tables>,
  asked: OrganizationsAsked = {},
): Promise<Page<Organization, OrganizationId>> {
  const rows = await filtered(organizations(db), asked)
    .where('id', '>', after(asked))
    .orderBy('id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(organization), asked)
}

/** At a time; the next time there are others. */
const incompleteMax = 1000

/** Those without the management API: a program from before it made them. */
export async function listIncomplete(db: Kysely<Tables>): Promise<readonly OrganizationId[]> {
  const rows = await incomplete(db).orderBy('organization.id').limit(incompleteMax).execute()
  return rows.map(({ id }) => id)
}

export async function isIncomplete(tx: Tx, id: OrganizationId): Promise<boolean> {
  const row = await incomplete(tx).where('organization.id', '=', id).executeTakeFirst()
  return row !== undefined
}

function incomplete(db: Kysely<Tables>) {
  return db
    .selectFrom('organization')
    .select('organization.id')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('api')
            .select('api.id')
            .whereRef('api.organization_id', '=', 'organization.id')
            .where('api.built_in', '=', true),
        ),
      ),
    )
}

/** Whether the server has this organization and no other. */
export async function isOnlyOrganization(tx: Tx, id: OrganizationId): Promise<boolean> {
  const other = await tx
    .selectFrom('organization')
    .select('id')
    .where('id', '<>', id)
    .limit(1)
    .executeTakeFirst()
  return other === undefined
}

export async function addOrganization(tx: Tx, added: Organization): Promise<void> {
  await tx
    .insertInto('organization')
    .values({
      id: added.id,
      name: added.name,
      default_audience: added.defaultAudience ?? null,
      disabled_at: null,
      ...createdRow(added),
    })
    .execute()
}

/** Writes its name, default audience and whether it is enabled; returns its new version. */
export async function changeOrganization(
  tx: Tx,
  changed: Organization,
  at: NumericDate,
): Promise<Version> {
  const { version } = await tx
    .updateTable('organization')
    .set({
      name: changed.name,
      default_audience: changed.defaultAudience ?? null,
      disabled_at: disabledAt(changed.enabled, at),
      version: raised,
    })
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

function organizations(db: Kysely<Tables>) {
  return db
    .selectFrom('organization')
    .select(['id', 'name', 'default_audience', 'disabled_at', 'version', ...createdColumns])
}

function filtered(query: Organizations, { id, name, person }: OrganizationsAsked): Organizations {
  let result = query
  if (id !== undefined) result = result.where('id', '=', id)
  if (name !== undefined) result = result.where('name', '=', name)
  if (person === undefined) return result
  return result.where('id', 'in', (eb) =>
    eb.selectFrom('member').select('member.organization_id').where('member.person_id', '=', person),
  )
}

type Organizations = ReturnType<typeof organizations>
type Row = Awaited<ReturnType<Organizations['executeTakeFirstOrThrow']>>

function organization(row: Row): Organization {
  return {
    id: row.id,
    name: row.name,
    enabled: row.disabled_at === null,
    defaultAudience: row.default_audience ?? undefined,
    version: row.version,
    ...readCreated(row),
  }
}

import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Api, ApiPermission, Audience } from '../domain/api.ts'
import type { ApiId, OrganizationId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { Version } from '../domain/version.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { raised } from './raised.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findApi(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: ApiId,
): Promise<Api | undefined> {
  const row = await apis(db, organization).where('api.id', '=', id).executeTakeFirst()
  return row && api(row)
}

export async function findApiByName(
  db: Kysely<Tables>,
  organization: OrganizationId,
  name: Name,
): Promise<Api | undefined> {
  const row = await apis(db, organization).where('api.name', '=', name).executeTakeFirst()
  return row && api(row)
}

export async function findApiByAudience(
  db: Kysely<Tables>,
  organization: OrganizationId,
  audience: Audience,
): Promise<Api | undefined> {
  const row = await apis(db, organization).where('api.audience', '=', audience).executeTakeFirst()
  return row && api(row)
}

export type ApisAsked = PageAsked<ApiId> & {
  readonly name?: Name | undefined
  readonly audience?: Audience | undefined
}

export async function listApis(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: ApisAsked = {},
): Promise<Page<Api, ApiId>> {
  let query = apis(db, organization)
  if (asked.name !== undefined) query = query.where('api.name', '=', asked.name)
  if (asked.audience !== undefined) query = query.where('api.audience', '=', asked.audience)
  const rows = await query
    .where('api.id', '>', after(asked))
    .orderBy('api.id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(api), asked)
}

/** Whether any organization of the server has registered this audience. */
export async function isAudienceTaken(tx: Tx, audience: Audience): Promise<boolean> {
  const row = await tx
    .selectFrom('api')
    .select('id')
    .where('audience', '=', audience)
    .executeTakeFirst()
  return row !== undefined
}

export async function addApi(tx: Tx, added: Api): Promise<void> {
  await tx
    .insertInto('api')
    .values({
      organization_id: added.organization,
      id: added.id,
      audience: added.audience,
      name: added.name,
      token_lifetime_seconds: added.tokenLifetime,
      signing_alg: added.signingAlg,
      signing_alg_before: added.signingAlgBefore ?? null,
      built_in: added.builtIn,
      application_keys: added.applicationKeys,
      ...createdRow(added),
    })
    .execute()
  await writeApiPermissions(tx, added, added.permissions)
}

/** Writes its name, token lifetime, signing algorithm and whether it takes application keys; returns its new version. */
export async function changeApi(tx: Tx, changed: Api): Promise<Version> {
  const { version } = await tx
    .updateTable('api')
    .set({
      name: changed.name,
      token_lifetime_seconds: changed.tokenLifetime,
      signing_alg: changed.signingAlg,
      signing_alg_before: changed.signingAlgBefore ?? null,
      application_keys: changed.applicationKeys,
      version: raised,
    })
    .where('organization_id', '=', changed.organization)
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

/** Adds permissions; one that is there already gets the new description. */
export async function writeApiPermissions(
  tx: Tx,
  { organization, id }: Api,
  added: readonly ApiPermission[],
): Promise<void> {
  if (added.length === 0) return
  await tx
    .insertInto('api_permission')
    .values(added.map((one) => ({ organization_id: organization, api_id: id, ...one })))
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'api_id', 'permission'])
        .doUpdateSet((eb) => ({ description: eb.ref('excluded.description') })),
    )
    .execute()
}

export async function removeApiPermissions(
  tx: Tx,
  { organization, id }: Api,
  removed: readonly Permission[],
): Promise<void> {
  if (removed.length === 0) return
  await tx
    .deleteFrom('api_permission')
    .where('organization_id', '=', organization)
    .where('api_id', '=', id)
    .where('permission', 'in', removed)
    .execute()
}

/** Removes the API and its permissions. */
export async function removeApi(tx: Tx, { organization, id }: Api): Promise<void> {
  await tx
    .deleteFrom('api')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function apis(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('api')
    .where('api.organization_id', '=', organization)
    .select((eb) => [
      'api.organization_id',
      'api.id',
      'api.audience',
      'api.name',
      'api.token_lifetime_seconds',
      'api.signing_alg',
      'api.signing_alg_before',
      'api.built_in',
      'api.application_keys',
      'api.version',
      'api.created_at',
      'api.created_by_id',
      'api.created_by_name',
      jsonArrayFrom(
        eb
          .selectFrom('api_permission as held')
          .whereRef('held.organization_id', '=', 'api.organization_id')
          .whereRef('held.api_id', '=', 'api.id')
          .select(['held.permission', 'held.description']),
      ).as('permissions'),
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof apis>['executeTakeFirstOrThrow']>>

function api(row: Row): Api {
  return {
    organization: row.organization_id,
    id: row.id,
    audience: row.audience,
    name: row.name,
    builtIn: row.built_in,
    applicationKeys: row.application_keys,
    tokenLifetime: row.token_lifetime_seconds,
    signingAlg: row.signing_alg,
    signingAlgBefore: row.signing_alg_before ?? undefined,
    permissions: inOrder(row.permissions),
    version: row.version,
    ...readCreated(row),
  }
}

/** Permissions in their order, whatever language the database sorts by. */
export function inOrder(permissions: readonly ApiPermission[]): readonly ApiPermission[] {
  return permissions.toSorted((a, b) => (a.permission < b.permission ? -1 : 1))
}

import type { Kysely } from 'kysely'
import type { OrganizationId, PrincipalId, ServiceAccountId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { ServiceAccount } from '../domain/service-account.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Version } from '../domain/version.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { disabledAt, raised } from './raised.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

export async function findServiceAccount(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: ServiceAccountId,
): Promise<ServiceAccount | undefined> {
  const row = await serviceAccounts(db, organization).where('id', '=', id).executeTakeFirst()
  return row && serviceAccount(row)
}

export async function findServiceAccountByName(
  db: Kysely<Tables>,
  organization: OrganizationId,
  name: Name,
): Promise<ServiceAccount | undefined> {
  const row = await serviceAccounts(db, organization).where('name', '=', name).executeTakeFirst()
  return row && serviceAccount(row)
}

export type ServiceAccountsAsked = PageAsked<ServiceAccountId> & {
  readonly name?: Name | undefined
  readonly enabled?: boolean | undefined
}

export async function listServiceAccounts(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: ServiceAccountsAsked = {},
): Promise<Page<ServiceAccount, ServiceAccountId>> {
  const rows = await filtered(serviceAccounts(db, organization), asked)
    .where('id', '>', after(asked))
    .orderBy('id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(serviceAccount), asked)
}

export async function isPrincipal(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: PrincipalId,
): Promise<boolean> {
  const row = await db
    .selectFrom('principal')
    .select('id')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether a principal is a service account: what members have of their own is not for others to make. */
export async function isServiceAccount(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: PrincipalId,
): Promise<boolean> {
  const row = await db
    .selectFrom('principal')
    .select('id')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .where('kind', '=', 'service_account')
    .executeTakeFirst()
  return row !== undefined
}

export async function addServiceAccount(tx: Tx, added: ServiceAccount): Promise<void> {
  const { organization, id } = added
  await tx
    .insertInto('principal')
    .values({ organization_id: organization, id, kind: 'service_account' })
    .execute()
  await tx
    .insertInto('service_account')
    .values({
      organization_id: organization,
      id,
      name: added.name,
      description: added.description,
      token_lifetime_seconds: added.tokenLifetime ?? null,
      disabled_at: added.enabled ? null : timestamp(added.createdAt),
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
}

/** Writes all that can change of it; returns its new version. */
export async function changeServiceAccount(
  tx: Tx,
  changed: ServiceAccount,
  at: NumericDate,
): Promise<Version> {
  const { version } = await tx
    .updateTable('service_account')
    .set({
      name: changed.name,
      description: changed.description,
      token_lifetime_seconds: changed.tokenLifetime ?? null,
      disabled_at: disabledAt(changed.enabled, at),
      expires_at: timestamp(changed.expiresAt),
      version: raised,
    })
    .where('organization_id', '=', changed.organization)
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

/** Removes the principal, and with it its credentials, memberships and bindings. */
export async function removeServiceAccount(
  tx: Tx,
  { organization, id }: ServiceAccount,
): Promise<void> {
  await tx
    .deleteFrom('principal')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function serviceAccounts(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('service_account')
    .where('organization_id', '=', organization)
    .select([
      'organization_id',
      'id',
      'name',
      'description',
      'token_lifetime_seconds',
      'disabled_at',
      'expires_at',
      'version',
      ...createdColumns,
    ])
}

function filtered(query: Accounts, { name, enabled }: ServiceAccountsAsked): Accounts {
  let result = query
  if (name !== undefined) result = result.where('name', '=', name)
  if (enabled === undefined) return result
  return result.where('disabled_at', enabled ? 'is' : 'is not', null)
}

type Accounts = ReturnType<typeof serviceAccounts>
type Row = Awaited<ReturnType<Accounts['executeTakeFirstOrThrow']>>

function serviceAccount(row: Row): ServiceAccount {
  return {
    organization: row.organization_id,
    id: row.id,
    name: row.name,
    description: row.description,
    enabled: row.disabled_at === null,
    expiresAt: row.expires_at ?? undefined,
    tokenLifetime: row.token_lifetime_seconds ?? undefined,
    version: row.version,
    ...readCreated(row),
  }
}

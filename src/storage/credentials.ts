import type { Kysely } from 'kysely'
import type { CredentialRecord, Phc } from '../domain/credential.ts'
import type { CredentialId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { SecretHandle } from '../domain/secret.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Version } from '../domain/version.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import { disabledAt, raised } from './raised.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

export async function findCredential(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: CredentialId,
): Promise<CredentialRecord | undefined> {
  const row = await credentials(db, organization).where('id', '=', id).executeTakeFirst()
  return row && credential(row)
}

/** All credentials of a principal: `credentialsMax` keeps them few. */
export async function listCredentials(
  db: Kysely<Tables>,
  organization: OrganizationId,
  principal: PrincipalId,
): Promise<readonly CredentialRecord[]> {
  const rows = await credentials(db, organization)
    .where('principal_id', '=', principal)
    .orderBy('id')
    .execute()
  return rows.map(credential)
}

/** Whether any credential of the server is found by this handle. */
export async function isHandleTaken(tx: Tx, handle: SecretHandle): Promise<boolean> {
  const row = await tx
    .selectFrom('credential')
    .select('id')
    .where('handle', '=', handle)
    .executeTakeFirst()
  return row !== undefined
}

export async function addClientSecret(
  tx: Tx,
  added: CredentialRecord & { readonly kind: 'client_secret' },
  hash: Phc,
): Promise<void> {
  await tx
    .insertInto('credential')
    .values({
      organization_id: added.organization,
      id: added.id,
      principal_id: added.principal,
      kind: added.kind,
      name: added.name,
      handle: added.handle ?? null,
      hash,
      disabled_at: null,
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
}

/** Writes its name, its end and whether it is enabled; returns its new version. */
export async function changeCredential(
  tx: Tx,
  changed: CredentialRecord,
  at: NumericDate,
): Promise<Version> {
  const { version } = await tx
    .updateTable('credential')
    .set({
      name: changed.name,
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

export async function removeCredential(
  tx: Tx,
  { organization, id }: CredentialRecord,
): Promise<void> {
  await tx
    .deleteFrom('credential')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

/** Without the hash: what people see never holds the proof. */
function credentials(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('credential')
    .where('organization_id', '=', organization)
    .select([
      'organization_id',
      'id',
      'principal_id',
      'kind',
      'name',
      'handle',
      'disabled_at',
      'expires_at',
      'version',
      ...createdColumns,
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof credentials>['executeTakeFirstOrThrow']>>

function credential(row: Row): CredentialRecord {
  return {
    organization: row.organization_id,
    id: row.id,
    principal: row.principal_id,
    kind: row.kind === 'client_secret' ? row.kind : 'unknown',
    name: row.name,
    handle: row.handle ?? undefined,
    enabled: row.disabled_at === null,
    expiresAt: row.expires_at ?? undefined,
    version: row.version,
    ...readCreated(row),
  }
}

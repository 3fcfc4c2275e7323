import type { Kysely } from 'kysely'
import type { ApplicationKey } from '../domain/application-key.ts'
import type { Client } from '../domain/client.ts'
import type { Phc } from '../domain/credential.ts'
import type { ApplicationKeyId, GroupId, MemberId, OrganizationId } from '../domain/id.ts'
import type { SecretHandle } from '../domain/secret.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Version } from '../domain/version.ts'
import { compiledFind } from './compiled.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { BindingRow } from './held-bindings.ts'
import { bindingsOf, groupsOf, heldBinding } from './held-bindings.ts'
import { disabledAt, raised } from './raised.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

export async function findApplicationKey(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: ApplicationKeyId,
): Promise<ApplicationKey | undefined> {
  const row = await keys(db, organization).where('id', '=', id).executeTakeFirst()
  return row && applicationKey(row)
}

/** All keys of a member, the oldest first: `applicationKeysMax` keeps them few. */
export async function listApplicationKeys(
  db: Kysely<Tables>,
  organization: OrganizationId,
  member: MemberId,
): Promise<readonly ApplicationKey[]> {
  const rows = await keys(db, organization).where('member_id', '=', member).orderBy('id').execute()
  return rows.map(applicationKey)
}

export async function addApplicationKey(tx: Tx, added: ApplicationKey, hash: Phc): Promise<void> {
  await tx
    .insertInto('application_key')
    .values({
      organization_id: added.organization,
      id: added.id,
      member_id: added.member,
      description: added.description,
      handle: added.handle,
      hash,
      disabled_at: null,
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
}

/** Writes its description, its end and whether it is enabled; returns its new version. */
export async function changeApplicationKey(
  tx: Tx,
  changed: ApplicationKey,
  at: NumericDate,
): Promise<Version> {
  const { version } = await tx
    .updateTable('application_key')
    .set({
      description: changed.description,
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

export async function removeApplicationKey(
  tx: Tx,
  { organization, id }: ApplicationKey,
): Promise<void> {
  await tx
    .deleteFrom('application_key')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

/** A key as the token plane knows it: a client with one secret, which holds what its member holds. */
export async function findKeyClient(
  db: Kysely<Tables>,
  id: ApplicationKeyId,
): Promise<Client | undefined> {
  const row = await clientRow(db, id)
  return row && clientOf(id, row)
}

const clientRow = compiledFind((db, id: ApplicationKeyId) =>
  db
    .selectFrom('application_key as held')
    .where('held.id', '=', id)
    .select([
      'held.organization_id',
      'held.member_id',
      'held.handle',
      'held.hash',
      'held.disabled_at',
      'held.expires_at',
      groupsOf({ organization: 'held.organization_id', id: 'held.member_id' }).as('groups'),
      bindingsOf('principal', { organization: 'held.organization_id', id: 'held.member_id' }).as(
        'bindings',
      ),
    ]),
)

type ClientRow = {
  readonly organization_id: OrganizationId
  readonly member_id: MemberId
  readonly handle: SecretHandle
  readonly hash: Phc
  readonly disabled_at: NumericDate | null
  readonly expires_at: NumericDate | null
  readonly groups: readonly { readonly id: GroupId }[]
  readonly bindings: readonly BindingRow[]
}

function clientOf(id: ApplicationKeyId, row: ClientRow): Client {
  return {
    id,
    organization: row.organization_id,
    principal: row.member_id,
    principalType: 'member',
    enabled: true,
    expiresAt: undefined,
    tokenLifetime: undefined,
    credentials: [
      {
        id,
        kind: 'client_secret',
        handle: row.handle,
        hash: row.hash,
        enabled: row.disabled_at === null,
        expiresAt: row.expires_at ?? undefined,
      },
    ],
    groups: row.groups.map((group) => group.id),
    bindings: row.bindings.map(heldBinding),
  }
}

/** Without the hash: what people see never holds the proof. */
function keys(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('application_key')
    .where('organization_id', '=', organization)
    .select([
      'organization_id',
      'id',
      'member_id',
      'description',
      'handle',
      'disabled_at',
      'expires_at',
      'version',
      ...createdColumns,
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof keys>['executeTakeFirstOrThrow']>>

function applicationKey(row: Row): ApplicationKey {
  return {
    organization: row.organization_id,
    id: row.id,
    member: row.member_id,
    description: row.description,
    handle: row.handle,
    enabled: row.disabled_at === null,
    expiresAt: row.expires_at ?? undefined,
    version: row.version,
    ...readCreated(row),
  }
}

import type { Kysely } from 'kysely'
import type { Audience } from '../domain/api.ts'
import type { AudienceApproval } from '../domain/audience-approval.ts'
import type { AudienceApprovalId, OrganizationId } from '../domain/id.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findAudienceApproval(
  db: Kysely<Tables>,
  id: AudienceApprovalId,
): Promise<AudienceApproval | undefined> {
  const row = await approvals(db).where('id', '=', id).executeTakeFirst()
  return row && approval(row)
}

export async function findAudienceApprovalOf(
  db: Kysely<Tables>,
  organization: OrganizationId,
  audience: Audience,
): Promise<AudienceApproval | undefined> {
  const row = await approvals(db)
    .where('organization_id', '=', organization)
    .where('audience', '=', audience)
    .executeTakeFirst()
  return row && approval(row)
}

export async function listAudienceApprovals(
  db: Kysely<Tables>,
  asked: PageAsked<AudienceApprovalId> = {},
): Promise<Page<AudienceApproval, AudienceApprovalId>> {
  const rows = await approvals(db)
    .where('id', '>', after(asked))
    .orderBy('id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(approval), asked)
}

export async function addAudienceApproval(tx: Tx, added: AudienceApproval): Promise<void> {
  await tx
    .insertInto('audience_approval')
    .values({
      organization_id: added.organization,
      id: added.id,
      audience: added.audience,
      ...createdRow(added),
    })
    .execute()
}

export async function removeAudienceApproval(
  tx: Tx,
  { organization, id }: AudienceApproval,
): Promise<void> {
  await tx
    .deleteFrom('audience_approval')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

function approvals(db: Kysely<Tables>) {
  return db
    .selectFrom('audience_approval')
    .select(['organization_id', 'id', 'audience', ...createdColumns])
}

type Row = Awaited<ReturnType<ReturnType<typeof approvals>['executeTakeFirstOrThrow']>>

function approval(row: Row): AudienceApproval {
  return {
    organization: row.organization_id,
    id: row.id,
    audience: row.audience,
    ...readCreated(row),
  }
}

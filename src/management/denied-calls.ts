import type { OrganizationId } from '../domain/id.ts'
import type { KeptDeniedCall } from '../storage/denied-calls.ts'
import * as storage from '../storage/denied-calls.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import { rowsOf } from '../storage/page.ts'
import type { ManagementPorts } from './ports.ts'

export type { KeptDeniedCall } from '../storage/denied-calls.ts'

/**
 * Denied calls by members and accounts of an organization, or without one by persons as such, the
 * newest first. What was denied some seconds ago may not have been written down yet.
 */
export async function listDeniedCalls(
  { db }: Pick<ManagementPorts, 'db'>,
  organization: OrganizationId | undefined,
  { start = Number.MAX_SAFE_INTEGER, limit }: PageAsked<number> = {},
): Promise<Page<KeptDeniedCall, number>> {
  const rowsMax = rowsOf({ limit })
  const rows = await storage.listDeniedCalls(db, organization, { before: start, rowsMax })
  const items = rows.slice(0, rowsMax - 1)
  return { items, next: rows.length === rowsMax ? items.at(-1)?.id : undefined }
}

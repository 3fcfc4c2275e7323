import { hexText } from '../domain/audit-verification.ts'
import type { EntryFilter, WrittenEntry } from '../storage/audit-trail.ts'
import {
  entryRowsMax,
  listAuditEntries as listEntries,
  listOrganizationChains,
  readEnds,
} from '../storage/audit-trail.ts'
import type { Database } from '../storage/database.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import { rowsOf } from '../storage/page.ts'
import type { Concern } from '../storage/tx.ts'
import type { ManagementPorts } from './ports.ts'

export type { EntryFilter, WrittenEntry } from '../storage/audit-trail.ts'
export type { Concern } from '../storage/tx.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** A page of a chain's entries that fit a filter, the oldest first; the cursor is a sequence number. */
export async function listAuditEntries(
  { db }: Needs,
  chain: Concern,
  asked: EntryFilter & PageAsked<number> = {},
): Promise<Page<WrittenEntry, number>> {
  const { start = 0, limit, ...filter } = asked
  const rowsMax = rowsOf({ limit })
  const rows = await listEntries(db.management, chain, filter, { after: start, rowsMax })
  const items = rows.slice(0, rowsMax - 1)
  return { items, next: rows.length === rowsMax ? items.at(-1)?.sequence : undefined }
}

/**
 * All of them up to where the chain ends now, so that it comes to an end however much is written
 * meanwhile. A page is read when the one before was taken, and no connection is held in between.
 */
export async function* exportAuditEntries(
  { db: { management: db } }: Needs,
  chain: Concern,
  filter: EntryFilter,
  rowsMax = entryRowsMax,
): AsyncGenerator<readonly WrittenEntry[]> {
  const { lastRow: upTo = 0 } = (await readEnds(db, chain)) ?? {}
  let after = 0
  for (;;) {
    const page = await listEntries(db, chain, filter, { after, upTo, rowsMax })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = last.sequence
  }
}

/** Every chain: the server's, and those of all organizations. */
export async function* allChains(db: Database['management']): AsyncGenerator<Concern> {
  yield 'server'
  let page = await listOrganizationChains(db, '')
  while (page.length > 0) {
    yield* page
    page = await listOrganizationChains(db, page.at(-1) ?? '')
  }
}

/** An entry as a line of JSON: its bytes as they were hashed, and its hash. */
export function entryLine({ entry, hash }: WrittenEntry): string {
  return `{"entry":${new TextDecoder().decode(entry)},"hash":"${hexText(hash)}"}`
}

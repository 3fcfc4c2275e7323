import { sql } from 'kysely'
import type { Change, LoggedChange } from '../domain/change.ts'
import { parseChangeKind } from '../domain/change.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { Milliseconds, NumericDate, Seconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import type { Database } from './database.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** The last row of the log that a reader has seen. */
export type LogPosition = { readonly position: number; readonly id: string | undefined }

export type LogRow = LoggedChange & { readonly position: number; readonly id: string }

/** The log, from a position on, as one statement saw it. */
export type LogPage = {
  /** Names the log itself; another one follows a restored backup. */
  readonly epoch: string
  /** WAL timeline of the server: it grows when a standby takes over. */
  readonly timeline: number
  /** The position of the last change committed, and the id of its row. */
  readonly head: number
  readonly headId: string | undefined
  /** Beginning with the row at the position asked for, if it is still there. */
  readonly rows: readonly LogRow[]
  readonly databaseTime: Milliseconds
}

/** Rows in one page: enough for a busy second, little enough for one turn of the event loop. */
export const pageRowsMax = 1000

/**
 * Takes the next positions and writes all changes in one statement. Must be the last one before
 * COMMIT: from here on the counter's row is locked, and every other writer waits for it.
 */
export async function addChanges(
  tx: Tx,
  changes: readonly Change[],
  at: NumericDate,
): Promise<void> {
  await sql`
    with counter as (
      update change_counter set position = position + ${changes.length} returning position
    )
    insert into change (position, id, kind, organization_id, subject, at)
    select counter.position - ${changes.length} + added.ordinality, gen_random_uuid(),
      added.kind, added.organization_id, added.subject, ${timestamp(at)}
    from counter, unnest(
      ${changes.map(({ kind }) => kind)}::text[],
      ${changes.map(({ organization }) => organization ?? null)}::text[],
      ${changes.map(({ subject }) => subject)}::text[]
    ) with ordinality as added (kind, organization_id, subject, ordinality)
  `.execute(tx)
}

type PageRow = {
  epoch: string
  head: number
  head_id: string | null
  timeline: number | null
  database_time: number
  position: number | null
  id: string
  kind: string
  organization_id: OrganizationId | null
  subject: string
}

/**
 * Reads the log from a known row on (that row included, so that the reader sees that the log is
 * still the one it knew); without one, only where the log ends. `undefined` if the server is a
 * standby: what it says may be old.
 */
export async function readChanges(
  db: Database,
  from: number | undefined,
): Promise<LogPage | undefined> {
  const rows = await pageRows(db, from)
  const first = rows[0]
  if (first === undefined)
    throw new Error('the change counter is missing: the database is not set up')
  const { epoch, timeline } = first
  if (timeline === null) return undefined
  db.servers.saw({ epoch, timeline })
  return {
    epoch,
    timeline,
    head: first.head,
    headId: first.head_id ?? undefined,
    rows: rows.filter(hasPosition).map(loggedChange),
    databaseTime: milliseconds(first.database_time),
  }
}

/** What the database's clock shows. */
export async function readDatabaseTime(db: Database): Promise<Milliseconds> {
  const { rows } = await sql<{ time: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as time
  `.execute(db.management)
  return milliseconds(rows[0]?.time ?? 0)
}

async function pageRows(db: Database, from: number | undefined): Promise<readonly PageRow[]> {
  try {
    const { rows } = await sql<PageRow>`
      select counter.epoch, counter.position as head,
        (select id from change where position = counter.position) as head_id,
        ${sql.raw(db.servers.timelineSql())} as timeline,
        (extract(epoch from clock_timestamp()) * 1000)::bigint as database_time,
        change.position, change.id, change.kind, change.organization_id, change.subject
      from change_counter as counter
      left join change on change.position >= ${from ?? null}
      order by change.position
      limit ${pageRowsMax}
    `.execute(db.tail)
    return rows
  } catch (error) {
    if (db.servers.askLess(error)) return pageRows(db, from)
    throw error
  }
}

function hasPosition(row: PageRow): row is PageRow & { position: number } {
  return row.position !== null
}

function loggedChange(row: PageRow & { position: number }): LogRow {
  return {
    position: row.position,
    id: row.id,
    kind: parseChangeKind(row.kind),
    organization: row.organization_id ?? undefined,
    subject: row.subject,
  }
}

/** The last change of all, unless there was none. */
export async function findLastChange(
  db: Database,
): Promise<{ readonly at: NumericDate } | undefined> {
  return db.management
    .selectFrom('change')
    .select('at')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Names the log anew: for readers it is another one, though its positions go on. */
export async function setNewEpoch(
  tx: Tx,
): Promise<{ readonly epoch: string; readonly before: string }> {
  const { rows } = await sql<{ epoch: string; before: string }>`
    update change_counter as counter set epoch = gen_random_uuid()
    from (select epoch from change_counter for update) as old
    returning counter.epoch, old.epoch as before
  `.execute(tx)
  const [epochs] = rows
  if (epochs === undefined) throw new Error('the change counter is missing')
  return epochs
}

/**
 * Removes the first rows of the log, up to one that is not older than this, but never the last one,
 * which every tail re-reads. Returns how many; 0 when there are no more. Looks at one page of rows,
 * however long the log is.
 */
export async function forgetChanges(
  db: Database,
  olderThan: { readonly now: NumericDate; readonly age: Seconds },
): Promise<number> {
  const { now, age } = olderThan
  const { numAffectedRows } = await sql`
    with oldest as materialized (
      select position, at < to_timestamp(${now - age}) as is_old from change
      where position < (select position from change_counter)
      order by position limit ${pageRowsMax}
    )
    delete from change where position in (
      select position from oldest
      where (position < (select min(position) from oldest where not is_old)) is not false
    )
  `.execute(db.management)
  return Number(numAffectedRows ?? 0)
}

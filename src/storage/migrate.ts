import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { Unavailable } from '../domain/fault.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { Database } from './database.ts'
import type { Migration } from './migrations.ts'
import { migrationTable, serverRows } from './migrations.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'

/** The program as migrations see it. */
export type Program = { readonly version: string; readonly migrations: readonly Migration[] }

export type Applied = { readonly name: string; readonly at: NumericDate }

export type SchemaState = {
  readonly applied: readonly Applied[]
  readonly pending: readonly Migration[]
  /** Applied by a newer program, which says that this one still works. */
  readonly ahead: readonly string[]
}

export type SchemaRefusal =
  | { readonly reason: 'migration_altered'; readonly name: string }
  | {
      readonly reason: 'schema_too_new'
      readonly name: string
      readonly leastProgram: string
      readonly program: string
    }
  | { readonly reason: 'postgres_too_old'; readonly version: string }

type Session = Kysely<Tables>

const lockKey = 7_263_445_120 // any number, as long as every version of the program has the same
const leastServerNumber = 150_000
const lockTriesMax = 300
const lockPauseMilliseconds = 200
const tableTriesMax = 20

/** Compares the database with the program, and changes nothing. */
export async function schemaState(
  db: Database,
  program: Program,
): Promise<Result<SchemaState, SchemaRefusal>> {
  return compare(db.schema, program)
}

/**
 * Applies what is pending, one migration after the other, and sets up the server's own rows. Of
 * several processes that start at once one does it and the others wait. Returns the names applied.
 *
 * Refuses a server older than PostgreSQL 15, an applied file that was altered since (by name), and a
 * database that says that it needs a newer program. Throws `Unavailable` if the lock cannot be had within a minute.
 */
export async function migrate(
  db: Database,
  program: Program,
  now: NumericDate,
): Promise<Result<readonly string[], SchemaRefusal>> {
  return db.schema.connection().execute(async (session) => {
    const tooOld = await whyTooOld(session)
    if (tooOld !== undefined) return refuse(tooOld)
    await lock(session)
    try {
      const state = await compare(session, program)
      if (!state.ok) return state
      // Whoever may not create a table can still start on a schema that is up to date.
      if (state.value.pending.length > 0) await sql.raw(migrationTable).execute(session)
      for (const migration of state.value.pending) await apply(session, migration, now)
      for (const row of serverRows(`'${timestamp(now)}'`)) await sql.raw(row).execute(session)
      return accept(state.value.pending.map(({ name }) => name))
    } finally {
      // If the connection is lost the lock is gone too, and what went wrong before is what counts.
      await sql`select pg_advisory_unlock(${lockKey})`.execute(session).catch(() => undefined)
    }
  })
}

async function whyTooOld(session: Session): Promise<SchemaRefusal | undefined> {
  const { rows } = await sql<{ number: number; version: string }>`
    select current_setting('server_version_num')::integer as number,
      current_setting('server_version') as version
  `.execute(session)
  const [server] = rows
  if (server === undefined || server.number >= leastServerNumber) return undefined
  return { reason: 'postgres_too_old', version: server.version }
}

async function compare(
  session: Session,
  { version, migrations }: Program,
): Promise<Result<SchemaState, SchemaRefusal>> {
  const rows = await appliedRows(session)
  for (const { name, checksum, least_program: leastProgram } of rows) {
    const known = migrations.find((migration) => migration.name === name)
    if (known === undefined && isOlder(version, leastProgram)) {
      return refuse({ reason: 'schema_too_new', name, leastProgram, program: version })
    }
    if (known !== undefined && known.checksum !== checksum) {
      return refuse({ reason: 'migration_altered', name })
    }
  }
  const names = new Set(rows.map(({ name }) => name))
  return accept({
    applied: rows.map(({ name, applied_at: at }) => ({ name, at })),
    pending: migrations.filter(({ name }) => !names.has(name)),
    ahead: rows
      .map(({ name }) => name)
      .filter((name) => !migrations.some((migration) => migration.name === name)),
  })
}

async function appliedRows(session: Session) {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass('schema_migration') is not null as there
  `.execute(session)
  if (rows[0]?.there !== true) return []
  return session
    .selectFrom('schema_migration')
    .select(['name', 'checksum', 'least_program', 'applied_at'])
    .orderBy('name')
    .execute()
}

/** Asks again and again instead of waiting in line: a queue for the lock would hold up readers. */
async function lock(session: Session): Promise<void> {
  for (let attempt = 0; attempt < lockTriesMax; attempt += 1) {
    const { rows } = await sql<{ had: boolean }>`
      select pg_try_advisory_lock(${lockKey}) as had
    `.execute(session)
    if (rows[0]?.had === true) return
    await pause(lockPauseMilliseconds)
  }
  throw new Unavailable('another process has been migrating for a minute', seconds(10))
}

/**
 * Gives up after 2 s if a table is in use and tries again, so that readers, who would queue behind
 * the waiting change, get through in between.
 */
async function apply(session: Session, migration: Migration, now: NumericDate): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await (migration.alone ? applyAlone : applyWhole)(session, migration, now)
      return
    } catch (error) {
      if (!(error instanceof Unavailable) || migration.alone || attempt === tableTriesMax) {
        throw new Error(`migration ${migration.name} failed`, { cause: error })
      }
    }
  }
}

async function applyWhole(session: Session, migration: Migration, now: NumericDate): Promise<void> {
  await session.transaction().execute(async (transaction) => {
    await sql`select set_config('lock_timeout', '2s', true)`.execute(transaction)
    await sql.raw(migration.text).execute(transaction)
    await remember(transaction, migration, now)
  })
}

async function applyAlone(session: Session, migration: Migration, now: NumericDate): Promise<void> {
  await sql.raw(migration.text).execute(session)
  await remember(session, migration, now)
}

async function remember(session: Session, migration: Migration, now: NumericDate): Promise<void> {
  const { name, checksum, leastProgram } = migration
  await session
    .insertInto('schema_migration')
    .values({ name, checksum, least_program: leastProgram, applied_at: timestamp(now) })
    .execute()
}

function isOlder(version: string, than: string): boolean {
  const [mine, least] = [numbersOf(version), numbersOf(than)]
  const differing = mine.findIndex((part, index) => part !== (least[index] ?? 0))
  return differing !== -1 && (mine[differing] ?? 0) < (least[differing] ?? 0)
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10))
}

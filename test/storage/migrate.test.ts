import { sql } from 'kysely'
import { describe, expect, inject, it } from 'vitest'
import { numericDate } from '../../src/domain/time.ts'
import { readProgram } from '../../src/program.ts'
import type { Database } from '../../src/storage/database.ts'
import { openPostgres } from '../../src/storage/database.ts'
import type { Program } from '../../src/storage/migrate.ts'
import { migrate, schemaState } from '../../src/storage/migrate.ts'
import { migrationScript } from '../../src/storage/migration-script.ts'
import { readMigration } from '../../src/storage/migrations.ts'
import {
  createTestDatabase,
  databaseForTest,
  emptyDatabaseForTest,
  onPostgres,
} from '../support/database.ts'

const now = numericDate(1_900_000_000)
const program = await readProgram()
const names = program.migrations.map(({ name }) => name)

function withMigration(text: string, name = '9999_more.sql'): Program {
  const more = readMigration(name, `-- least program: ${program.version}\n${text}`)
  return { ...program, migrations: [...program.migrations, more] }
}

describe('migrate', () => {
  it('applies every file once, in order, and sets the server up', async () => {
    const db = await emptyDatabaseForTest()
    expect(await migrate(db, program, now)).toEqual({ ok: true, value: names })
    expect(await migrate(db, program, now)).toEqual({ ok: true, value: [] })
    expect(await schemaState(db, program)).toEqual({
      ok: true,
      value: { applied: names.map((name) => ({ name, at: now })), pending: [], ahead: [] },
    })
    const { rows } = await sql`select position from change_counter`.execute(db.management)
    expect(rows).toEqual([{ position: 0 }])
  })

  it('finds files that are numbered one by one, so that no two take the same place', () => {
    const numbers = names.map((name) => Number(name.slice(0, 4)))
    expect(numbers).toEqual(names.map((_, index) => index + 1))
  })

  it('tells what is pending without touching anything', async () => {
    const db = await databaseForTest()
    const newer = withMigration('create table extra (id text)')
    expect(await schemaState(db, newer)).toMatchObject({
      ok: true,
      value: { pending: [{ name: '9999_more.sql' }] },
    })
    expect(await tableNames(db)).not.toContain('extra')
  })

  it('refuses an applied file that was altered, by name', async () => {
    const db = await databaseForTest()
    const [first, ...others] = program.migrations
    if (first === undefined) throw new Error('there are no migrations')
    const altered = {
      ...program,
      migrations: [readMigration(first.name, `${first.text}\n-- once more`), ...others],
    }
    const refused = { ok: false, refusal: { reason: 'migration_altered', name: first.name } }
    expect(await migrate(db, altered, now)).toEqual(refused)
    expect(await schemaState(db, altered)).toEqual(refused)
  })

  it('accepts a database that is ahead if that says the program still works', async () => {
    const db = await databaseForTest()
    await addAhead(db, program.version)
    expect(await migrate(db, program, now)).toEqual({ ok: true, value: [] })
    expect(await schemaState(db, program)).toMatchObject({
      value: { ahead: ['9000_newer.sql'] },
    })
  })

  it('refuses a database that is ahead if it needs a newer program', async () => {
    const db = await databaseForTest()
    await addAhead(db, '99.0.0')
    expect(await migrate(db, program, now)).toEqual({
      ok: false,
      refusal: {
        reason: 'schema_too_new',
        name: '9000_newer.sql',
        leastProgram: '99.0.0',
        program: program.version,
      },
    })
  })

  it('leaves nothing of a migration that fails', async () => {
    const db = await databaseForTest()
    const broken = withMigration('create table extra (id text); select * from nowhere;')
    await expect(migrate(db, broken, now)).rejects.toThrow('migration 9999_more.sql failed')
    expect(await tableNames(db)).not.toContain('extra')
    expect(await migrate(db, program, now)).toEqual({ ok: true, value: [] })
  })

  it('runs a file that must not be in a transaction on its own', async () => {
    const db = await databaseForTest()
    const alone = withMigration('-- no transaction\ncreate index concurrently extra on change (at)')
    expect(await migrate(db, alone, now)).toEqual({ ok: true, value: ['9999_more.sql'] })
  })

  it('demands of every file which program it needs', () => {
    expect(() => readMigration('0001_x.sql', 'create table x (id text)')).toThrow(
      '0001_x.sql does not say which program it needs',
    )
  })

  it.runIf(onPostgres)('is done once when several processes start at the same time', async () => {
    const { url, drop } = await createTestDatabase(inject('emptyImage'))
    const all = Array.from({ length: 6 }, () => openPostgres({ url, connectionsMax: 2 }))
    const outcomes = await Promise.all(all.map(async (db) => migrate(db, program, now)))
    expect(outcomes.filter((outcome) => outcome.ok && outcome.value.length > 0)).toEqual([
      { ok: true, value: names },
    ])
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([])
    await Promise.all(all.map(async (db) => db.close()))
    await drop()
  })

  it.runIf(onPostgres)(
    'waits its turn when a table is in use, and lets readers through',
    async () => {
      const db = await databaseForTest()
      const newer = withMigration('alter table organization add column extra text')
      const busy = await db.management.startTransaction().execute()
      await sql`select * from organization`.execute(busy)
      const migrating = migrate(db, newer, now)
      // The reader holds the table for longer than one try of the migration lasts.
      await sql`select pg_sleep(2.5)`.execute(busy)
      await busy.commit().execute()
      expect(await migrating).toEqual({ ok: true, value: ['9999_more.sql'] })
    },
  )
})

describe('the script of migrate --print', () => {
  it('does by hand what migrate does', async () => {
    const db = await emptyDatabaseForTest()
    await sql.raw(migrationScript(program.migrations, now)).execute(db.schema)
    expect(await migrate(db, program, now)).toEqual({ ok: true, value: [] })
    const { rows } = await sql`select position from change_counter`.execute(db.management)
    expect(rows).toEqual([{ position: 0 }])
  })
})

async function addAhead(db: Database, leastProgram: string): Promise<void> {
  await sql`insert into schema_migration (name, checksum, least_program, applied_at)
    values ('9000_newer.sql', 'x', ${leastProgram}, clock_timestamp())`.execute(db.management)
}

async function tableNames(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'
  `.execute(db.management)
  return rows.map(({ name }) => name)
}

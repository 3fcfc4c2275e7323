import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'kysely'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { numericDate } from '../../src/domain/time.ts'
import { readProgram } from '../../src/program.ts'
import type { Database } from '../../src/storage/database.ts'
import { openEmbedded, openPostgres } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { rememberImage } from './embedded.ts'

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- merged into vitest's own
  export interface ProvidedContext {
    /** A file with the image of a migrated PGlite, or the name of a migrated PostgreSQL database. */
    databaseImage: string
    /** The same without any table. */
    emptyImage: string
  }
}

/**
 * Migrates a database once per run; every test then starts from a copy of it, because PGlite takes
 * seconds to start from nothing. TEST_DATABASE_URL chooses PostgreSQL.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['TEST_DATABASE_URL']
  return url === undefined ? embeddedImage(project) : postgresImage(project, url)
}

async function embeddedImage(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-test-'))
  const pglite = await PGlite.create()
  const save = async (name: string) => {
    const image = await pglite.dumpDataDir('none')
    await writeFile(join(folder, name), Buffer.from(await image.arrayBuffer()))
    return join(folder, name)
  }
  project.provide('emptyImage', await save('empty.tar'))
  await prepare(await openEmbedded(pglite), async () => {
    await rememberImage(pglite)
    project.provide('databaseImage', await save('migrated.tar'))
  })
  return async () => rm(folder, { recursive: true })
}

async function postgresImage(project: TestProject, url: string): Promise<() => Promise<void>> {
  const name = `countersign_test_${randomUUID().slice(0, 8)}`
  await onServer(url, `create database ${name}`)
  await prepare(openPostgres({ url: databaseUrl(url, name), connectionsMax: 1 }), async () => {})
  project.provide('databaseImage', name)
  project.provide('emptyImage', 'template0')
  return async () => dropWithCopies(url, name)
}

/** Its copies are called after it. */
async function dropWithCopies(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where datname ^@ $1',
    [name],
  )
  await client.end()
  await onServer(
    url,
    ...rows.map(({ datname }) => `drop database if exists ${datname} with (force)`),
  )
}

async function prepare(db: Database, save: () => Promise<void>): Promise<void> {
  await prepareTables(db)
  await save()
  await db.close()
}

/** Migrates an empty database, and lets it watch over what is written. */
export async function prepareTables(db: Database): Promise<void> {
  const migrated = await migrate(db, await readProgram(), numericDate(Date.now() / 1000))
  if (!migrated.ok) throw new Error(JSON.stringify(migrated.refusal))
  const watch = await readFile(join(import.meta.dirname, 'watch.sql'), 'utf8')
  await sql.raw(watch).execute(db.schema)
}

/** The URL of another database of the same server. */
export function databaseUrl(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

/** Runs statements that belong to the server rather than to one of its databases. */
export async function onServer(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

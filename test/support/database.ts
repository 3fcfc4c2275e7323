import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { openImage, openLikeImage } from './embedded.ts'
import { databaseUrl, onServer, prepareTables } from './image.ts'

const serverUrl = process.env['TEST_DATABASE_URL']

/** Whether this run can show what one session cannot: concurrency, several processes, lost connections. */
export const onPostgres = serverUrl !== undefined

/** A migrated, empty database that nobody else uses. Whoever opens it closes it. */
export async function openTestDatabase(): Promise<Database> {
  return serverUrl === undefined
    ? openLikeImage(inject('databaseImage'))
    : (await createTestDatabase()).open()
}

/**
 * For tests of several processes over one PostgreSQL: a migrated database, by its URL. `template`
 * is what it is a copy of, with what else `create database` is to be told.
 */
export async function createTestDatabase(template: string = inject('databaseImage')): Promise<{
  readonly url: string
  readonly open: () => Database
  readonly drop: () => Promise<void>
}> {
  if (serverUrl === undefined) throw new Error('this test needs TEST_DATABASE_URL')
  const name = `${inject('databaseImage')}_${randomUUID().slice(0, 8)}`
  // What a test writes need not outlive the machine. That commits are waited for has a suite of its own,
  // test:faults, on servers of its own.
  await onServer(
    serverUrl,
    `create database ${name} template ${template}`,
    `alter database ${name} set synchronous_commit = off`,
  )
  const url = databaseUrl(serverUrl, name)
  const drop = async () => onServer(serverUrl, `drop database if exists ${name} with (force)`)
  const open = () => {
    const db = openPostgres({ url, connectionsMax: 16 })
    // Dropping waits for a checkpoint of the whole server, and nobody has to wait for that: what is left
    // of it at the end of the run goes with the image.
    return { ...db, close: async () => db.close().then(() => void drop().catch(() => undefined)) }
  }
  return { url, open, drop }
}

/** A database without any table, for one test. */
export async function emptyDatabaseForTest(): Promise<Database> {
  const db =
    serverUrl === undefined
      ? await openImage(inject('emptyImage'))
      : (await createTestDatabase(inject('emptyImage'))).open()
  onTestFinished(async () => db.close())
  return db
}

/** A migrated database that sorts text as English does: capitals beside their small letters. */
export async function openEnglishDatabase(): Promise<Database> {
  const english = `${inject('emptyImage')} locale_provider icu icu_locale 'en-US'`
  const db = (await createTestDatabase(english)).open()
  await prepareTables(db)
  return db
}

/** Opens a database for one test and closes it after that test. */
export async function databaseForTest(): Promise<Database> {
  const db = await openTestDatabase()
  onTestFinished(async () => db.close())
  return db
}

import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { readChanges } from '../../src/storage/changes.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { openDatabaseProxy } from '../support/database-proxy.ts'

describe.runIf(onPostgres)('a connection that breaks', () => {
  it('in use fails what was asked, and nothing else', async () => {
    const { db, proxy } = await behindProxy()
    await expect(
      Promise.all([
        sql`select pg_sleep(5)`.execute(db.reads),
        // Not before the question has been sent.
        sql`select pg_sleep(0.3)`.execute(db.management).then(() => proxy.cut()),
      ]),
    ).rejects.toThrow(Unavailable)
    await sql`select`.execute(db.reads)
  })

  it('of the tail, and was half open, makes the others be opened anew', async () => {
    const { db, proxy } = await behindProxy()
    await sql`select`.execute(db.reads)
    await readChanges(db, 0)
    proxy.blackhole()
    await expect(readChanges(db, 0)).rejects.toThrow(Unavailable)
    await proxy.pass()
    await readChanges(db, 0)
    // The old one would keep this waiting until it fails.
    await sql`select`.execute(db.reads)
  })
})

describe.runIf(onPostgres)('a database that is far away', () => {
  it('is followed: the first question does not wait behind LISTEN', async () => {
    const { db, proxy } = await behindProxy()
    proxy.delay(180, 180)
    const tries = [1, 2, 3].map(async () => readChanges(db, 0))
    expect(await Promise.any(tries)).toMatchObject({ head: 0 })
  })
})

async function behindProxy() {
  const database = await createTestDatabase()
  const url = new URL(database.url)
  const proxy = await openDatabaseProxy(Number(url.port === '' ? 5432 : url.port))
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const db = openPostgres({ url: url.href, connectionsMax: 1 })
  onTestFinished(async () => {
    await proxy.pass()
    await db.close()
    await proxy.close()
    await database.drop()
  })
  return { db, proxy }
}

import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { demoSecret, seedDemo } from '../src/cli/demo.ts'
import { parseKeyEncryptionKey } from '../src/crypto/key-vault.ts'
import { theServer } from '../src/domain/audit.ts'
import { seconds } from '../src/domain/time.ts'
import { openHouse, systemClock } from '../src/house.ts'
import { readProgram } from '../src/program.ts'
import { openPostgres } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'

export type BenchClient = { readonly id: string; readonly secret: string }

/** A database with the demo organization in it, which nobody else uses and nobody will miss. */
export type BenchDatabase = {
  readonly url: string
  readonly version: string
  readonly keyEncryptionKey: string
  readonly clients: readonly BenchClient[]
  /** The rows of all tables together. */
  readonly countRows: () => Promise<number>
  readonly drop: () => Promise<void>
}

export async function createBenchDatabase(serverUrl: string): Promise<BenchDatabase> {
  const name = `countersign_bench_${randomUUID().slice(0, 8)}`
  await ask(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const drop = async () => {
    await ask(serverUrl, `drop database if exists ${name} with (force)`)
  }
  try {
    const keyEncryptionKey = randomBytes(32).toString('base64')
    const clients = await seeded(url.href, keyEncryptionKey)
    const [{ version = '' } = {}] = await ask(url.href, `select version() as version`)
    return {
      url: url.href,
      version: /^PostgreSQL [\d.]+/.exec(version)?.[0] ?? version,
      keyEncryptionKey,
      clients,
      countRows: () => countRows(url.href),
      drop,
    }
  } catch (error) {
    await drop()
    throw error
  }
}

/** Migrates, and makes the demo organization with a secret for each of its two accounts. */
async function seeded(url: string, keyText: string): Promise<readonly BenchClient[]> {
  const db = openPostgres({ url, connectionsMax: 2 })
  try {
    const migrated = await migrate(db, await readProgram(), systemClock.now())
    if (!migrated.ok) throw new Error(JSON.stringify(migrated.refusal))
    const key = parseKeyEncryptionKey(keyText)
    if (!key.ok) throw new Error(key.refusal.reason)
    const house = await openHouse({
      db,
      keyEncryptionKey: key.value,
      issuer: 'http://127.0.0.1',
      maxStale: seconds(300),
      jwksMaxAge: seconds(300),
      clientsMax: 100,
      events: { record: () => undefined },
    })
    const ports = house.management
    const demo = await seedDemo(ports, house.act(theServer))
    const { organization } = demo
    const clients: BenchClient[] = []
    for (const { id } of [demo.terraform, demo.ci]) {
      const wanted = { organization, account: id, name: 'bench' }
      clients.push({ id, secret: await demoSecret(ports, house.act(theServer), wanted) })
    }
    return clients
  } finally {
    await db.close()
  }
}

async function countRows(url: string): Promise<number> {
  const tables = await ask(
    url,
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const counts = tables.map(({ name = '' }) => `(select count(*) from ${name})`)
  const [{ rows = '' } = {}] = await ask(url, `select ${counts.join(' + ')} as rows`)
  return Number(rows)
}

type Row = Readonly<Record<string, string>>

async function ask(url: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

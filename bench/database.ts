import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { demoSecret, seedDemo } from '../src/cli/demo.ts'
import { parseKeyEncryptionKey } from '../src/crypto/key-encryption-key.ts'
import { tokenLifetimeMax } from '../src/domain/api.ts'
import { theServer } from '../src/domain/audit.ts'
import { keyRules } from '../src/domain/key-rotation.ts'
import { seconds } from '../src/domain/time.ts'
import { openHouse, systemClock } from '../src/house.ts'
import { readProgram } from '../src/program.ts'
import { openPostgres } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'
import type { Stage } from './stage.ts'

export type BenchClient = { readonly id: string; readonly secret: string }

type Place = Pick<Stage, 'serverUrl' | 'after'>

/** A database with the demo organization in it. */
export type BenchDatabase = {
  readonly url: string
  readonly keyEncryptionKey: string
  /** Its two accounts: one holds its roles directly, one through a group. */
  readonly clients: readonly [BenchClient, BenchClient]
}

/** A database that nobody else uses and nobody will miss, and its URL. */
export async function createDatabase({ serverUrl, after }: Place): Promise<string> {
  const name = `countersign_bench_${randomUUID().slice(0, 8)}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  after(async () => ask(serverUrl, `drop database if exists ${name} with (force)`))
  await ask(serverUrl, `create database ${name}`)
  return url.href
}

const keySettings = {
  rotationInterval: seconds(30 * 24 * 60 * 60),
  rotationMargin: seconds(60),
  maxStale: seconds(300),
  jwksMaxAge: seconds(300),
}

/** Migrates, and makes the demo organization with a secret for each of its two accounts. */
export async function createBenchDatabase(place: Place): Promise<BenchDatabase> {
  const url = await createDatabase(place)
  const keyEncryptionKey = randomBytes(32).toString('base64')
  const db = openPostgres({ url, connectionsMax: 2 })
  try {
    const migrated = await migrate(db, await readProgram(), systemClock.now())
    if (!migrated.ok) throw new Error(JSON.stringify(migrated.refusal))
    const key = parseKeyEncryptionKey(keyEncryptionKey)
    if (!key.ok) throw new Error(key.refusal.reason)
    const house = await openHouse({
      db,
      keyEncryptionKeys: [key.value],
      keyRules: keyRules(keySettings, tokenLifetimeMax),
      issuer: 'http://127.0.0.1',
      maxStale: keySettings.maxStale,
      jwksMaxAge: keySettings.jwksMaxAge,
      clientsMax: 100,
      failuresMax: { perClient: 10, perNetwork: 200 },
      events: { record: () => undefined },
    })
    const ports = house.management
    const { organization, terraform, ci } = await seedDemo(ports, house.act(theServer))
    const client = async (account: typeof terraform.id): Promise<BenchClient> => {
      const wanted = { organization, account, name: 'bench' }
      return { id: account, secret: await demoSecret(ports, house.act(theServer), wanted) }
    }
    return { url, keyEncryptionKey, clients: [await client(terraform.id), await client(ci.id)] }
  } finally {
    await db.close()
  }
}

/** The rows of all tables together. */
export async function countRows(url: string): Promise<number> {
  const tables = await ask(
    url,
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const counts = tables.map(({ name = '' }) => `(select count(*) from ${name})`)
  const [{ rows = '' } = {}] = await ask(url, `select ${counts.join(' + ')} as rows`)
  return Number(rows)
}

export async function postgresVersion(serverUrl: string): Promise<string> {
  const [{ version = '' } = {}] = await ask(serverUrl, 'select version() as version')
  return /^PostgreSQL [\d.]+/.exec(version)?.[0] ?? version
}

type Row = Readonly<Record<string, string>>

async function ask(url: string, statement: string): Promise<readonly Row[]> {
  const client = await connected(url)
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

/** No statement of the bench takes longer than this. */
const statementMilliseconds = 300_000

export async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementMilliseconds,
  })
  // A database that is dropped ends its connections.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

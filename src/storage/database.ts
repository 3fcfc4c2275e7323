import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import type { PGlitePgConfig } from '@electric-sql/pglite/node-postgres'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Tables } from './tables.ts'
import { rowTypes, watched } from './pool.ts'

/**
 * The database, through doors that cannot block each other: what the token plane reads, what
 * management reads and writes, the tail of the change log, and changes of the schema.
 */
export type Database = {
  readonly engine: 'postgresql' | 'pglite'
  readonly reads: Kysely<Tables>
  readonly management: Kysely<Tables>
  readonly tail: Kysely<Tables>
  /** One connection without a limit on time, for migrations. */
  readonly schema: Kysely<Tables>
  /** Calls back when a writer hints that the log has grown. A hint may be lost. */
  readonly onHint: (callback: () => void) => void
  readonly close: () => Promise<void>
}

/** The channel of the hints. */
export const hintChannel = 'countersign_change'

const connectWaitMilliseconds = 1000
const queryWaitMilliseconds = 3000
const tailWaitMilliseconds = 500

export type PostgresOptions = { readonly url: string; readonly connectionsMax: number }

export function openPostgres({ url, connectionsMax }: PostgresOptions): Database {
  const hints = new Set<() => void>()
  const pool = (name: string, options: pg.PoolConfig) => {
    const made = new pg.Pool({
      connectionString: url,
      types: rowTypes,
      application_name: `countersign ${name}`,
      connectionTimeoutMillis: connectWaitMilliseconds,
      query_timeout: queryWaitMilliseconds,
      keepAlive: true,
      ...options,
    })
    // An idle connection that breaks is replaced at the next use; the tail tells how things stand.
    made.on('error', () => undefined)
    return made
  }
  const tail = pool('tail', {
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: tailWaitMilliseconds,
    query_timeout: tailWaitMilliseconds,
  })
  tail.on('connect', (client) => {
    client.on('notification', () => hints.forEach((callback) => callback()))
    // Behind a transaction pooler this fails or is forgotten: the tail then finds changes by asking.
    client.query(`listen ${hintChannel}`).catch(() => undefined)
  })
  return assemble('postgresql', hints, {
    reads: kysely(pool('token', { max: connectionsMax }), true),
    management: kysely(pool('management', { max: connectionsMax }), true),
    tail: kysely(tail, true),
    schema: kysely(pool('schema', { max: 1, query_timeout: 0 }), true),
    end: async () => undefined,
  })
}

/**
 * PostgreSQL in WebAssembly, for `countersign dev` and tests: one session, through the ordinary
 * driver and dialect. Its one client is never closed while the database is open (a second one would
 * lose what the first was told was saved), and all doors lead to it.
 */
export async function openEmbedded(pglite: PGlite): Promise<Database> {
  const config: pg.PoolConfig & Pick<PGlitePgConfig, 'connection'> = {
    connection: createPgConfig(pglite).connection,
    types: rowTypes,
    max: 1,
    idleTimeoutMillis: 0,
  }
  const pool = new pg.Pool(config)
  const hints = new Set<() => void>()
  await pglite.listen(hintChannel, () => hints.forEach((callback) => callback()))
  const one = kysely(pool, false)
  return assemble('pglite', hints, {
    reads: one,
    management: one,
    tail: one,
    schema: one,
    end: async () => pglite.close(),
  })
}

/** Opens the embedded database of a folder, or makes one there. */
export async function startEmbedded(folder: string): Promise<PGlite> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return PGlite.create({ dataDir: folder })
}

function kysely(pool: pg.Pool, mayClose: boolean): Kysely<Tables> {
  return new Kysely({ dialect: new PostgresDialect({ pool: watched(pool, { mayClose }) }) })
}

type Doors = Pick<Database, 'reads' | 'management' | 'tail' | 'schema'> & {
  readonly end: () => Promise<void>
}

function assemble(
  engine: Database['engine'],
  hints: Set<() => void>,
  { end, ...doors }: Doors,
): Database {
  return {
    engine,
    ...doors,
    onHint: (callback) => void hints.add(callback),
    close: async () => {
      await Promise.all([...new Set(Object.values(doors))].map((door) => door.destroy()))
      await end()
    },
  }
}

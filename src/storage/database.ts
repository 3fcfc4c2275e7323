import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import type { PGlitePgConfig } from '@electric-sql/pglite/node-postgres'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Door, PoolVitals } from '../ports/vitals.ts'
import type { Tables } from './tables.ts'
import type { Watch } from './pool.ts'
import { rowTypes, watched } from './pool.ts'
import type { KnownServers } from './server-mark.ts'
import { knownServers, whyDisbelieved } from './server-mark.ts'

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
  /** The servers that connections have led to; the tail tells what it sees. */
  readonly servers: KnownServers
  /** Calls back when a writer hints that the log has grown. A hint may be lost. */
  readonly onHint: (callback: () => void) => void
  /** How the connections of each door are used just now. */
  readonly pools: () => readonly PoolVitals[]
  readonly close: () => Promise<void>
}

/** The channel of the hints. */
export const hintChannel = 'countersign_change'

const connectWaitMilliseconds = 1000
const readWaitMilliseconds = 1000
const queryWaitMilliseconds = 3000
const tailWaitMilliseconds = 600
const keepAliveAfterMilliseconds = 10_000

export type PostgresOptions = { readonly url: string; readonly connectionsMax: number }

export function openPostgres({ url, connectionsMax }: PostgresOptions): Database {
  const hints = new Set<() => void>()
  const trust = connectionTrust()
  const servers = knownServers()
  // One connection can lead to a standby, or to a server that was replaced, when others do not.
  const verify = checking(servers)
  const pool = (name: string, options: pg.PoolConfig) => {
    const made = new pg.Pool({
      connectionString: url,
      types: rowTypes,
      application_name: `countersign ${name}`,
      connectionTimeoutMillis: connectWaitMilliseconds,
      query_timeout: queryWaitMilliseconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveAfterMilliseconds,
      ...options,
    })
    // An idle connection that breaks is replaced at the next use; the tail tells how things stand.
    made.on('error', () => undefined)
    // One that breaks in use fails its query; its own event without a listener would end the process.
    made.on('connect', (client) => {
      client.on('error', () => undefined)
      trust.opened(client)
    })
    return made
  }
  const tail = pool('tail', {
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: tailWaitMilliseconds,
    query_timeout: tailWaitMilliseconds,
  })
  listenForHints(tail, () => hints.forEach((callback) => callback()))
  tail.on('remove', trust.lose)
  const door = (of: pg.Pool, believes: (client: pg.PoolClient) => boolean = trust.has) =>
    kysely(of, { mayClose: true, believes })
  const pools = {
    token: pool('token', { ...verify, max: connectionsMax, query_timeout: readWaitMilliseconds }),
    management: pool('management', { ...verify, max: connectionsMax }),
    tail,
    schema: pool('schema', { max: 1, query_timeout: 0 }),
  }
  return assemble({ engine: 'postgresql', servers }, hints, {
    reads: door(pools.token),
    management: door(pools.management),
    tail: door(tail, () => true),
    schema: door(pools.schema),
    pools: () => poolsVitals(pools),
    end: async () => undefined,
  })
}

/** For a pool: what it does with a new connection before it hands it out. */
function checking(servers: KnownServers): pg.PoolConfig {
  return {
    verify: (client, done) => void check(client, servers, done),
  }
}

async function check(
  client: pg.ClientBase,
  servers: KnownServers,
  done: (fault?: Error) => void,
): Promise<void> {
  done(await whyDisbelieved(client, servers))
}

/**
 * When the tail has lost its connection, connections from before are not believed any more: they may
 * be half open, and the next to use one would wait in vain; or lead to a server that was replaced.
 */
function connectionTrust() {
  const trusted = new WeakMap<pg.PoolClient, number>()
  let losses = 0
  return {
    opened: (client: pg.PoolClient) => void trusted.set(client, losses),
    lose: () => void (losses += 1),
    has: (client: pg.PoolClient) => trusted.get(client) === losses,
  }
}

/**
 * Listens on each connection of the tail, once its first question was answered: that one must not
 * wait behind LISTEN. Behind a transaction pooler LISTEN fails or is forgotten: the tail then finds
 * changes by asking.
 */
function listenForHints(tail: pg.Pool, onHint: () => void): void {
  const listening = new WeakSet<pg.PoolClient>()
  tail.on('connect', (client) => client.on('notification', onHint))
  tail.on('release', (fault, client) => {
    if (Boolean(fault) || listening.has(client)) return
    listening.add(client)
    void listen(client)
  })
}

async function listen(client: pg.PoolClient): Promise<void> {
  await client.query(`listen ${hintChannel}`).catch(() => undefined)
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
  const one = kysely(pool, { mayClose: false, believes: () => true })
  return assemble({ engine: 'pglite', servers: knownServers() }, hints, {
    reads: one,
    management: one,
    tail: one,
    schema: one,
    pools: () => [poolVitals('embedded', pool)],
    end: async () => pglite.close(),
  })
}

/** Opens the embedded database of a folder, or makes one there. */
export async function startEmbedded(folder: string): Promise<PGlite> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return PGlite.create({ dataDir: folder })
}

function kysely(pool: pg.Pool, options: Watch): Kysely<Tables> {
  return new Kysely({ dialect: new PostgresDialect({ pool: watched(pool, options) }) })
}

function poolsVitals(pools: Readonly<Record<Exclude<Door, 'embedded'>, pg.Pool>>) {
  const { token, management, tail, schema } = pools
  return [
    poolVitals('token', token),
    poolVitals('management', management),
    poolVitals('tail', tail),
    poolVitals('schema', schema),
  ]
}

function poolVitals(
  door: Door,
  { options: { max }, totalCount, idleCount, waitingCount }: pg.Pool,
): PoolVitals {
  return {
    door,
    connectionsMax: max,
    connections: totalCount,
    idle: idleCount,
    waiting: waitingCount,
  }
}

type Doors = Pick<Database, 'reads' | 'management' | 'tail' | 'schema'>
type Rest = Pick<Database, 'pools'> & {
  readonly end: () => Promise<void>
}

function assemble(
  facts: Pick<Database, 'engine' | 'servers'>,
  hints: Set<() => void>,
  { end, pools, ...doors }: Doors & Rest,
): Database {
  return {
    ...facts,
    ...doors,
    onHint: (callback) => void hints.add(callback),
    pools,
    close: async () => {
      await Promise.all([...new Set(Object.values(doors))].map((door) => door.destroy()))
      await end()
    },
  }
}

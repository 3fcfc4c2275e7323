import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { Demo } from '../../src/cli/demo.ts'
import { seedDemo } from '../../src/cli/demo.ts'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { RoleId } from '../../src/domain/id.ts'
import type { Name } from '../../src/domain/name.ts'
import { systemClock } from '../../src/house.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import type { ManagementPorts } from '../../src/management/ports.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import type { Act } from '../../src/storage/tx.ts'
import { openPostgres } from '../../src/storage/database.ts'
import type { Cluster } from '../support/cluster.ts'
import { createCluster } from '../support/cluster.ts'
import type { TestClient } from '../support/fixtures.ts'
import { prepareTables } from '../support/image.ts'
import type { ServerProcess, ServerWishes } from '../support/processes.ts'
import { startServerProcess } from '../support/processes.ts'
import type { DatabaseProxy } from '../support/database-proxy.ts'
import { openDatabaseProxy } from '../support/database-proxy.ts'
import { accepted, operator, roleNamed } from '../support/operator.ts'

/** Two server processes that reach a PostgreSQL of their own by a way that can be made bad. */
export type Scene = {
  /** Where the database is now: another cluster after a failover. */
  readonly cluster: () => Cluster
  readonly failTo: (cluster: Cluster) => Promise<void>
  readonly alsoDrop: (cluster: Cluster) => void
  readonly proxy: DatabaseProxy
  readonly servers: ServerProcess[]
  readonly wishes: ServerWishes
  /** An operator who reaches the database by the same way as the servers. */
  readonly ports: ManagementPorts
  /** One who stands beside the database, whatever happens on the way. */
  readonly beside: () => ManagementPorts
  readonly act: () => Act
  readonly demo: Demo
  /** Clients that every process has in its memory, because they never stop asking. */
  readonly known: readonly TestClient[]
  /** More clients than a process remembers, each of them forgotten until its turn comes again. */
  readonly cold: readonly TestClient[]
  readonly addClient: () => Promise<TestClient>
  readonly close: () => Promise<void>
}

const issuer = 'https://tokens.example.com'
const knownCount = 4
const coldCount = 30
const remembered = 12

type Wishes = {
  /** Where the cluster has its folder. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  /** Done to the cluster before the servers start. */
  readonly prepare?: (cluster: Cluster) => Promise<void>
}

export async function openScene(wishes: Wishes = {}): Promise<Scene> {
  const cleanUp: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of cleanUp.toReversed()) await step()
  }
  try {
    return { ...(await assemble(wishes, cleanUp)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  { home, env, prepare }: Wishes,
  cleanUp: (() => Promise<unknown>)[],
): Promise<Omit<Scene, 'close'>> {
  let cluster = await createCluster(inject('clusterTemplate'), home)
  cleanUp.push(cluster.drop)
  const proxy = await openDatabaseProxy(cluster.port)
  cleanUp.push(proxy.close)
  const open = async (url: string) => {
    const db = openPostgres({ url, connectionsMax: 2 })
    cleanUp.push(db.close)
    return { db, random, secrets: await openSecrets(), issuer }
  }
  let beside = await open(cluster.adminUrl())
  const ports = await open(cluster.url(proxy.port))
  await prepareTables(ports.db)
  const demo = await seedDemo(beside, act())
  const role = await roleNamed(beside, demo.organization, 'deployer')
  const addClient = async () => clientWith(beside, demo, role)
  const all: TestClient[] = []
  while (all.length < knownCount + coldCount) all.push(await addClient())
  await prepare?.(cluster)
  const wishes = {
    databaseUrl: cluster.url(proxy.port),
    issuer,
    keyEncryptionKey: randomBytes(32).toString('base64'),
    env: { CLIENTS_MAX: String(remembered), ...env },
  }
  const servers = await Promise.all([startServerProcess(wishes), startServerProcess(wishes)])
  cleanUp.push(async () => Promise.all(servers.map(async (server) => server.stop())), proxy.pass)
  return {
    cluster: () => cluster,
    failTo: async (next) => {
      cluster = next
      beside = await open(next.adminUrl())
      proxy.pointTo(next.port)
    },
    // The first of all steps, so that nothing uses it any more.
    alsoDrop: (other) => void cleanUp.unshift(other.drop),
    proxy,
    servers,
    wishes,
    ports,
    beside: () => beside,
    act,
    demo,
    known: all.slice(0, knownCount),
    cold: all.slice(knownCount),
    addClient,
  }
}

const random = systemRandom(systemClock)

function act(): Act {
  return {
    actor: operator,
    at: systemClock.now(),
    traceId: random.traceId(),
  }
}

let clients = 0

async function clientWith(
  ports: ManagementPorts,
  { organization }: Demo,
  role: RoleId,
): Promise<TestClient> {
  clients += 1
  const account = accepted(
    await createServiceAccount(ports, act(), {
      organization,
      name: `Client ${clients}` as Name,
      description: '' as never,
      roles: [{ role }],
    }),
  )
  const { secret } = accepted(
    await createClientSecret(ports, act(), {
      organization,
      principal: account.id,
      name: 'test' as Name,
    }),
  )
  return { id: account.id, secret }
}

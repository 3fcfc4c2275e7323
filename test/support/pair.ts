import { randomBytes } from 'node:crypto'
import type { Demo } from '../../src/cli/demo.ts'
import { demoSecret, seedDemo } from '../../src/cli/demo.ts'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import { systemClock } from '../../src/house.ts'
import type { ManagementPorts } from '../../src/management/ports.ts'
import type { Act } from '../../src/storage/tx.ts'
import { createTestDatabase } from './database.ts'
import type { TestClient } from './fixtures.ts'
import type { ServerProcess, ServerWishes } from './processes.ts'
import { startServerProcess } from './processes.ts'
import { operator } from './operator.ts'

/** Two server processes over one PostgreSQL, and an operator beside them who writes to it. */
export type Pair = {
  readonly servers: readonly [ServerProcess, ServerProcess]
  /** What both were started with, for a third. */
  readonly wishes: ServerWishes
  readonly ports: ManagementPorts
  readonly act: () => Act
  readonly demo: Demo
  readonly terraform: TestClient
  readonly ci: TestClient
  readonly close: () => Promise<void>
}

const issuer = 'https://tokens.example.com'

export async function openPair(env: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const database = await createTestDatabase()
  const db = database.open()
  const random = systemRandom(systemClock)
  const ports = { db, random, secrets: await openSecrets(), issuer }
  const act = (): Act => ({
    actor: operator,
    at: systemClock.now(),
    traceId: random.traceId(),
  })
  const demo = await seedDemo(ports, act())
  const { organization } = demo
  const client = async ({ id }: Demo['ci']): Promise<TestClient> => {
    const secret = await demoSecret(ports, act(), { organization, account: id, name: 'test' })
    return { id, secret }
  }
  const [terraform, ci] = [await client(demo.terraform), await client(demo.ci)]
  const wishes = {
    databaseUrl: database.url,
    issuer,
    keyEncryptionKey: randomBytes(32).toString('base64'),
    env,
  }
  const servers = await Promise.all([startServerProcess(wishes), startServerProcess(wishes)])
  return {
    servers,
    wishes,
    ports,
    act,
    demo,
    terraform,
    ci,
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      await db.close()
    },
  }
}

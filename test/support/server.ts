import { demoSecret, seedDemo } from '../../src/cli/demo.ts'
import { operatorActor } from '../../src/cli/operator.ts'
import type { RunningServer } from '../../src/cli/server.ts'
import { startServer } from '../../src/cli/server.ts'
import { readDevConfig } from '../../src/config.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { openLog } from '../../src/telemetry/log.ts'
import { openTestDatabase } from './database.ts'
import type { TestClient } from './fixtures.ts'
import { caughtUp, testKeyEncryptionKey, testKeyRules } from './house.ts'
import { freePort } from './processes.ts'

/** The server as `serve` starts it, in this process, with the demo organization and one client. */
export type TestServer = Pick<RunningServer, 'house'> & {
  readonly issuer: string
  readonly client: TestClient
  readonly metricsUrl: string
  /** The log lines so far. */
  readonly log: () => readonly Record<string, unknown>[]
  readonly close: () => Promise<void>
}

export async function openTestServer(): Promise<TestServer> {
  const db = await openTestDatabase()
  const [port, metricsPort] = [await freePort(), await freePort()]
  const env = { PORT: String(port), METRICS_PORT: String(metricsPort), CLIENTS_MAX: '1000' }
  const config = readDevConfig(env)
  if (!config.ok) throw new Error('the settings are wrong')
  const lines: string[] = []
  const outcome = await startServer({
    db,
    keyEncryptionKeys: [testKeyEncryptionKey],
    keyRules: testKeyRules(),
    log: openLog('debug', (line) => void lines.push(line)),
    config: config.value,
  })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  const { house, close } = outcome.value
  const act = () => house.act(operatorActor())
  const demo = await seedDemo(house.management, act())
  const { id } = demo.ci
  const place = { organization: demo.organization, account: id, name: 'test' }
  const secret = await demoSecret(house.management, act(), place)
  // Or the first request would find the client, and the log then say to forget it.
  await caughtUp(db, house)
  return {
    house,
    issuer: `http://127.0.0.1:${port}`,
    client: { id, secret },
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    close: async () => {
      await close(milliseconds(0))
      await db.close()
    },
  }
}

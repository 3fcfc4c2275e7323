import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../../src/cli/serve.ts'
import { onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import type { TokenLoad } from '../support/token-load.ts'
import { startTokenLoad } from '../support/token-load.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import type { ServerProcess } from '../support/processes.ts'
import { freePort, isReady, spawnServer, startServerProcess } from '../support/processes.ts'
import { openHttpProxy } from '../support/http-proxy.ts'

// Every version of the program has the same.
const migrationLock = 7_263_445_120

describe.runIf(onPostgres)('a server process that is asked to end', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair()
  })
  afterAll(async () => pair.close())

  /** A server of its own, which ends with the test if not before. */
  async function start(env: Readonly<Record<string, string>>, port?: number) {
    const given = port === undefined ? {} : { port }
    const server = await startServerProcess({ ...pair.wishes, ...given, env })
    onTestFinished(async () => void (await server.stop()))
    return server
  }

  it('loses no request behind a proxy that only heeds a refused connection [193]', async () => {
    const [other] = pair.servers
    const env = { DRAIN_DELAY: '500ms', LOG_LEVEL: 'debug' }
    const first = await start(env)
    const proxy = await openHttpProxy([other.url, first.url])
    const load = startTokenLoad(proxy.url, pair.terraform, 4)
    await answered(load, 100)

    expect(await codeOf(first)).toBe(0)
    await answered(load, 100)
    const again = await start(env, first.port)
    await answered(load, 100)

    expect(Object.keys(await load.stop())).toEqual(['200'])
    await proxy.close()
    // It was asked before it ended, and is asked again.
    for (const server of [first, again]) expect(tokensIssued(server)).toBeGreaterThan(20)
  })

  it('says that it is not ready while it still answers, and tells its metrics', async () => {
    const metrics = await freePort()
    const server = await start({ DRAIN_DELAY: '2s', METRICS_PORT: String(metrics) })
    const told = async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()
    expect(await told()).toContain('\ncountersign_ready 1\n')
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    while ((await fetch(`${server.url}/health/ready`)).ok) await pause(20)
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
    expect((await requestToken({ issuer: server.url }, pair.terraform)).status).toBe(200)
    expect(await told()).toContain('\ncountersign_ready 0\n')
    expect((await exit)[0]).toBe(0)
  })

  it('waits for a request no longer than the deadline, and tells that it cut it', async () => {
    const server = await start({ DRAIN_DEADLINE: '300ms' })
    const slow = connect(server.port, '127.0.0.1')
    slow.on('error', () => undefined)
    const type = 'Content-Type: application/x-www-form-urlencoded'
    slow.write(`POST /oauth2/token HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: 9\r\n\r\nhalf`)
    await pause(500)
    expect(await codeOf(server)).toBe(0)
    expect(server.log()).toContainEqual(expect.objectContaining({ level: 'warn', connections: 1 }))
  })

  it('does not begin to listen when that was asked before', async () => {
    const operator = new pg.Client({ connectionString: pair.wishes.databaseUrl })
    await operator.connect()
    await operator.query('select pg_advisory_lock($1)', [migrationLock])
    const server = await spawnServer({ ...pair.wishes, env: { DRAIN_DELAY: '5m' } })
    onTestFinished(async () => void (await server.stop()))
    const waits = `select 1 from pg_stat_activity
      where datname = current_database() and query like '%pg_try_advisory_lock%' and pid <> pg_backend_pid()`
    while ((await operator.query(waits)).rowCount === 0) await pause(20)
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    await operator.end()
    expect((await exit)[0]).toBe(0)
    expect(server.output()).not.toContain('listening')
  })

  it('does not wait for a load balancer when a person types Ctrl-C', async () => {
    const port = await freePort()
    const { databaseUrl, issuer, keyEncryptionKey } = pair.wishes
    const ended = new AbortController()
    const env = {
      DATABASE_URL: databaseUrl,
      ISSUER: issuer,
      KEY_ENCRYPTION_KEY: keyEncryptionKey,
      PORT: `${port}`,
      DRAIN_DELAY: '5m',
      LOG_LEVEL: 'silent',
    }
    const { stdout, stderr } = process
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const serving = serve({}, { stdout, stderr, stdin, env, ended: ended.signal })
    while (!(await isReady(`http://127.0.0.1:${port}`))) await pause(20)
    ended.abort('SIGINT')
    expect(await serving).toEqual({ ok: true, value: undefined })
  })

  it('ends at once when it is asked a second time', async () => {
    const server = await start({ DRAIN_DELAY: '5m' })
    const exit = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    while ((await fetch(`${server.url}/health/ready`)).ok) await pause(20)
    server.process.kill('SIGINT')
    expect((await exit)[0]).toBe(1)
  })
})

function tokensIssued(server: ServerProcess): number {
  return server.log().filter(({ msg }) => msg === 'token issued').length
}

async function answered(load: TokenLoad, more: number): Promise<void> {
  const before = load.count()
  while (load.count() < before + more) await pause(20)
}

/** Asks it to end; its exit code. */
async function codeOf(server: ServerProcess): Promise<number | null> {
  const exit = once(server.process, 'exit')
  server.process.kill('SIGTERM')
  await exit
  return server.process.exitCode
}

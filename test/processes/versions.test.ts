import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { accept } from '../../src/domain/result.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import type { TokenLoad } from '../support/token-load.ts'
import { startTokenLoad } from '../support/token-load.ts'
import { makeNewerProgram } from '../support/newer-program.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import type { ServerProcess } from '../support/processes.ts'
import { spawnServer, startServerProcess } from '../support/processes.ts'
import { openHttpProxy } from '../support/http-proxy.ts'

const env = { DRAIN_DELAY: '300ms' }

describe.runIf(onPostgres)('two versions, a migration apart, over one PostgreSQL', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair(env)
  })
  afterAll(async () => pair.close())

  it('lose no request while one relieves the other, and when that is taken back [194]', async () => {
    const newer = await makeNewerProgram(
      'alter table credential add column key_set text; create table key_of_tomorrow (id text);',
      true,
    )
    onTestFinished(newer.remove)
    const [first, second] = pair.servers
    const proxy = await openHttpProxy([first.url, second.url])
    const load = startTokenLoad(proxy.url, pair.terraform, 2)
    await answered(load)

    // The newer one brings the schema up while the older one serves, and both answer.
    const upgraded = await replace(second, newer.bin)
    expect(upgraded.output()).toContain(newer.migration)
    await answered(load)

    // What the newer one writes is nothing that the older one knows.
    await addUnknownKinds(pair)
    await expectToDropMemory(first)
    for (const { url } of [first, upgraded]) {
      expect((await requestToken({ issuer: url }, pair.ci)).status).toBe(401)
      expect((await requestToken({ issuer: url }, pair.terraform)).status).toBe(200)
    }
    await answered(load)

    const last = await replace(first, newer.bin)
    await answered(load)

    // And back, one after the other, on a schema that is ahead.
    const back = await replace(last)
    await answered(load)
    await replace(upgraded)
    await answered(load)
    expect((await requestToken({ issuer: back.url }, pair.terraform)).status).toBe(200)

    expect(Object.keys(await load.stop())).toEqual(['200'])
    await proxy.close()
  })

  it('refuse to start on a schema that needs a newer program, and say which [194]', async () => {
    const newer = await makeNewerProgram('create table not_for_the_old (id text);', false)
    onTestFinished(newer.remove)
    const running = await startHere({ bin: newer.bin })
    const older = await spawnServer(pair.wishes)
    expect((await once(older.process, 'exit'))[0]).toBe(1)
    expect(older.output()).toMatch(
      new RegExp(
        `the database has ${newer.migration}, which needs program ${newer.version} or later; this is \\d`,
      ),
    )
    expect((await requestToken({ issuer: running.url }, pair.terraform)).status).toBe(200)
  })

  /** Ends a process and starts another in its place: of this program, unless another is named. */
  async function replace(server: ServerProcess, bin?: string): Promise<ServerProcess> {
    expect(await server.stop()).toBe(0)
    return startHere({ port: server.port, ...(bin === undefined ? {} : { bin }) })
  }

  async function startHere(wishes: { readonly port?: number; readonly bin?: string }) {
    const server = await startServerProcess({ ...pair.wishes, ...wishes })
    onTestFinished(async () => void (await server.stop()))
    return server
  }
})

async function answered(load: TokenLoad): Promise<void> {
  const before = load.count()
  while (load.count() < before + 100) await pause(20)
}

/** Makes the credential of an account one of an unknown kind, and writes a change of another. */
async function addUnknownKinds({ ports, act, demo, ci }: Pair): Promise<void> {
  const { organization } = demo
  const outcome = await inTransaction(ports.db, organization, act(), async (tx) => {
    await sql`update credential set kind = 'key_set', key_set = '[]', handle = null, hash = null
      where principal_id = ${ci.id}`.execute(tx)
    return accept({
      value: undefined,
      audit: [{ kind: 'credential.changed', target: { type: 'credential', id: 'x' } }],
      changes: [
        { kind: 'principal', organization, subject: ci.id },
        { kind: 'key_of_tomorrow' as never, organization, subject: 'x' },
      ],
    })
  })
  expect(outcome.ok).toBe(true)
}

async function expectToDropMemory(server: ServerProcess): Promise<void> {
  const dropped = expect.objectContaining({
    msg: 'memory was dropped',
    reason: 'a newer program wrote a change of a kind unknown here',
  })
  await expect.poll(() => server.log(), { timeout: 10_000 }).toContainEqual(dropped)
}

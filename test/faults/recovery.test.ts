import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { disableServiceAccount } from '../../src/management/service-accounts.ts'
import { postgresPrograms } from '../support/cluster.ts'
import type { TestClient } from '../support/fixtures.ts'
import { accepted } from '../support/operator.ts'
import { ask } from './load.ts'
import type { Scene } from './scene.ts'
import { openScene } from './scene.ts'

const bin = join(import.meta.dirname, '../../bin/countersign.js')

describe.skipIf(postgresPrograms === undefined)('a backup restored under running processes', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
  })
  afterAll(async () => scene.close())

  it('is noticed within 1 s by each: what it does not know is forgotten', async () => {
    const disabledSince = await scene.addClient()
    await scene.cluster().backUp()
    await pause(500)
    const addedSince = await scene.addClient()
    const account = { organization: scene.demo.organization, account: disabledSince.id }
    accepted(await disableServiceAccount(scene.beside(), scene.act(), account))
    await pause(1000)
    expect(await statuses(scene, addedSince)).toEqual([200, 200])
    expect(await statuses(scene, disabledSince)).toEqual([401, 401])

    await scene.cluster().restore()
    await pause(1000)
    expect(await statuses(scene, addedSince)).toEqual([401, 401])
    expect(await statuses(scene, disabledSince)).toEqual([200, 200])
    expect(reasons(scene)).toEqual(['the last row known is gone', 'the last row known is gone'])
  })

  it('has a new epoch after `countersign recover`, without a token missed', async () => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: scene.cluster().url() }
    const said = spawnSync(process.execPath, [bin, 'recover', '--yes'], { env, encoding: 'utf8' })
    expect([said.status, said.stderr]).toEqual([0, ''])
    for (let turn = 0; turn < 20; turn += 1) {
      for (const client of scene.known) expect(await statuses(scene, client)).toEqual([200, 200])
      await pause(50)
    }
    expect(reasons(scene)).toEqual(['the log has a new epoch', 'the log has a new epoch'])
  })
})

async function statuses({ servers }: Scene, client: TestClient): Promise<readonly number[]> {
  return Promise.all(servers.map(async ({ url }) => (await ask(url, client)).status))
}

/** Why each process dropped its memory last. */
function reasons({ servers }: Scene): readonly unknown[] {
  return servers.map(
    ({ log }) => log().findLast(({ msg }) => msg === 'memory was dropped')?.['reason'],
  )
}

import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Description, Name } from '../../src/domain/name.ts'
import { createGroup } from '../../src/management/groups.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { postgresPrograms } from '../support/cluster.ts'
import { startServerProcess } from '../support/processes.ts'
import { accepted } from '../support/operator.ts'
import type { Fault } from './fault.ts'
import { faultTimeout, suffer } from './fault.ts'
import { networkFaults } from './network-faults.ts'
import type { Scene } from './scene.ts'
import { openScene } from './scene.ts'

const faults: readonly Fault[] = [
  {
    name: 'our process killed -9 and started again',
    begin: ({ servers }) => servers[0]?.process.kill('SIGKILL'),
    end: async ({ servers, wishes }) => {
      servers[0] = await startServerProcess(wishes)
    },
    disable: 'during',
    broken: [0],
  },
  {
    name: 'our process stopped and continued',
    begin: ({ servers }) => servers[0]?.process.kill('SIGSTOP'),
    end: ({ servers }) => servers[0]?.process.kill('SIGCONT'),
    disable: 'during',
    broken: [0],
  },
]

const stoppedName = 'Of the stopped writer'
let writer: ChildProcess | undefined
let said: readonly unknown[] = []

const stoppedWriter: Fault = {
  name: 'a writer stopped while it holds the lock',
  begin: async (scene) => {
    writer = fork(join(import.meta.dirname, 'stopped-writer.ts'), {
      env: {
        ...process.env,
        // As another user, so that its session can be told from those of others.
        DATABASE_URL: scene.cluster().adminUrl(),
        ORGANIZATION: scene.demo.organization,
        NAME: stoppedName,
      },
    })
    await once(writer, 'message')
    writer.kill('SIGSTOP')
  },
  inspect: othersGoOn,
  end: async ({ cluster }) => {
    // Until the server has ended the transaction, 3 s after it fell idle.
    while (await hasIdleTransaction(cluster())) await pause(50)
  },
  disable: 'none',
  milliseconds: 200,
  refusesWrites: true,
}

describe.skipIf(postgresPrograms === undefined)(
  'while the way to the database or a process is ill',
  () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene()
    })
    afterAll(async () => scene.close())

    it.each([...networkFaults, ...faults])('$name', faultTimeout, async (fault) => {
      expect(await suffer(scene, fault)).toEqual([])
    })

    it('a writer stopped while it holds the lock', faultTimeout, async () => {
      const began = performance.now()
      expect(await suffer(scene, stoppedWriter)).toEqual([])
      expect(performance.now() - began).toBeLessThan(8000)

      writer?.on('message', (message) => (said = [...said, message]))
      writer?.kill('SIGCONT')
      writer?.send('go on')
      if (writer) await once(writer, 'exit')
      expect(said).toEqual(['unavailable'])
      const [found] = await scene
        .cluster()
        .admin<{ count: string }>(
          `select count(*) from principal_group where name = '${stoppedName}'`,
        )
      expect(found?.count).toBe('0')
    })
  },
)

/** Writers of other organizations go on at once. */
async function othersGoOn({ beside, act }: Scene): Promise<readonly string[]> {
  const began = performance.now()
  const name = `Neighbour ${Math.round(began)}` as Name
  const { id: organization } = accepted(await createOrganization(beside(), act(), { name }))
  accepted(
    await createGroup(beside(), act(), { organization, name, description: '' as Description }),
  )
  const took = performance.now() - began
  return took < 1000 ? [] : [`writers of another organization waited ${took.toFixed(0)} ms`]
}

async function hasIdleTransaction({ admin }: ReturnType<Scene['cluster']>): Promise<boolean> {
  const [found] = await admin<{ count: string }>(
    `select count(*) from pg_stat_activity
      where usename = 'postgres' and application_name = 'countersign management'
        and state = 'idle in transaction'`,
  )
  return found?.count !== '0'
}

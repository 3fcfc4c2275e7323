import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster } from '../support/cluster.ts'
import { postgresPrograms } from '../support/cluster.ts'
import type { Fault } from './fault.ts'
import { faultTimeout, suffer } from './fault.ts'
import { ask } from './load.ts'
import type { Scene } from './scene.ts'
import { openScene } from './scene.ts'

let standby: Cluster
let first: Cluster

const failover: Fault = {
  name: 'failover to a synchronous standby',
  begin: async ({ cluster }) => cluster().kill(),
  end: async (scene) => {
    await standby.promote()
    await scene.failTo(standby)
  },
  disable: 'before',
  refusesWrites: true,
}

/** As when a name in the DNS is put back too early. */
const wayBack: Fault = {
  name: 'the way leads to the server that was replaced',
  begin: async ({ proxy }) => {
    await first.start()
    proxy.pointTo(first.port)
    proxy.cut()
  },
  inspect: whoBelievesIt,
  end: ({ proxy }) => {
    proxy.pointTo(standby.port)
    proxy.cut()
  },
  disable: 'during',
  refusesWrites: true,
}

const wayToStandby: Fault = {
  name: 'the way leads to a standby',
  begin: async (scene) => {
    const other = await scene.cluster().standby()
    scene.alsoDrop(other)
    scene.proxy.pointTo(other.port)
    scene.proxy.cut()
  },
  inspect: whoBelievesIt,
  end: ({ proxy }) => {
    proxy.pointTo(standby.port)
    proxy.cut()
  },
  disable: 'during',
  refusesWrites: true,
}

/** A client that only the right server knows is not told 401: what is read there is not believed. */
async function whoBelievesIt({ addClient, servers }: Scene): Promise<readonly string[]> {
  const client = await addClient()
  const answers = await Promise.all(servers.map(async ({ url }) => ask(url, client)))
  return answers.flatMap(({ status }) => (status === 503 ? [] : [`a new client: ${status}`]))
}

describe.skipIf(postgresPrograms === undefined)('when another server takes over', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene({
      prepare: async (cluster) => {
        first = cluster
        standby = await cluster.standby()
        await cluster.admin(`alter system set synchronous_standby_names = '*'`)
        await cluster.admin('select pg_reload_conf()')
        await pause(100)
      },
    })
    scene.alsoDrop(standby)
  })
  afterAll(async () => scene.close())

  it.each([failover, wayBack, wayToStandby])('$name', faultTimeout, async (fault) => {
    expect(await suffer(scene, fault)).toEqual([])
  })
})

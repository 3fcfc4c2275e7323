import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresPrograms } from '../support/cluster.ts'
import type { Fault } from './fault.ts'
import { suffer } from './fault.ts'
import type { Scene } from './scene.ts'
import { openScene } from './scene.ts'

const passAgain = async ({ proxy }: Scene) => proxy.pass()

const faults: readonly Fault[] = [
  {
    name: 'connections refused',
    begin: ({ proxy }) => {
      proxy.refuse()
      proxy.cut()
    },
    end: passAgain,
    disable: 'during',
    refusesWrites: true,
  },
  {
    name: 'connections cut, again and again',
    begin: ({ proxy }) => proxy.cutEvery(150),
    end: passAgain,
    disable: 'during',
  },
  {
    name: 'blackhole: taken, and never answered',
    begin: ({ proxy }) => proxy.blackhole(),
    end: passAgain,
    disable: 'during',
    refusesWrites: true,
  },
  {
    name: 'the listening connection cut, again and again',
    begin: ({ proxy }) => proxy.cutEvery(150, 'countersign tail'),
    end: passAgain,
    disable: 'during',
  },
  {
    name: 'all 150 ms later, each way',
    begin: ({ proxy }) => proxy.delay(150, 150),
    end: passAgain,
    disable: 'during',
  },
]

describe.skipIf(postgresPrograms === undefined)('while the way to the database is bad', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
  })
  afterAll(async () => scene.close())

  it.each(faults)('$name', async (fault) => {
    expect(await suffer(scene, fault)).toEqual([])
  })
})

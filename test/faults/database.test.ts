import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownedFolder, postgresPrograms } from '../support/cluster.ts'
import type { Fault } from './fault.ts'
import { faultTimeout, suffer } from './fault.ts'
import type { Scene } from './scene.ts'
import { openScene } from './scene.ts'

const volumeMegabytes = 160
const volume = postgresPrograms === undefined ? undefined : await smallVolume()
const taken: pg.Client[] = []

const faults: readonly Fault[] = [
  {
    name: 'restart (fast)',
    begin: async ({ cluster }) => cluster().shutDown(),
    end: async ({ cluster }) => cluster().start(),
    disable: 'before',
    refusesWrites: true,
  },
  {
    name: 'kill -9 of the postmaster',
    begin: async ({ cluster }) => cluster().kill(),
    end: async ({ cluster }) => cluster().start(),
    disable: 'before',
    refusesWrites: true,
  },
  {
    name: 'SIGSTOP of all its processes',
    begin: ({ cluster }) => cluster().pause(),
    end: ({ cluster }) => cluster().resume(),
    disable: 'before',
  },
  {
    name: 'connection slots used up by others',
    begin: useUpSlots,
    end: async () => Promise.all(taken.map(async (client) => client.end())),
    disable: 'during',
    refusesWrites: true,
  },
  {
    name: 'read-only',
    begin: async (scene) => beReadOnly(scene, 'on'),
    end: async (scene) => beReadOnly(scene, 'off'),
    disable: 'during',
    refusesWrites: true,
  },
  {
    name: 'clock 1 h ahead of ours',
    begin: async (scene) => turnClock(scene, 1),
    inspect: (scene) => whoDoesNotReport(scene, 3600),
    end: async (scene) => turnClock(scene, 0),
    disable: 'during',
  },
  {
    name: 'clock 1 h behind ours',
    begin: async (scene) => turnClock(scene, -1),
    inspect: (scene) => whoDoesNotReport(scene, -3600),
    end: async (scene) => turnClock(scene, 0),
    disable: 'during',
  },
]

const fullDisk: Fault = {
  name: 'disk full',
  begin: () => fill(join(volume ?? '', 'ballast')),
  end: async (scene) => {
    rmSync(join(volume ?? '', 'ballast'))
    // Without room for its log it may have given up; then its supervisor starts it.
    if (!scene.cluster().isRunning()) await scene.cluster().start()
    await untilWritable(scene)
  },
  disable: 'before',
  refusesWrites: true,
}

describe.skipIf(postgresPrograms === undefined)('while the database is ill', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(volume === undefined ? {} : { home: volume })
  })
  afterAll(async () => {
    await scene.close()
    if (volume === undefined) return
    execFileSync('umount', [volume])
    await rm(volume, { recursive: true })
  })

  it.each(faults)('$name', faultTimeout, async (fault) => {
    expect(await suffer(scene, fault)).toEqual([])
  })

  it.skipIf(volume === undefined)('disk full', faultTimeout, async () => {
    expect(await suffer(scene, fullDisk)).toEqual([])
  })
})

const ours = `from pg_stat_activity where application_name like 'countersign %'`

/** Others take every slot, those of the servers too, which they have had to let go of. */
async function useUpSlots({ cluster }: Scene): Promise<void> {
  let gone = 0
  for (let tries = 0; tries < 40; tries += 1) {
    while (await takeSlot(cluster().url()));
    const [left] = await cluster().admin<{ count: string }>(
      `select count(pg_terminate_backend(pid)) ${ours} and usename = 'countersign'`,
    )
    // A connection that is just being made has no name yet, and would be there a moment later.
    gone = left?.count === '0' ? gone + 1 : 0
    if (gone === 3) return
    await pause(20)
  }
  throw new Error('the slots cannot be used up')
}

async function takeSlot(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: 'greedy' })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch {
    return false
  }
  taken.push(client)
  return true
}

async function beReadOnly({ cluster }: Scene, value: 'on' | 'off'): Promise<void> {
  await cluster().admin(`alter role countersign set default_transaction_read_only = ${value}`)
  await cluster().admin(`select pg_terminate_backend(pid) ${ours} and usename = 'countersign'`)
}

/** The clock that the servers see; the machine's own stays as it is. */
async function turnClock({ cluster, proxy }: Scene, hours: number): Promise<void> {
  await cluster().admin(`
    create schema if not exists skewed;
    create or replace function skewed.clock_timestamp() returns timestamptz language sql volatile
      as 'select pg_catalog.clock_timestamp() + interval ''${hours} hours''';
    grant usage on schema skewed to countersign;
    alter role countersign set search_path = skewed, pg_catalog, public`)
  proxy.cut()
}

function whoDoesNotReport({ servers }: Scene, expected: number): readonly string[] {
  return servers.flatMap(({ log }, server) => {
    const told = log().findLast(({ seconds }) => seconds !== undefined)?.['seconds']
    const isRight = Math.abs(Number(told) - expected) < 10
    return isRight ? [] : [`server ${server} tells a difference of ${String(told)} s`]
  })
}

/** A volume that is soon full, where this process may mount one. */
async function smallVolume(): Promise<string | undefined> {
  const folder = await ownedFolder()
  try {
    const options = `size=${volumeMegabytes}m,mode=0777`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' })
    return folder
  } catch {
    process.stderr.write('NOT SHOWN: a full disk (no volume can be mounted here)\n')
    await rm(folder, { recursive: true })
    return undefined
  }
}

function fill(file: string): void {
  for (const size of [1024 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }
}

async function untilWritable({ cluster }: Scene): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await cluster().admin('create temporary table probe (one integer)')
      return
    } catch (error) {
      if (tries === 500) throw error
      await pause(20)
    }
  }
}

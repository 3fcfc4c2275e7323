import { describe, expect, it } from 'vitest'
import type { ReadThrough } from '../../src/memory/read-through.ts'
import { readThrough } from '../../src/memory/read-through.ts'

type Row = { readonly version: number }
type Waiting = { readonly key: 'a' | 'b'; least: number; overtaken: boolean }

const interleavings = 10_000

describe('a load that races with changes', () => {
  it(`leaves nothing stale in ${interleavings} seeded interleavings`, async () => {
    for (let seed = 1; seed <= interleavings; seed += 1) {
      expect(await playOut(seed), `seed ${seed}`).toEqual([])
    }
  })
})

const keys = ['a', 'b'] as const
type Key = (typeof keys)[number]

/**
 * Plays one interleaving of reads and changes over two keys, and returns what went wrong. In the end
 * everything that is remembered must be what the database holds.
 */
async function playOut(seed: number): Promise<readonly string[]> {
  const draw = generator(seed)
  const world = worldOf(draw)
  const asked: Promise<void>[] = []
  const moves = [
    (key: Key) => void asked.push(world.ask(key, true)),
    (key: Key) => void asked.push(world.ask(key, false)),
    (key: Key) => void asked.push(world.ask(key, false)),
    (key: Key) => world.change(key, draw(2) === 0),
    (key: Key) => world.change(key, draw(2) === 0),
    world.hearNews,
    world.hearNews,
    world.travel,
    world.travel,
    world.travel,
  ]
  for (let step = 0; step < 40; step += 1) {
    moves[draw(moves.length)]?.(keys[draw(2)] ?? 'a')
    await settle()
  }
  await world.comeToRest()
  await Promise.all(asked)
  await world.checkAll()
  return world.wrong
}

/**
 * A database answers a read with what was there when the read reached it, but the answer travels; a
 * change is committed, and the news of it travels too. Whoever asks after the news has arrived must
 * see the change, and so must whoever was waiting for an answer when it arrived (the first time; a
 * load is repeated once).
 */
function worldOf(draw: (below: number) => number) {
  const stored = { a: 0, b: 0 }
  const told = { a: 0, b: 0 }
  const underway: (() => void)[] = []
  const news: (() => void)[] = []
  const wrong: string[] = []
  const everyone = new Set<Waiting>()
  const memory: ReadThrough<Key, Row> = readThrough({
    entriesMax: 10,
    absentMax: 10,
    isFresh: () => true,
    load: async (key) =>
      new Promise((answer) => {
        underway.push(() => {
          const row = { version: stored[key] }
          underway.push(() => answer(row))
        })
      }),
  })
  const check = async (waiting: Waiting, answer: Promise<Row | undefined>): Promise<void> => {
    everyone.add(waiting)
    const row = await answer
    everyone.delete(waiting)
    if (row === undefined || row.version < waiting.least) {
      wrong.push(`${waiting.key} has changed to ${waiting.least}, got ${row?.version}`)
    }
  }
  const tell = (key: Key, version: number, shared: boolean): void => {
    memory.evict(key)
    if (shared) memory.markAll()
    told[key] = version
    for (const waiting of everyone) {
      if (waiting.overtaken || (waiting.key !== key && !shared)) continue
      if (waiting.key === key) waiting.least = version
      waiting.overtaken = true
    }
  }
  const travel = () => takeAny(underway, draw)?.()
  const comeToRest = async () => {
    while (news.length > 0) news.shift()?.()
    while (underway.length > 0) {
      travel()
      await settle()
    }
  }
  return {
    wrong,
    ask: async (key: Key, anew: boolean) =>
      check(
        { key, least: told[key], overtaken: false },
        anew ? memory.getAnew(key) : memory.get(key),
      ),
    change: (key: Key, shared: boolean) => {
      stored[key] += 1
      const version = stored[key]
      news.push(() => tell(key, version, shared))
    },
    hearNews: () => news.shift()?.(),
    travel,
    comeToRest,
    checkAll: async () => {
      for (const key of keys) {
        const last = check({ key, least: stored[key], overtaken: true }, memory.get(key))
        await comeToRest()
        await last
      }
    },
  }
}

function takeAny(tasks: (() => void)[], draw: (below: number) => number) {
  return tasks.splice(draw(tasks.length), 1)[0]
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
}

/** mulberry32: small, seeded, good enough to shuffle. Draws whole numbers below its argument. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return below === 0 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

describe('readThrough', () => {
  it('loads a key once for all who ask at the same time', async () => {
    let loads = 0
    const memory = rows(async () => ({ version: (loads += 1) }))
    const answers = await Promise.all([memory.get('a'), memory.get('a'), memory.get('a')])
    expect(answers).toEqual([{ version: 1 }, { version: 1 }, { version: 1 }])
  })

  it('does not take the answer of a load that began before it was asked to look anew', async () => {
    let stored = 1
    const answers: (() => void)[] = []
    const memory = rows(
      async () =>
        new Promise((answer) => {
          const row = { version: stored }
          answers.push(() => answer(row))
        }),
    )
    const before = memory.get('a')
    stored = 2
    const anew = memory.getAnew('a')
    answers.shift()?.()
    expect(await before).toEqual({ version: 1 })
    await settle()
    answers.shift()?.()
    expect(await anew).toEqual({ version: 2 })
  })

  it('remembers that a key does not exist only while it is fresh', async () => {
    let fresh = true
    let loads = 0
    const memory = rows(
      async () => {
        loads += 1
        return undefined
      },
      { isFresh: () => fresh },
    )
    await memory.get('a')
    await memory.get('a')
    expect(loads).toBe(1)
    fresh = false
    await memory.get('a')
    expect(loads).toBe(2)
  })

  it('finds a key that was created after it was looked for in vain', async () => {
    let row: Row | undefined
    const memory = rows(async () => row)
    expect(await memory.get('a')).toBeUndefined()
    row = { version: 1 }
    memory.evict('a')
    expect(await memory.get('a')).toEqual({ version: 1 })
  })

  it('forgets what was not used for longest when it is full', async () => {
    const loaded: string[] = []
    const memory = rows(
      async (key) => {
        loaded.push(key)
        return { version: 1 }
      },
      { entriesMax: 2 },
    )
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await memory.get(key)
    expect(loaded).toEqual(['a', 'b', 'c', 'b'])
  })

  it('does not remember a failed load, and tells it to all who waited', async () => {
    let broken = true
    const memory = rows(async () => {
      if (broken) throw new Error('away')
      return { version: 1 }
    })
    await expect(Promise.all([memory.get('a'), memory.get('a')])).rejects.toThrow('away')
    broken = false
    expect(await memory.get('a')).toEqual({ version: 1 })
  })

  it('keeps the entry, and what hangs on it, when a new look finds the same', async () => {
    const memory = rows(async () => ({ version: 1 }), {
      isSame: (known, found) => known.version === found.version,
    })
    const first = await memory.get('a')
    expect(await memory.getAnew('a')).toBe(first)
  })
})

function rows(
  load: (key: string) => Promise<Row | undefined>,
  options: Partial<Parameters<typeof readThrough<string, Row>>[0]> = {},
): ReadThrough<string, Row> {
  return readThrough({ entriesMax: 10, absentMax: 10, isFresh: () => true, ...options, load })
}

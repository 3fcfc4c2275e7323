import { describe, expect, it } from 'vitest'
import { lanes } from '../../src/crypto/lanes.ts'
import { Unavailable } from '../../src/domain/fault.ts'

/** Work that is done when it is told to be. */
function piece() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let started = false
  return {
    work: () => {
      started = true
      return promise
    },
    isStarted: () => started,
    finish: resolve,
    fail: reject,
  }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function pieces(count: number) {
  return Array.from({ length: count }, piece)
}

describe('lanes', () => {
  it('let as many pieces of work go on at once as they are wide', async () => {
    const { run } = lanes({ width: 2, queueMax: 9 })
    const all = pieces(4)
    const done = all.map(({ work }) => run(work))
    await settle()
    expect(all.map(({ isStarted }) => isStarted())).toEqual([true, true, false, false])

    all[1]?.finish('second')
    await settle()
    expect(all.map(({ isStarted }) => isStarted())).toEqual([true, true, true, false])

    for (const { finish } of all) finish('done')
    expect(await Promise.all(done)).toEqual(['done', 'second', 'done', 'done'])
  })

  it('serve first whoever came first', async () => {
    const { run } = lanes({ width: 1, queueMax: 9 })
    const order: number[] = []
    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        run(async () => {
          await settle()
          order.push(number)
        }),
      ),
    )
    expect(order).toEqual([1, 2, 3, 4])
  })

  it('refuse at once, and say when to come again, what would have to wait behind a full queue', async () => {
    const { run } = lanes({ width: 1, queueMax: 2 })
    const all = pieces(3)
    const done = all.map(({ work }) => run(work))
    const surplus = piece()
    const refused = run(surplus.work)
    await expect(refused).rejects.toThrow(Unavailable)
    await expect(refused).rejects.toMatchObject({ retryAfter: 1 })
    expect(surplus.isStarted()).toBe(false)

    all[0]?.finish('first')
    await done[0]
    const next = run(() => Promise.resolve('next'))
    for (const { finish } of all) finish('done')
    expect(await next).toBe('next')
    await Promise.all(done)
  })

  it('let nobody slip in front of those who wait', async () => {
    const { run } = lanes({ width: 1, queueMax: 9 })
    const order: string[] = []
    const first = run(() => Promise.resolve()).then(() => run(async () => order.push('newcomer')))
    const waiting = run(async () => order.push('waiting'))
    await Promise.all([first, waiting])
    expect(order).toEqual(['waiting', 'newcomer'])
  })

  it('are free again after work that failed, however it failed', async () => {
    const { run } = lanes({ width: 1, queueMax: 1 })
    const broken = new Error('broken')
    await expect(run(() => Promise.reject(broken))).rejects.toBe(broken)
    await expect(
      run(() => {
        throw broken
      }),
    ).rejects.toBe(broken)
    expect(await run(() => Promise.resolve('works'))).toBe('works')
  })

  it('are all free again when the work is done', async () => {
    const { run } = lanes({ width: 2, queueMax: 3 })
    await Promise.all(Array.from({ length: 5 }, () => run(settle)))
    const all = pieces(3)
    const done = all.map(({ work }) => run(work))
    await settle()
    expect(all.map(({ isStarted }) => isStarted())).toEqual([true, true, false])
    for (const { finish } of all) finish('done')
    await Promise.all(done)
  })
})

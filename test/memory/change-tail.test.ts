import { describe, expect, it, onTestFinished } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { milliseconds, seconds } from '../../src/domain/time.ts'
import { changeTail } from '../../src/memory/change-tail.ts'
import type { Event } from '../../src/ports/events.ts'
import type { LogPage } from '../../src/storage/changes.ts'
import { testClock } from '../support/clock.ts'

const page: LogPage = {
  epoch: 'one',
  timeline: 1,
  head: 0,
  headId: undefined,
  rows: [],
  databaseTime: milliseconds(0),
}

describe('freshness', () => {
  it('is counted from when the question was sent, not from when it was answered', async () => {
    const { tail, clock, answer } = await started()
    clock.turn(2)
    const round = tail.ensure()
    clock.turn(1)
    await answer()
    expect(await round).toBe('fresh')
    clock.turn(0.6)
    expect(tail.state()).toBe('stale')
  })

  it('lasts 1.5 s, and memory is stale until it is too old', async () => {
    const { tail, clock } = await started({ staleSeconds: 300 })
    clock.turn(1.5)
    expect(tail.state()).toBe('fresh')
    clock.turn(0.1)
    expect(tail.state()).toBe('stale')
    clock.turn(298)
    expect(tail.state()).toBe('stale')
    clock.turn(1)
    expect(tail.state()).toBe('too_old')
  })

  it('is over at once when the wall clock says that the process slept', async () => {
    const { tail, clock } = await started()
    clock.setWall(3)
    expect(tail.state()).toBe('stale')
  })

  it('does not come back when the wall clock is set back', async () => {
    const { tail, clock } = await started()
    clock.turn(3)
    clock.setWall(-3)
    expect(tail.state()).toBe('stale')
  })

  it('is too old from the start, until the log was read once', async () => {
    const { tail } = build({ read: async () => undefined })
    expect(tail.state()).toBe('too_old')
    await tail.start()
    expect(tail.state()).toBe('too_old')
  })
})

describe('a request that finds memory no longer fresh', () => {
  it('joins one round, and is answered when it is over', async () => {
    const { tail, clock, answer, asked } = await started()
    clock.turn(3)
    const waiting = [tail.ensure(), tail.ensure()]
    expect(asked()).toBe(2)
    await answer()
    expect(await Promise.all(waiting)).toEqual(['fresh', 'fresh'])
    expect(asked()).toBe(2)
  })

  it('does not believe a round that was sent before the process was stopped', async () => {
    const { tail, clock, answer, asked } = await started()
    clock.turn(1.6)
    const joined = tail.ensure()
    clock.turn(3)
    await answer()
    expect(asked()).toBe(3)
    await answer()
    expect(await joined).toBe('fresh')
  })

  it('asks again when the round that failed was sent before the process was stopped', async () => {
    const { tail, clock, answer, fail } = await started()
    clock.turn(1.6)
    const early = tail.ensure()
    clock.turn(3)
    await fail()
    await answer()
    expect(await early).toBe('fresh')
  })

  it('does not wait again after a round that failed just now: memory is stale', async () => {
    const { tail, clock, fail, asked } = await started()
    clock.turn(3)
    const first = tail.ensure()
    await fail()
    expect(await first).toBe('stale')
    expect(await tail.ensure()).toBe('stale')
    expect(asked()).toBe(2)
  })

  it('waits half a second for a round that does not end, and then memory is stale', async () => {
    const { tail, clock, asked } = await started()
    clock.turn(3)
    expect(await tail.ensure()).toBe('stale')
    expect(asked()).toBe(2)
  })

  it('is told to come again when nothing may be stale', async () => {
    const { tail, clock, fail } = await started({ staleSeconds: 0 })
    clock.turn(3)
    const outcome = tail.ensure().catch((fault: unknown) => fault)
    await fail()
    expect(await outcome).toBeInstanceOf(Unavailable)
  })
})

describe('the tail', () => {
  it('reports once that the log cannot be read, and once that it can again', async () => {
    const { tail, clock, answer, fail, events } = await started()
    for (const end of [fail, fail, answer]) {
      clock.turn(3)
      const round = tail.ensure().catch(() => undefined)
      await end()
      await round
    }
    expect(events.map(({ kind }) => kind)).toEqual(['tail_failed', 'tail_recovered'])
  })

  it('refuses a standby', async () => {
    const { tail, events } = build({ read: async () => undefined })
    await tail.start()
    await expect(tail.ensure()).rejects.toThrow(Unavailable)
    expect(events).toMatchObject([
      { kind: 'tail_failed', error: { message: expect.stringMatching(/standby/) as string } },
    ])
  })
})

type Wishes = {
  readonly read: (from: number | undefined) => Promise<LogPage | undefined>
  readonly staleSeconds?: number
}

function build({ read, staleSeconds = 300 }: Wishes) {
  const clock = testClock()
  const events: Event[] = []
  const tail = changeTail({
    read,
    onHint: () => undefined,
    follower: { position: () => 0, follow: async () => false },
    compareClock: () => undefined,
    clock,
    events: { record: (event) => void events.push(event) },
    staleAgeMax: milliseconds(seconds(staleSeconds) * 1000),
  })
  onTestFinished(async () => tail.stop())
  return { tail, clock, events }
}

/** A tail that has read the log once; its further rounds end when the test says so. */
async function started(wishes: Pick<Wishes, 'staleSeconds'> = {}) {
  const rounds: { readonly answer: () => void; readonly fail: () => void }[] = []
  let asked = 0
  const built = build({
    ...wishes,
    read: async () => {
      asked += 1
      if (asked === 1) return page
      return new Promise((resolve, reject) => {
        rounds.push({ answer: () => resolve(page), fail: () => reject(new Error('away')) })
      })
    },
  })
  await built.tail.start()
  const next = async (end: 'answer' | 'fail') => {
    const round = rounds.shift()
    if (round === undefined) throw new Error('no round is under way')
    round[end]()
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  onTestFinished(() => rounds.forEach(({ answer }) => answer()))
  return {
    ...built,
    asked: () => asked,
    answer: async () => next('answer'),
    fail: async () => next('fail'),
  }
}

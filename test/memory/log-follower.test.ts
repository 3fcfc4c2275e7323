import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { logFollower } from '../../src/memory/log-follower.ts'
import type { LogPage, LogRow } from '../../src/storage/changes.ts'
import { pageRowsMax } from '../../src/storage/changes.ts'

function row(position: number, id = `id ${position}`): LogRow {
  return { position, id, kind: 'principal', organization: undefined, subject: `s${position}` }
}

function page(rows: readonly LogRow[], rest: Partial<LogPage> = {}): LogPage {
  const last = rows.at(-1)
  return {
    epoch: 'one',
    timeline: 1,
    head: last?.position ?? 0,
    headId: last?.id,
    rows,
    databaseTime: milliseconds(0),
    ...rest,
  }
}

function follower() {
  const applied: string[] = []
  const startedOver: (string | undefined)[] = []
  const follow = logFollower({
    apply: async ({ subject }) => void applied.push(subject),
    startOver: async (why) => void startedOver.push(why),
  })
  return { ...follow, applied, startedOver }
}

/** A follower that knows the log up to position 3. */
async function at3() {
  const reader = follower()
  await reader.follow(page([row(3)]))
  return reader
}

describe('following the change log', () => {
  it('begins at the head: before that nothing is remembered', async () => {
    const reader = await at3()
    expect(reader.position()).toBe(3)
    expect(reader.applied).toEqual([])
    expect(reader.startedOver).toEqual([undefined])
  })

  it('applies each change once, in order', async () => {
    const reader = await at3()
    await reader.follow(page([row(3), row(4), row(5)]))
    await reader.follow(page([row(5), row(6)]))
    expect(reader.applied).toEqual(['s4', 's5', 's6'])
    expect(reader.position()).toBe(6)
  })

  it('follows a log that was empty when it began', async () => {
    const reader = follower()
    await reader.follow(page([]))
    await reader.follow(page([row(1), row(2)]))
    expect(reader.applied).toEqual(['s1', 's2'])
  })

  it('reads on after a full page', async () => {
    const reader = await at3()
    const rows = Array.from({ length: pageRowsMax }, (_, index) => row(3 + index))
    expect(await reader.follow(page(rows, { head: 5000 }))).toBe(true)
    expect(reader.startedOver).toEqual([undefined])
    expect(await reader.follow(page([row(pageRowsMax + 2), row(pageRowsMax + 3)]))).toBe(false)
  })

  const strange: Record<string, LogPage> = {
    'the last row known is another one': page([row(3, 'other'), row(4)]),
    'the last row known is gone': page([row(4)]),
    'the log has a gap': page([row(3), row(4), row(6)]),
    'the log does not reach its head': page([row(3)], { head: 4 }),
    'the log has a new epoch': page([row(3), row(4)], { epoch: 'two' }),
    'a standby has taken over': page([row(3), row(4)], { timeline: 2 }),
  }
  for (const [why, found] of Object.entries(strange)) {
    it(`starts over, at the head, when ${why}`, async () => {
      const reader = await at3()
      await reader.follow(found)
      expect(reader.startedOver).toEqual([undefined, why])
      expect(reader.applied).toEqual([])
      expect(reader.position()).toBe(found.head)
    })
  }

  it('starts over when the log was rolled back to nothing', async () => {
    const reader = await at3()
    await reader.follow(page([]))
    expect(reader.startedOver).toEqual([undefined, 'the last row known is gone'])
  })

  it('refuses the database that a standby has replaced', async () => {
    const reader = follower()
    await reader.follow(page([row(3)], { timeline: 2 }))
    await expect(reader.follow(page([row(3), row(4)], { timeline: 1 }))).rejects.toThrow(
      Unavailable,
    )
    expect(reader.applied).toEqual([])
  })

  it('follows another log to an older timeline: a backup restored elsewhere', async () => {
    const reader = follower()
    await reader.follow(page([row(3)], { timeline: 2 }))
    await reader.follow(page([row(3), row(4)], { timeline: 1, epoch: 'two' }))
    expect(reader.startedOver).toEqual([undefined, 'the log has a new epoch'])
  })

  it('begins anew after a change that could not be applied to the end', async () => {
    let broken = true
    const startedOver: unknown[] = []
    const reader = logFollower({
      apply: async () => undefined,
      startOver: async (why) => {
        startedOver.push(why)
        if (broken) throw new Error('the keys cannot be read')
      },
    })
    await expect(reader.follow(page([row(3)]))).rejects.toThrow('the keys cannot be read')
    broken = false
    await reader.follow(page([row(3)]))
    expect(startedOver).toEqual([undefined, undefined])
    expect(reader.position()).toBe(3)
  })
})

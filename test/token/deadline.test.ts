import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { withDeadline } from '../../src/token/deadline.ts'

describe('an answer of the token plane', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('that does not come is "come again" after 1.5 s, counted for each', async () => {
    const wait = withDeadline(async () => new Promise(() => undefined))
    const never = async () => wait().catch((fault: unknown) => fault)
    let laterIsOver = false
    const first = never()
    await vi.advanceTimersByTimeAsync(1000)
    const later = never().finally(() => (laterIsOver = true))
    await vi.advanceTimersByTimeAsync(500)
    expect(await first).toBeInstanceOf(Unavailable)
    expect(laterIsOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await later).toBeInstanceOf(Unavailable)
  })

  it('that comes in time is as it is, a fault too, and leaves no timer', async () => {
    const echo = withDeadline(async (text: string) => text)
    const fail = withDeadline(async () => Promise.reject(new Error('ours')))
    expect(await echo('token')).toBe('token')
    await expect(fail()).rejects.toThrow('ours')
    await vi.advanceTimersByTimeAsync(100)
    expect(vi.getTimerCount()).toBe(0)
  })
})

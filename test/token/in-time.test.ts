import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { inTime } from '../../src/token/in-time.ts'

describe('an answer of the token plane', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('that does not come is "come again" after 1.5 s', async () => {
    const outcome = inTime(new Promise(() => undefined)).catch((fault: unknown) => fault)
    await vi.advanceTimersByTimeAsync(1500)
    expect(await outcome).toBeInstanceOf(Unavailable)
  })

  it('that comes in time is as it is, a fault too, and leaves no timer', async () => {
    expect(await inTime(Promise.resolve('token'))).toBe('token')
    await expect(inTime(Promise.reject(new Error('ours')))).rejects.toThrow('ours')
    expect(vi.getTimerCount()).toBe(0)
  })
})

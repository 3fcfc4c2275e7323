import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hourly } from '../../src/jobs/hourly.ts'

const hour = 60 * 60 * 1000

describe('what is done hourly', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is done at once, again after each hour, and not any more once it is stopped', async () => {
    let done = 0
    const stop = hourly(async () => {
      done += 1
    })
    expect(done).toBe(1)
    await vi.advanceTimersByTimeAsync(hour - 1)
    expect(done).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(done).toBe(2)
    await vi.advanceTimersByTimeAsync(2 * hour)
    expect(done).toBe(4)
    await stop()
    await vi.advanceTimersByTimeAsync(2 * hour)
    expect(done).toBe(4)
  })

  it('is waited for by whoever stops it', async () => {
    const gate = Promise.withResolvers<void>()
    const stop = hourly(async () => gate.promise)
    let isStopped = false
    const stopping = async () => {
      await stop()
      isStopped = true
    }
    const stopped = stopping()
    await vi.advanceTimersByTimeAsync(hour)
    expect(isStopped).toBe(false)
    gate.resolve()
    await stopped
    expect(isStopped).toBe(true)
  })
})

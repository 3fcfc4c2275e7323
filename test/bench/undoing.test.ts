import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { undoing } from '../../bench/undoing.ts'

describe('what the bench has set up', () => {
  it('is undone, the last first, whatever fails', async () => {
    const told: string[] = []
    const done: string[] = []
    const { after, undo } = undoing((line) => told.push(line))
    after(async () => done.push('first'))
    after(async () => Promise.reject(new Error('second')))
    after(async () => done.push('third'))
    await undo()
    expect(done).toEqual(['third', 'first'])
    expect(told).toEqual(['could not clean up: Error: second'])
  })

  it('is undone when anybody who asked is told so, and once', async () => {
    let times = 0
    const { after, undo } = undoing(() => undefined)
    after(async () => {
      await pause(20)
      times += 1
    })
    void undo()
    await undo()
    expect(times).toBe(1)
  })

  it('is all there is: nothing is set up after the end', async () => {
    const { after, undo } = undoing(() => undefined)
    await undo()
    expect(() => after(async () => undefined)).toThrow('it is over')
  })
})

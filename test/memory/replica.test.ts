import { describe, expect, it } from 'vitest'
import { replica } from '../../src/memory/replica.ts'

describe('a replica', () => {
  it('keeps what was asked for last, even if that came first', async () => {
    const answers: ((value: string) => void)[] = []
    const keys = replica(async () => new Promise<string>((answer) => answers.push(answer)), 'none')
    const [slow, quick] = [keys.reload(), keys.reload()]
    answers[1]?.('new')
    await quick
    answers[0]?.('old')
    await slow
    expect(keys.get()).toBe('new')
  })

  it('keeps what it knows when it cannot be read, and says so', async () => {
    let away = false
    const keys = replica(async () => {
      if (away) throw new Error('away')
      return 'known'
    }, 'none')
    expect(keys.get()).toBe('none')
    await keys.reload()
    away = true
    await expect(keys.reload()).rejects.toThrow('away')
    expect(keys.get()).toBe('known')
  })
})

import { describe, expect, it } from 'vitest'
import { latencyOf, quotients, rateOf, spreadOf } from '../../bench/measure.ts'

describe('the figures of the bench', () => {
  it('are values that were measured: the nearest rank', () => {
    const latencies = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(latencyOf([{ latencies }])).toEqual({ p50: 100, p99: 198 })
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 })
    expect(spreadOf([7])).toEqual({ median: 7, least: 7, most: 7 })
  })

  it('take the turns of a window together', () => {
    const turns = [
      { milliseconds: 500, latencies: [1, 2, 3], cpu: 300, waiting: 50 },
      { milliseconds: 1500, latencies: [9], cpu: 100, waiting: 150 },
    ]
    expect(rateOf(turns)).toEqual({ perSecond: 2, cpuPerAnswer: 100, waited: 0.1 })
    expect(latencyOf(turns)).toEqual({ p50: 2, p99: 9 })
  })

  it('compare within a round, so that a slow round is no difference', () => {
    expect(quotients([10, 90, 40], [20, 100, 80])).toEqual({ median: 0.5, least: 0.5, most: 0.9 })
  })

  it('are none if nothing came', () => {
    expect(() => latencyOf([])).toThrow('nothing was measured')
  })
})

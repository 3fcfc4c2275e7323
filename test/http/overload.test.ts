import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/time.ts'
import { overload } from '../../src/http/overload.ts'

const tokenMilliseconds = 0.1
const shedMilliseconds = 0.025
const eventsAtATime = 1024

/**
 * An event loop as Node's is, with a clock of its own: it takes what has arrived, up to 1024 events
 * at a time; if there were as many it looks for more, else its turn ends.
 */
function eventLoop() {
  let clock = 0
  const turnEnds: (() => void)[] = []
  const { mustShed } = overload({
    now: () => milliseconds(clock),
    atTurnEnd: (callback) => void turnEnds.push(callback),
  })
  const served: number[] = []
  let shed = 0
  return {
    served,
    shed: () => shed,
    now: () => clock,
    /** Something else that takes its time, such as a collection of garbage. */
    pause: (pauseMilliseconds: number) => void (clock += pauseMilliseconds),
    /** Lives through requests that arrive at these times. */
    run: (arrivals: readonly number[], answered: () => void = () => undefined) => {
      let next = 0
      const answer = (arrived: number) => {
        const isShed = mustShed()
        clock += isShed ? shedMilliseconds : tokenMilliseconds
        if (isShed) shed += 1
        else served.push(clock - arrived)
        answered()
      }
      /** Takes what is there, and says whether there may be more. */
      const take = (): boolean => {
        const ready = arrivals.slice(next, next + eventsAtATime).filter((at) => at <= clock)
        next += ready.length
        ready.forEach(answer)
        return ready.length === eventsAtATime
      }
      while (next < arrivals.length) {
        clock = Math.max(clock, arrivals[next] ?? 0)
        while (take());
        turnEnds.splice(0).forEach((callback) => callback())
      }
    },
  }
}

const evenly = (perMillisecond: number, lasting: number, from = 0) =>
  Array.from({ length: lasting * perMillisecond }, (_, index) => from + index / perMillisecond)

const p99 = (latencies: readonly number[]) =>
  latencies.toSorted((a, b) => a - b)[Math.ceil(latencies.length * 0.99) - 1]

describe('overload', () => {
  it.each([0.5, 0.9])('is not at %s of what the process can do', (factor) => {
    const loop = eventLoop()
    loop.run(evenly(factor / tokenMilliseconds, 3000))
    expect(loop.shed()).toBe(0)
  })

  it.each([1.2, 2, 2.5])(
    'at %s of what it can do, leaves most of that for those who are served, and soon',
    (factor) => {
      const loop = eventLoop()
      loop.run(evenly(factor / tokenMilliseconds, 5000))
      expect(loop.served.length * tokenMilliseconds).toBeGreaterThan(0.5 * loop.now())
      expect(p99(loop.served)).toBeLessThan(100)
      expect(loop.shed()).toBeGreaterThan(0)
    },
  )

  it.each([2, 2.5, 3, 3.5])(
    'at %s of what it can do, with 5000 more at once, soon serves as soon as before',
    (factor) => {
      const loop = eventLoop()
      const crowd = Array.from({ length: 5000 }, () => 0)
      loop.run([...crowd, ...evenly(factor / tokenMilliseconds, 5000)])
      expect(p99(loop.served.slice(-2000))).toBeLessThan(100)
    },
  )

  it('of a process that cannot even send away all who come leaves some who are served', () => {
    const loop = eventLoop()
    loop.run(evenly(4.5 / tokenMilliseconds, 2000))
    expect(loop.served.length * tokenMilliseconds).toBeGreaterThan(0.08 * loop.now())
  })

  it('ends with the load', () => {
    const loop = eventLoop()
    loop.run(evenly(20, 1000))
    const before = loop.shed()
    loop.run(evenly(8, 1000, loop.now() + 50))
    expect(loop.shed()).toBe(before)
  })

  it('is not one long turn, however many wait behind it', () => {
    const loop = eventLoop()
    let count = 0
    loop.run(evenly(5, 2000), () => {
      count += 1
      if (count % 4000 === 0) loop.pause(100)
    })
    expect(loop.shed()).toBe(0)
    expect(Math.max(...loop.served)).toBeGreaterThanOrEqual(100)
  })

  it('is not a turn of few requests, however slow', () => {
    const loop = eventLoop()
    const slow = () => loop.pause(2)
    loop.run(
      Array.from({ length: 6400 }, (_, index) => Math.floor(index / 64) * 200),
      slow,
    )
    expect(loop.shed()).toBe(0)
  })
})

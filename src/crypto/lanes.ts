import { Unavailable } from '../domain/fault.ts'
import { seconds } from '../domain/time.ts'
import type { LaneVitals } from '../ports/vitals.ts'

const retryAfter = seconds(1)

export type Lanes = {
  /** Does the work as soon as a lane is free. Throws `Unavailable` if too many wait already. */
  readonly run: <Value>(work: () => Promise<Value>) => Promise<Value>
  readonly vitals: () => LaneVitals
}

/** Lets `width` pieces of work go on at a time, and at most `queueMax` wait, first come, first served. */
export function lanes({
  width,
  queueMax,
}: {
  readonly width: number
  readonly queueMax: number
}): Lanes {
  const waiting: (() => void)[] = []
  let busy = 0
  let refusedCount = 0

  async function enter(): Promise<void> {
    if (busy < width) {
      busy += 1
      return
    }
    if (waiting.length >= queueMax) {
      refusedCount += 1
      throw new Unavailable('the hashing lanes are full', retryAfter)
    }
    // Whoever leaves hands the lane over, so that a newcomer cannot slip in between.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) busy -= 1
    else next()
  }

  return {
    run: async (work) => {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
    vitals: () => ({ width, running: busy, queued: waiting.length, refusedCount }),
  }
}

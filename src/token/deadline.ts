import { Unavailable } from '../domain/fault.ts'
import { seconds } from '../domain/time.ts'

const lookEveryMilliseconds = 100
const looksMax = 15
const retryAfter = seconds(1)

/**
 * A verb whose answer is `Unavailable` when it takes too long.
 *
 * Several waits for a database that is ill, each within its limit, add up to more than a caller
 * waits; so after about 1.5 s the answer is "come again". What was begun goes on, and what it finds
 * is remembered for whoever does.
 *
 * One timer serves all that wait: a timer for each would cost a hundredth of a token.
 */
export function withDeadline<Given extends readonly unknown[], Answer>(
  verb: (...given: Given) => Promise<Answer>,
): (...given: Given) => Promise<Answer> {
  const waiting = new Set<{ readonly since: number; readonly giveUp: () => void }>()
  let looks = 0
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    looks += 1
    for (const one of waiting) {
      // They are in the order in which they came.
      if (looks - one.since < looksMax) break
      waiting.delete(one)
      one.giveUp()
    }
    if (waiting.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return async (...given) =>
    new Promise((resolve, reject) => {
      const one = {
        since: looks,
        giveUp: () => reject(new Unavailable('no answer in time', retryAfter)),
      }
      waiting.add(one)
      timer ??= setInterval(look, lookEveryMilliseconds)
      void (async () => {
        try {
          resolve(await verb(...given))
        } catch (fault) {
          reject(fault)
        } finally {
          waiting.delete(one)
        }
      })()
    })
}

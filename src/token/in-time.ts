import { Unavailable } from '../domain/fault.ts'
import { seconds } from '../domain/time.ts'

const answerMillisecondsMax = 1500
const retryAfter = seconds(1)

/**
 * The answer of a verb, or `Unavailable` when it takes too long: several waits for a database that is
 * ill, each within its limit, add up to more than a caller waits. What was begun goes on, and what it
 * finds is remembered, so whoever comes again finds it there.
 */
export async function inTime<Answer>(work: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Unavailable('no answer in time', retryAfter))
    }, answerMillisecondsMax)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

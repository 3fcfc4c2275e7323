import { milliseconds } from '../domain/time.ts'

/** Far more than a look at the database and a hash take, and nothing that a caller would notice. */
export const refusalTime = milliseconds(10)

/**
 * Does the work, and keeps a no back until the same time has passed since the beginning, whatever
 * the work was: a row that is there takes longer to read than one that is not, and thousands of
 * tries would show it. Under so much load that the work takes longer, its differences drown.
 */
export async function constantTimeRefusal<Outcome extends { readonly ok: boolean }>(
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const { promise: due, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, refusalTime, undefined)
  try {
    const outcome = await work()
    if (!outcome.ok) await due
    return outcome
  } finally {
    clearTimeout(timer)
  }
}

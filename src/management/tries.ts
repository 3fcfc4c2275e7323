import type { Result } from '../domain/result.ts'

/**
 * Does what a try was counted for. It stays counted if it fails for this reason; anything else, a
 * fault too, tells nothing of who tried, and is given back.
 */
export async function givenBackUnless<Value, Refusal extends { readonly reason: string }>(
  failure: Refusal['reason'],
  giveBack: () => void,
  work: () => Promise<Result<Value, Refusal>>,
): Promise<Result<Value, Refusal>> {
  let isFailure = false
  try {
    const outcome = await work()
    isFailure = !outcome.ok && outcome.refusal.reason === failure
    return outcome
  } finally {
    if (!isFailure) giveBack()
  }
}

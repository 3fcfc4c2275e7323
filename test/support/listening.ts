import type { CloseLimits, Listening } from '../../src/cli/listen.ts'
import { listen } from '../../src/cli/listen.ts'
import { milliseconds } from '../../src/domain/time.ts'
import type { Rooms } from '../../src/http/app.ts'

/** Waits for no idle connection, and hardly for a request. */
export const soon: CloseLimits = { idle: milliseconds(0), deadline: milliseconds(100) }

/** Listens on loopback; port 0 takes any that is free. */
export async function listening(rooms: Rooms, port = 0): Promise<Listening> {
  const outcome = await listen(rooms, { host: '127.0.0.1', port })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value
}

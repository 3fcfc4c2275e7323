import type { Listening } from '../../src/cli/listen.ts'
import { listen } from '../../src/cli/listen.ts'
import type { Rooms } from '../../src/http/app.ts'

/** Listens on loopback; port 0 takes any that is free. */
export async function listening(rooms: Rooms, port = 0): Promise<Listening> {
  const outcome = await listen(rooms, { host: '127.0.0.1', port })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value
}

import type { CloseLimits, Listening, ListenOptions } from '../../src/cli/listen.ts'
import { listen } from '../../src/cli/listen.ts'
import { random } from '../../src/crypto/random.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { systemClock } from '../../src/house.ts'
import type { Rooms } from '../../src/http/app.ts'

/** Waits for no idle connection, and hardly for a request. */
export const soon: CloseLimits = { idle: milliseconds(0), deadline: milliseconds(100) }

/** A room that answers everything, and nothing before it. */
export function roomsOf(fetch: Rooms['fetch']): Rooms {
  const unavailable = { status: 503, headers: {}, body: null }
  const sayUnavailable = () => unavailable
  return { fetch, answerDirectly: () => false, neverShed: new Set(), sayUnavailable }
}

/** Listens on loopback; port 0 takes any that is free. */
export async function listening(
  rooms: Rooms,
  port = 0,
  options: Partial<ListenOptions> = {},
): Promise<Listening> {
  const events = { record: () => undefined }
  const all = { clock: systemClock, random: random(systemClock), events, ...options }
  const outcome = await listen(rooms, { host: '127.0.0.1', port }, all)
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value
}

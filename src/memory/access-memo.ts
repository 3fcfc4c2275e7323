import type { Audience } from '../domain/api.ts'
import type { Client } from '../domain/client.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import type { Reach } from '../ports/clients.ts'

/** What clients hold at APIs, as it was worked out. */
export type AccessMemo = {
  /** Grows with every change of anything shared. */
  readonly version: () => number
  readonly forgetAll: () => void
  readonly get: (client: Client, audience: Audience, now: NumericDate) => Reach | undefined
  readonly set: (client: Client, reach: Reach) => Reach
  readonly isCurrent: (client: Client, reach: Reach) => boolean
}

/** Of one client. Most need one or two. */
const audiencesMax = 100

/**
 * Access is worked out once and remembered with the version of everything shared. It goes with the
 * client's entry (the map is weak), with any change of anything shared, and with the end of a
 * binding.
 */
export function accessMemo(): AccessMemo {
  type Memo = { readonly version: number; readonly reach: Reach }
  const memos = new WeakMap<Client, Map<Audience, Memo>>()
  let version = 0
  const current = (client: Client, audience: Audience): Reach | undefined => {
    const memo = memos.get(client)?.get(audience)
    return memo?.version === version ? memo.reach : undefined
  }
  return {
    version: () => version,
    forgetAll: () => void (version += 1),
    get: (client, audience, now) => {
      const reach = current(client, audience)
      return reach === undefined || hasEnded(reach.access.changesAt, now) ? undefined : reach
    },
    set: (client, reach) => {
      const ofClient = memos.get(client) ?? new Map<Audience, Memo>()
      if (ofClient.size >= audiencesMax) ofClient.clear()
      memos.set(client, ofClient.set(reach.api.audience, { version, reach }))
      return reach
    },
    isCurrent: (client, reach) => current(client, reach.api.audience) === reach,
  }
}

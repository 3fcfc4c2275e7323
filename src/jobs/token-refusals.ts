import type { ClientId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Event } from '../ports/events.ts'
import type { Database } from '../storage/database.ts'
import type { TokenRefusals } from '../storage/token-refusals.ts'
import { addTokenRefusals, findClientIds, traceIdsMax } from '../storage/token-refusals.ts'

type Refused = Event & { readonly kind: 'token_refused' }

/** Refusals of one reason from one network, as they are counted until they are written. */
type Pending = {
  readonly client: string
  readonly firstAt: NumericDate
  lastAt: NumericDate
  count: number
  last: Refused
  readonly traceIds: string[]
}

const pendingMax = 1000
const pendingPerNetworkMax = 50
const factsCharactersMax = 1000
const userAgentCharactersMax = 200

/**
 * Counts refused token requests until they are written: by client, reason and network. Whoever
 * guesses ids names a new client each time, so callers of a network that names many are counted
 * together, as those are who name a client that is not there.
 */
export function tokenRefusalBatch() {
  let pending = new Map<string, Pending>()
  let networks = new Map<string, number>()
  let dropped = 0

  const pendingFor = (event: Refused, at: NumericDate): Pending | undefined => {
    const { network } = event.caller
    const client = event.reason === 'client_unknown' ? '' : (event.client ?? '')
    const known = pending.get(`${client} ${event.reason} ${network}`)
    if (known !== undefined) return known
    const ofNetwork = networks.get(network) ?? 0
    const counted = ofNetwork < pendingPerNetworkMax ? client : ''
    const key = `${counted} ${event.reason} ${network}`
    const others = pending.get(key)
    if (others !== undefined) return others
    if (pending.size === pendingMax) return undefined
    networks.set(network, ofNetwork + 1)
    const added: Pending = {
      client: counted,
      firstAt: at,
      lastAt: at,
      count: 0,
      last: event,
      traceIds: [],
    }
    pending.set(key, added)
    return added
  }
  return {
    add: (event: Refused, at: NumericDate): void => {
      const counted = pendingFor(event, at)
      if (counted === undefined) {
        dropped += 1
        return
      }
      counted.count += 1
      counted.last = event
      counted.lastAt = at
      counted.traceIds.push(event.caller.traceId)
      if (counted.traceIds.length > traceIdsMax) counted.traceIds.shift()
    },
    /** Everything since the last time, and how many were left out. */
    take: () => {
      const taken = { rows: [...pending.values()], dropped }
      pending = new Map()
      networks = new Map()
      dropped = 0
      return taken
    },
  }
}

/** Writes a batch, with the clients that are not there as nobody. */
export async function writeTokenRefusals(db: Database, rows: readonly Pending[]): Promise<void> {
  const ids = rows.flatMap(({ last }) => (last.client === undefined ? [] : [last.client]))
  const known = await findClientIds(db, [...new Set(ids)])
  await addTokenRefusals(db, together(rows.map((row) => refusalsOf(row, known))))
}

function refusalsOf(row: Pending, known: ReadonlyMap<string, ClientId>): TokenRefusals {
  const { last, count, firstAt, lastAt, traceIds } = row
  const client = known.get(row.client)
  const facts = JSON.stringify(last.facts)
  return {
    client,
    reason: last.reason,
    network: last.caller.network,
    count,
    firstAt,
    lastAt,
    named: client === undefined ? last.client : undefined,
    facts: facts.length > factsCharactersMax ? undefined : facts,
    userAgent: last.caller.userAgent?.slice(0, userAgentCharactersMax),
    traceIds: traceIds.toReversed(),
  }
}

/** One row for each key: several clients can have turned out to be nobody. */
function together(all: readonly TokenRefusals[]): readonly TokenRefusals[] {
  const rows = new Map<string, TokenRefusals>()
  for (const one of all) {
    const key = `${one.client ?? ''} ${one.reason} ${one.network}`
    const other = rows.get(key)
    rows.set(key, other === undefined ? one : joined(other, one))
  }
  return [...rows.values()]
}

function joined(a: TokenRefusals, b: TokenRefusals): TokenRefusals {
  const [older, newer] = a.lastAt > b.lastAt ? [b, a] : [a, b]
  return {
    ...newer,
    count: a.count + b.count,
    firstAt: a.firstAt < b.firstAt ? a.firstAt : b.firstAt,
    traceIds: [...newer.traceIds, ...older.traceIds].slice(0, traceIdsMax),
  }
}

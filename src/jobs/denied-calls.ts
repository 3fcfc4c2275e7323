import type { Actor } from '../domain/audit.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Event } from '../ports/events.ts'
import type { DeniedCall } from '../storage/denied-calls.ts'

type Denied = Event & { readonly kind: 'management_denied' }

const pendingMax = 1000
const pendingPerOrganizationMax = 100
const pendingPerActorMax = 20

/**
 * Keeps denied calls until they are written, a few of each organization and fewer of each actor, so
 * that none is crowded out.
 */
export function deniedCallBatch() {
  let pending: DeniedCall[] = []
  let counts = new Map<OrganizationId | undefined, number>()
  let countsOfActors = new Map<string, number>()
  let dropped = 0
  return {
    add: (event: Denied, at: NumericDate): void => {
      const call = deniedCall(event, at)
      const count = counts.get(call.organization) ?? 0
      const countOfActor = countsOfActors.get(call.actor.id) ?? 0
      const isTooMuch = count === pendingPerOrganizationMax || countOfActor === pendingPerActorMax
      if (isTooMuch || pending.length === pendingMax) {
        dropped += 1
        return
      }
      counts.set(call.organization, count + 1)
      countsOfActors.set(call.actor.id, countOfActor + 1)
      pending.push(call)
    },
    /** Everything since the last time, and how many were left out. */
    take: () => {
      const taken = { rows: pending, dropped }
      pending = []
      counts = new Map()
      countsOfActors = new Map()
      dropped = 0
      return taken
    },
  }
}

/**
 * It belongs to the organization of who called. One whose name a stranger called learns nothing of
 * that: it would learn of ids that are not its own.
 */
function deniedCall(event: Denied, at: NumericDate): DeniedCall {
  const { actor, operation, reason, organization: target, caller } = event
  return {
    organization: 'organization' in actor ? actor.organization : undefined,
    at,
    operation,
    reason,
    target,
    actor: { type: actor.type, id: actor.id, name: actor.name },
    client: clientOf(actor),
    traceId: caller.traceId,
    network: caller.network,
  }
}

function clientOf(actor: Actor): DeniedCall['client'] {
  return 'by' in actor && actor.by.type === 'token' ? actor.by.client : undefined
}

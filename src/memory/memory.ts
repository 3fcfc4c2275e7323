import type { LoggedChange } from '../domain/change.ts'
import { unreachable } from '../domain/brand.ts'
import { parseClientId } from '../domain/id.ts'
import type { Milliseconds, Seconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Spans } from '../ports/spans.ts'
import { readChanges } from '../storage/changes.ts'
import {
  findApiTerms,
  findClient,
  findGroupTerms,
  findOrganizationTerms,
  findRoleTerms,
} from '../storage/clients.ts'
import type { Database } from '../storage/database.ts'
import type { RememberedAttempts } from './attempts.ts'
import type { FailuresMax } from './attempts.ts'
import { rememberedAttempts } from './attempts.ts'
import type { ChangeTail } from './change-tail.ts'
import { changeTail } from './change-tail.ts'
import type { ClientSource, RememberedClients } from './clients.ts'
import { rememberedClients } from './clients.ts'
import { logFollower } from './log-follower.ts'

type Needs = {
  readonly db: Database
  readonly clock: Clock
  readonly events: Events
  readonly secrets: Pick<Secrets, 'sameTag'>
  readonly reloadKeys: () => Promise<void>
  /** Is not waited for: an API may be signed with something that there is no key for yet. */
  readonly apiChanged: () => void
  readonly compareClock: (databaseTime: Milliseconds) => void
  readonly clientsMax: number
  readonly failuresMax: FailuresMax
  readonly maxStale: Seconds
  readonly tracing?: Spans | undefined
}

/** All that a process remembers, and the tail that keeps it true. */
export type Memory = {
  readonly clients: RememberedClients
  readonly attempts: RememberedAttempts
  readonly tail: ChangeTail
  /** How far the change log has been followed; `undefined` before it was first heard. */
  readonly position: () => number | undefined
}

export function openMemory(needs: Needs): Memory {
  const { db, clock, events, clientsMax } = needs
  const attempts = rememberedAttempts(needs.secrets, clock, needs.failuresMax)
  const source = clientSource(db, needs.tracing ?? untraced)
  const isFresh = () => tail.state() === 'fresh'
  const clients = rememberedClients({ source, isFresh, clientsMax })
  const startOver = async (why?: string): Promise<void> => {
    // First what can fail: until the keys are there, memory ages, and is not given up for nothing.
    await needs.reloadKeys()
    if (why !== undefined) events.record({ kind: 'memory_dropped', why })
    clients.clear()
    attempts.forget()
  }
  const apply = async (change: LoggedChange): Promise<void> => {
    switch (change.kind) {
      case 'signing_key':
        return needs.reloadKeys()
      case 'person':
        return undefined
      case 'server':
        return startOver('the whole server was changed')
      case 'unknown':
        return startOver('a newer program wrote a change of a kind unknown here')
      case 'principal':
        attempts.forget(parseClientId(change.subject))
        return clients.apply({ ...change, kind: change.kind })
      case 'api':
        attempts.forget()
        needs.apiChanged()
        return clients.apply({ ...change, kind: change.kind })
      case 'group':
      case 'role':
      case 'organization':
        attempts.forget()
        return clients.apply({ ...change, kind: change.kind })
      default:
        return unreachable(change.kind)
    }
  }
  const follower = logFollower({ apply, startOver })
  const tail = changeTail({
    read: (from) => readChanges(db, from),
    onHint: db.onHint,
    follower,
    compareClock: needs.compareClock,
    clock,
    events,
    staleAgeMax: milliseconds(needs.maxStale * 1000),
  })
  return { clients, attempts: believed(attempts, tail), tail, position: follower.position }
}

/**
 * Failures are believed only while memory is fresh: later a change that cured one may have been
 * missed, and in an outage nobody is told no who could be good.
 */
function believed(attempts: RememberedAttempts, tail: Pick<ChangeTail, 'state'>) {
  return {
    ...attempts,
    failureOf: (...of: Parameters<RememberedAttempts['failureOf']>) =>
      tail.state() === 'fresh' ? attempts.failureOf(...of) : undefined,
  }
}

const untraced: Spans = { within: (_, done) => done() }

function clientSource(db: Database, { within }: Spans): ClientSource {
  return {
    client: (id) => within('read client', () => findClient(db.reads, id)),
    group: (id) => within('read group', () => findGroupTerms(db.reads, id)),
    role: (id) => within('read role', () => findRoleTerms(db.reads, id)),
    api: (audience) => within('read api', () => findApiTerms(db.reads, audience)),
    organization: (id) => within('read organization', () => findOrganizationTerms(db.reads, id)),
  }
}

import { randomBytes } from 'node:crypto'
import { parseKeyEncryptionKey } from '../crypto/key-encryption-key.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { systemClock } from '../house.ts'
import { peoplePorts } from '../house/people-ports.ts'
import type { Event } from '../ports/events.ts'
import type { ApiClient, ApiRequest } from './api-client.ts'
import { apiClient } from './api-client.ts'
import type { CommandHouse } from './command-house.ts'
import { operatorActor } from './operator.ts'
import { answerOf, handOn } from './server-answer.ts'
import type { SettingsRefusal } from './settings.ts'
import { settingsRefused } from './settings.ts'

/**
 * The management API of this very process, over the database that the command line is beside: the
 * same rooms as a server's, without a socket. Whoever calls is the operator, and nobody asks further.
 */
export async function directApi(house: CommandHouse): Promise<Result<ApiClient, SettingsRefusal>> {
  const { issuer, db, random, secrets, now } = house
  if (issuer === undefined) {
    return settingsRefused('ISSUER must be set: what the server is called stands in its answers')
  }
  const { apiRoom } = await import('../http/api/api.ts')
  let fault: unknown
  const events = {
    record: (event: Event) => {
      if (event.kind === 'request_failed') fault = event.error
    },
  }
  const clock = { ...systemClock, now }
  const actor = operatorActor()
  const people = peoplePorts([keyOfNobody()], clock)
  const ports = { db, random, secrets, issuer, clock, events, ...people }
  const room = apiRoom(ports, async () => accept({ type: 'actor', actor }))
  const send = async ({ method, path, headers, body, take }: ApiRequest) => {
    const caller = {
      traceId: random.traceId(),
      network: 'local',
      userAgent: undefined,
      since: clock.monotonic(),
    }
    const request = new Request(`${issuer}${path}`, { method, headers, body: body ?? null })
    const response = await room.fetch(request, { caller })
    // A terminal is an edge of its own: it tells the fault itself, and not that there was one.
    if (fault !== undefined) throw fault
    if (take === undefined || !response.ok) {
      return accept(answerOf(response, await response.text()))
    }
    await handOn(response, take)
    return accept(answerOf(response, ''))
  }
  return accept(apiClient(issuer, send))
}

/**
 * Second factors are sealed and opened only for people who are signed in, and here is none: the key
 * that the settings give is not asked for.
 */
function keyOfNobody() {
  const key = parseKeyEncryptionKey(randomBytes(32).toString('hex'))
  if (!key.ok) throw new Error(key.refusal.reason)
  return key.value
}

import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import type { BindingId, CredentialId, ServiceAccountId } from '../../src/domain/id.ts'
import type { Name } from '../../src/domain/name.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import type { TestClient } from '../support/fixtures.ts'
import { requestToken } from '../support/fixtures.ts'
import type { Pair } from '../support/pair.ts'
import type { ServerProcess } from '../support/processes.ts'
import { accepted, roleNamed } from '../support/operator.ts'

const everyMilliseconds = 10

/** An account with one secret and one role, made for one test. */
export type Subject = TestClient & {
  readonly account: ServiceAccountId
  readonly credential: CredentialId
  readonly binding: BindingId
}

export function date(at: Date) {
  return later(0 as never, seconds(at.getTime() / 1000))
}

let subjects = 0

export async function addSubject({ ports, act, demo }: Pair): Promise<Subject> {
  const { organization } = demo
  const role = await roleNamed(ports, organization, 'deployer')
  subjects += 1
  const account = accepted(
    await createServiceAccount(ports, act(), {
      organization,
      name: `Subject ${subjects}` as Name,
      description: '' as never,
    }),
  )
  const subject = { type: 'principal', id: account.id } as const
  const binding = accepted(await createBinding(ports, act(), { organization, role, subject }))
  const { credential, secret } = accepted(
    await createClientSecret(ports, act(), {
      organization,
      principal: account.id,
      name: 'test' as Name,
    }),
  )
  return {
    id: account.id,
    secret,
    account: account.id,
    credential: credential.id,
    binding: binding.id,
  }
}

export async function statuses(pair: Pair, client: TestClient): Promise<readonly number[]> {
  return Promise.all(
    pair.servers.map(async ({ url }) => (await requestToken({ issuer: url }, client)).status),
  )
}

export async function groupsAndRoles(url: string, client: TestClient) {
  const response = await requestToken({ issuer: url }, client)
  const { access_token: token } = (await response.json()) as { access_token: string }
  const { groups = [], roles = [] } = decodeJwt<{ groups?: string[]; roles?: string[] }>(token)
  return { groups, roles }
}

/** Asks for tokens every few milliseconds until it is stopped, and tells when the last one came. */
export function askInALoop(server: ServerProcess, client: TestClient) {
  const stopping = new AbortController()
  const seen = {
    asked: 0,
    tokens: 0,
    /** When the last request was sent that got a token. */
    lastTokenAskedAt: 0,
    lastTokenIssuedAt: 0,
    latestExpiry: 0,
  }
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const askedAt = performance.now()
      const response = await requestToken({ issuer: server.url }, client)
      const body = (await response.json()) as { access_token?: string }
      seen.asked += 1
      if (body.access_token !== undefined) {
        const { iat = 0, exp = 0 } = decodeJwt(body.access_token)
        seen.tokens += 1
        seen.lastTokenAskedAt = askedAt
        seen.lastTokenIssuedAt = iat
        seen.latestExpiry = Math.max(seen.latestExpiry, exp)
      }
      await pause(everyMilliseconds)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await loop
      return seen
    },
  }
}

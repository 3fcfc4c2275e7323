import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { demoSecret } from '../src/cli/demo.ts'
import { random as systemRandom } from '../src/crypto/random.ts'
import { openSecrets } from '../src/crypto/secrets.ts'
import { theServer } from '../src/domain/audit.ts'
import type { OrganizationId, ServiceAccountId } from '../src/domain/id.ts'
import { parseDescription, parseName } from '../src/domain/name.ts'
import type { Result } from '../src/domain/result.ts'
import type { ClientSecret } from '../src/domain/secret.ts'
import { encodeSecret, parseSecret } from '../src/domain/secret.ts'
import { later, seconds } from '../src/domain/time.ts'
import { systemClock } from '../src/house.ts'
import {
  changeCredential,
  disableCredential,
  listCredentials,
  removeCredential,
} from '../src/management/credentials.ts'
import { createOrganization, disableOrganization } from '../src/management/organizations.ts'
import type { ManagementPorts } from '../src/management/ports.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  disableServiceAccount,
  removeServiceAccount,
} from '../src/management/service-accounts.ts'
import { openPostgres } from '../src/storage/database.ts'
import type { Act } from '../src/storage/tx.ts'
import { accepted } from '../test/support/operator.ts'
import { wrongSecret } from '../test/support/wrong-secret.ts'

/** What is presented. */
export type Presented = { readonly id: ServiceAccountId; readonly secret: ClientSecret }

/** What fails in one way. */
export type Failure = {
  readonly what: string
  readonly next: () => Presented
  /** How long until what comes next may be tried, in milliseconds. */
  readonly rest: () => number
}

/** The class that all others are compared with. */
export const wrong = 'wrong secret'

// The same failure within 10 s is recalled and not worked out. Whoever tries the same again learns
// nothing from that, but it is not what is measured here.
const restMilliseconds = 11_000
const endsInSeconds = 2

/** A way to make an account useless; `client` is how it then tries to get a token. */
type Spoiling = (
  scene: Scene,
  client: Presented,
  organization: OrganizationId,
) => Promise<Result<unknown, { readonly reason: string }> | undefined>

type Scene = { readonly ports: ManagementPorts; readonly act: () => Act }

const spoilings: Readonly<Record<string, Spoiling>> = {
  'expired secret': async ({ ports, act }, client, organization) =>
    changeCredential(ports, act(), { ...(await only(ports, client, organization)), ...soon() }),
  'disabled secret': async ({ ports, act }, client, organization) =>
    disableCredential(ports, act(), await only(ports, client, organization)),
  'removed secret': async ({ ports, act }, client, organization) =>
    removeCredential(ports, act(), await only(ports, client, organization)),
  'expired account': async ({ ports, act }, { id }, organization) =>
    changeServiceAccount(ports, act(), { organization, account: id, ...soon() }),
  'disabled account': async ({ ports, act }, { id }, organization) =>
    disableServiceAccount(ports, act(), { organization, account: id }),
  'removed account': async ({ ports, act }, { id }, organization) =>
    removeServiceAccount(ports, act(), { organization, account: id }),
  // The whole organization is disabled in the end.
  'disabled organization': async () => undefined,
}

/** Makes accounts that fail in every way there is, so many of each. */
export async function makeFailures(url: string, count: number): Promise<readonly Failure[]> {
  const db = openPostgres({ url, connectionsMax: 2 })
  const random = systemRandom(systemClock)
  const ports = { db, random, secrets: await openSecrets(), issuer: 'http://127.0.0.1' }
  const act = () => ({ actor: theServer, at: systemClock.now(), traceId: random.traceId() })
  const scene = { ports, act }
  try {
    const good = await makeClients(scene, await makeOrganization(scene, 'Open'), count)
    const failures = [...guesses(scene, good)]
    for (const [what, spoil] of Object.entries(spoilings)) {
      const place = await makeOrganization(scene, what)
      const clients = await makeClients(scene, place, count)
      for (const client of clients) {
        const outcome = await spoil(scene, client, place)
        if (outcome?.ok === false) throw new Error(outcome.refusal.reason)
      }
      if (what === 'disabled organization') accepted(await disableOrganization(ports, act(), place))
      failures.push({ what, ...inTurn(clients) })
    }
    await pause(endsInSeconds * 1000)
    return failures
  } finally {
    await db.close()
  }
}

function guesses({ ports }: Scene, good: readonly Presented[]): readonly Failure[] {
  let guess = 0
  const known = (): Presented => good[(guess += 1) % good.length] ?? never()
  const guessed = (): Presented => {
    const client = known()
    const secret = parseSecret(wrongSecret(client, guess))?.secret
    return { id: client.id, secret: secret ?? never() }
  }
  const anyId = () => ports.random.id('service_account')
  const nobody = anyId()
  const nexts: Readonly<Record<string, () => Presented>> = {
    [wrong]: guessed,
    'the same once more': guessed,
    'unknown handle': () => ({ id: known().id, secret: anySecret() }),
    'unknown client': () => ({ id: anyId(), secret: anySecret() }),
    'one unknown client': () => ({ id: nobody, secret: anySecret() }),
  }
  return Object.entries(nexts).map(([what, next]) => ({ what, next, rest: () => 0 }))
}

/** One after the other, and again from the start. */
function inTurn(clients: readonly Presented[]): Omit<Failure, 'what'> {
  const usedAt: number[] = []
  let turn = 0
  return {
    rest: () => {
      const before = usedAt[turn % clients.length]
      return before === undefined ? 0 : Math.max(0, before + restMilliseconds - performance.now())
    },
    next: () => {
      const index = turn % clients.length
      turn += 1
      usedAt[index] = performance.now()
      return clients[index] ?? never()
    },
  }
}

function anySecret(): ClientSecret {
  return encodeSecret(randomBytes(12), randomBytes(32)).secret
}

async function makeClients(
  { ports, act }: Scene,
  place: OrganizationId,
  count: number,
): Promise<readonly Presented[]> {
  const clients: Presented[] = []
  for (let number = 1; number <= count; number += 1) {
    const created = await createServiceAccount(ports, act(), {
      organization: place,
      name: named(`account ${number}`),
      description: parseDescription('') ?? never(),
    })
    const { id } = accepted(created)
    const wanted = { organization: place, account: id, name: 'bench' }
    clients.push({ id, secret: await demoSecret(ports, act(), wanted) })
  }
  return clients
}

async function makeOrganization({ ports, act }: Scene, text: string): Promise<OrganizationId> {
  return accepted(await createOrganization(ports, act(), { name: named(text) })).id
}

async function only(ports: ManagementPorts, { id }: Presented, place: OrganizationId) {
  const { items } = accepted(await listCredentials(ports, { organization: place, principal: id }))
  const [credential] = items
  return { organization: place, credential: credential?.id ?? never() }
}

function soon() {
  return { expiresAt: later(systemClock.now(), seconds(endsInSeconds)) }
}

function named(text: string) {
  return parseName(text) ?? never()
}

function never(): never {
  throw new Error('this cannot be')
}

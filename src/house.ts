import { random as systemRandom } from './crypto/random.ts'
import { openSecrets } from './crypto/secrets.ts'
import { signer } from './crypto/signer.ts'
import type { KeyEncryptionKeys } from './crypto/key-vault.ts'
import { keyVault } from './crypto/key-vault.ts'
import type { Actor } from './domain/audit.ts'
import { theServer } from './domain/audit.ts'
import type { KeyRules } from './domain/key-rotation.ts'
import type { Milliseconds, Seconds } from './domain/time.ts'
import { milliseconds, numericDate } from './domain/time.ts'
import type { App } from './http/app.ts'
import { app } from './http/app.ts'
import type { IssueToken } from './http/oauth/token.ts'
import { refusalRecords } from './jobs/refusal-records.ts'
import { rotationOnDemand, startKeyRotation } from './jobs/key-rotation.ts'
import { startCompletion } from './jobs/incomplete-organizations.ts'
import { startRetention } from './jobs/retention.ts'
import { heldKeys } from './held-keys.ts'
import { accessTokenVerifier } from './house/access-token-verifier.ts'
import { managementApi } from './house/management-api.ts'
import { peoplePorts } from './house/people-ports.ts'
import { tracedPorts } from './house/traced-ports.ts'
import { vitalsOf } from './house/vitals.ts'
import type { PeoplePorts } from './management/ports.ts'
import type { KeyPorts } from './management/signing-keys.ts'
import { rotateDueSigningKeys } from './management/signing-keys.ts'
import { comparedClock } from './memory/clock.ts'
import type { FailuresMax } from './memory/attempts.ts'
import { openMemory } from './memory/memory.ts'
import type { VerifyAccessToken } from './ports/access-tokens.ts'
import type { Clock } from './ports/clock.ts'
import type { Events } from './ports/events.ts'
import type { Freshness } from './ports/freshness.ts'
import type { Vitals } from './ports/vitals.ts'
import type { Network } from './protocol/network-address.ts'
import type { Database } from './storage/database.ts'
import type { Act } from './storage/tx.ts'
import { toldTo } from './telemetry/events.ts'
import type { Tracing } from './telemetry/tracing.ts'
import { withDeadline } from './token/deadline.ts'
import { issueToken } from './token/issue-token.ts'

export type HouseOptions = {
  /** Migrated. Belongs to the caller, who closes it after the house. */
  readonly db: Database
  readonly keyEncryptionKeys: KeyEncryptionKeys
  readonly issuer: string
  /** How long tokens are still issued while the database is away. */
  readonly maxStale: Seconds
  readonly jwksMaxAge: Seconds
  readonly keyRules: KeyRules
  /** The most clients remembered. */
  readonly clientsMax: number
  /** The most failed attempts before a caller is slowed down. */
  readonly failuresMax: FailuresMax
  readonly events: Events
  /** The proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies?: readonly Network[] | undefined
  /** Where requests are traced, if they are. */
  readonly tracing?: Tracing | undefined
  readonly clock?: Clock
  /** What the database's clock is taken to show; tests turn it together with ours. */
  readonly databaseTime?: (shown: Milliseconds) => Milliseconds
}

/** The parts of a running server, joined. */
export type House = {
  /** What answers HTTP. */
  readonly rooms: App
  readonly management: PeoplePorts
  /** Verifies a bearer token of our own API. */
  readonly verifyAccessToken: VerifyAccessToken
  readonly clock: Clock
  /** Something that is done now, by somebody, under a trace of its own. */
  readonly act: (actor: Actor) => Act
  /** How far this process has followed the change log; `undefined` before it was first heard. */
  readonly position: () => number | undefined
  /** How the process is just now. */
  readonly vitals: () => Vitals
  /** Begins to follow the change log, and sees to it that there are signing keys. */
  readonly start: () => Promise<void>
  /** From now on the house says that it is not ready, so that no new requests are sent to it. */
  readonly drain: () => void
  readonly stop: () => Promise<void>
}

export const systemClock: Clock = {
  now: () => numericDate(Date.now() / 1000),
  wall: () => milliseconds(Date.now()),
  monotonic: () => milliseconds(performance.now()),
}

/** Joins the floors: memory over storage, the token plane over memory, HTTP over both planes. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { db, issuer, keyEncryptionKeys, keyRules, clock: own = systemClock } = options
  const { clock, compare, difference } = comparedClock(own, options.events)
  const records = refusalRecords({ db, clock, events: options.events })
  const events = toldTo(options.events, records.events)
  const random = systemRandom(clock)
  const secrets = await openSecrets()
  const keys = heldKeys({ db, keyEncryptionKeys, events })
  const act = (actor: Actor): Act => ({ actor, at: clock.now(), traceId: random.traceId() })
  const rotation = { ...keyPorts(options), events, act: () => act(theServer) }
  const memory = openMemory({
    ...options,
    clock: own,
    secrets,
    reloadKeys: keys.reload,
    apiChanged: rotationOnDemand(rotation),
    compareClock: (shown) => compare(options.databaseTime?.(shown) ?? shown),
  })

  const { clients, attempts, tail, position } = memory

  let draining = false
  const jobs: (() => Promise<void>)[] = []
  const waiting = { freshness: tail, random, hasher: secrets }
  const { hasher, ...traced } = tracedPorts(options.tracing, waiting)
  const shared = { ...traced, clock, events, trustedProxies: options.trustedProxies }
  const token = { issuer, clients, secrets: hasher, attempts, signer: signer(keys.held), ...shared }
  const readiness = () => [...whyNotReady(draining, tail), ...keys.problems()]
  const keptFor = keyRules.keptFor
  const verifyAccessToken = accessTokenVerifier({ issuer, keys, keptFor, ...shared })
  const management = { db, random, secrets, issuer, ...peoplePorts(keyEncryptionKeys, clock) }
  const loadApi = managementApi({ ...management, ...shared, keys: rotation }, verifyAccessToken)
  const doors = { signingKeys: { all: keys.published }, readiness, loadApi, ...shared }
  const rooms = app({ issueToken: issuing(token), ...doors }, { ...options, keysKeptFor: keptFor })
  return {
    rooms,
    verifyAccessToken,
    management,
    clock,
    act,
    position,
    vitals: vitalsOf({ ...shared, memory, secrets, db, difference, readiness, keys, keyRules }),
    start: async () => {
      // First the clock is compared with the database's: a key must not sign only in an hour.
      await tail.start()
      await rotateDueSigningKeys(rotation, rotation.act()).then(keys.reload)
      jobs.push(startRetention({ db, clock, events }), startKeyRotation(rotation), records.start())
      jobs.push(startCompletion({ ...rotation, random }))
    },
    drain: () => void (draining = true),
    stop: async () => Promise.all(jobs.map((stop) => stop())).then(tail.stop),
  }
}

function issuing(ports: Parameters<typeof issueToken>[0]): IssueToken {
  return withDeadline(async (request, caller) => issueToken(ports, request, caller))
}

function keyPorts({ db, keyEncryptionKeys, keyRules: rules }: HouseOptions): KeyPorts {
  return { db, vault: keyVault(keyEncryptionKeys), rules }
}

function whyNotReady(draining: boolean, freshness: Pick<Freshness, 'state'>): readonly string[] {
  if (draining) return ['the server is shutting down']
  return freshness.state() === 'too_old' ? ['the database has not answered for too long'] : []
}

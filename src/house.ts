import type { KeyEncryptionKey } from './crypto/key-vault.ts'
import { random as systemRandom } from './crypto/random.ts'
import { openSecrets } from './crypto/secrets.ts'
import { signer } from './crypto/signer.ts'
import { generateSigningKey } from './crypto/signing-keys.ts'
import { tokenLifetimeMax } from './domain/api.ts'
import type { Actor } from './domain/audit.ts'
import { theServer } from './domain/audit.ts'
import type { Milliseconds, Seconds } from './domain/time.ts'
import { milliseconds, numericDate, seconds } from './domain/time.ts'
import type { Rooms } from './http/app.ts'
import { app } from './http/app.ts'
import { startRetention } from './jobs/retention.ts'
import { heldKeys } from './held-keys.ts'
import type { ManagementPorts } from './management/ports.ts'
import { ensureSigningKeys } from './management/signing-keys.ts'
import { comparedClock } from './memory/clock.ts'
import { openMemory } from './memory/memory.ts'
import type { Clock } from './ports/clock.ts'
import type { Events } from './ports/events.ts'
import type { Freshness } from './ports/freshness.ts'
import type { Database } from './storage/database.ts'
import type { Act } from './storage/tx.ts'
import { listWantedAlgs } from './storage/wanted-algs.ts'
import { inTime } from './token/in-time.ts'
import { issueToken } from './token/issue-token.ts'

export type HouseOptions = {
  /** Migrated. Belongs to the caller, who closes it after the house. */
  readonly db: Database
  readonly keyEncryptionKey: KeyEncryptionKey
  readonly issuer: string
  /** How long tokens are still issued while the database is away. */
  readonly maxStale: Seconds
  readonly jwksMaxAge: Seconds
  /** The most clients remembered. */
  readonly clientsMax: number
  readonly events: Events
  readonly clock?: Clock
  /** What the database's clock is taken to show; tests turn it together with ours. */
  readonly databaseTime?: (shown: Milliseconds) => Milliseconds
}

/** The parts of a running server, joined. */
export type House = {
  /** What answers HTTP. */
  readonly rooms: Rooms
  readonly management: ManagementPorts
  readonly clock: Clock
  /** Something that is done now, by somebody, under a trace of its own. */
  readonly act: (actor: Actor) => Act
  /** How far this process has followed the change log. */
  readonly position: () => number
  /** Makes the signing keys if there are none, and begins to follow the change log. */
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

const clockSkewMax = seconds(60)

/** Joins the floors: memory over storage, the token plane over memory, HTTP over both planes. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { db, issuer, events, maxStale, keyEncryptionKey, clock: own = systemClock } = options
  const { clock, compare } = comparedClock(own, events)
  const random = systemRandom(clock)
  const secrets = await openSecrets()
  const keys = heldKeys({ db, keyEncryptionKey, events })
  const { clients, attempts, tail, position } = openMemory({
    ...options,
    clock: own,
    secrets,
    reloadKeys: keys.reload,
    apiChanged: () => void makeNewKeys(),
    compareClock: (shown) => compare(options.databaseTime?.(shown) ?? shown),
  })

  const act = (actor: Actor): Act => ({ actor, at: clock.now(), traceId: random.traceId() })
  const { makeKeys, makeNewKeys } = keyMaker(options, keys, () => act(theServer))

  let draining = false
  let stopRetention: (() => Promise<void>) | undefined
  const shared = { freshness: tail, clock, random, events }
  const token = { issuer, clients, secrets, attempts, signer: signer(keys.held), ...shared }
  const rooms = app(
    {
      issueToken: async (request, caller) => inTime(issueToken(token, request, caller)),
      signingKeys: { all: keys.published },
      readiness: () => [...whyNotReady(draining, tail), ...keys.problems()],
      ...shared,
    },
    { issuer, jwksMaxAge: options.jwksMaxAge, keysKeptFor: keysKeptFor(maxStale) },
  )
  return {
    rooms,
    management: { db, random, secrets, issuer },
    clock,
    act,
    position,
    start: async () => {
      // First the clock is compared with the database's: a key must not sign only in an hour.
      await tail.start()
      await makeKeys()
      await keys.reload()
      stopRetention = startRetention({ db, clock, events })
    },
    drain: () => {
      draining = true
    },
    stop: async () => {
      await stopRetention?.()
      await tail.stop()
    },
  }
}

type KeyMakerNeeds = Pick<
  HouseOptions,
  'db' | 'keyEncryptionKey' | 'jwksMaxAge' | 'maxStale' | 'events'
>

function keyMaker(
  { db, keyEncryptionKey, jwksMaxAge, maxStale, events }: KeyMakerNeeds,
  { published }: Pick<ReturnType<typeof heldKeys>, 'published'>,
  act: () => Act,
) {
  /** A key that was published so long before it signs is in every set of keys that somebody keeps. */
  const lead = seconds(jwksMaxAge + maxStale + clockSkewMax)

  async function makeKeys(): Promise<void> {
    await ensureSigningKeys(
      db,
      async (key) => generateSigningKey(keyEncryptionKey, key),
      act(),
      lead,
    )
  }

  /** Who registers an API with another algorithm expects a token for it at once. */
  async function makeNewKeys(): Promise<void> {
    try {
      const known = new Set(published().map(({ alg }) => alg))
      const wanted = await listWantedAlgs(db.reads, act().at)
      if (wanted.some(({ alg }) => !known.has(alg))) await makeKeys()
    } catch (error) {
      events.record({ kind: 'signing_keys_unusable', error })
    }
  }

  return { makeKeys, makeNewKeys }
}

/** A retired key is published until its last token has died: a stale process may still have used it. */
function keysKeptFor(maxStale: Seconds): Seconds {
  return seconds(tokenLifetimeMax + maxStale + clockSkewMax)
}

function whyNotReady(draining: boolean, freshness: Pick<Freshness, 'state'>): readonly string[] {
  if (draining) return ['the server is shutting down']
  return freshness.state() === 'too_old' ? ['the database has not answered for too long'] : []
}

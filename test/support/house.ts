import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { parseKeyEncryptionKey } from '../../src/crypto/key-encryption-key.ts'
import { tokenLifetimeMax } from '../../src/domain/api.ts'
import type { KeyRules } from '../../src/domain/key-rotation.ts'
import { keyRules } from '../../src/domain/key-rotation.ts'
import { seconds } from '../../src/domain/time.ts'
import type { House, HouseOptions } from '../../src/house.ts'
import { openHouse } from '../../src/house.ts'
import type { Event } from '../../src/ports/events.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Act } from '../../src/storage/tx.ts'
import type { TestClock } from './clock.ts'
import { testClock } from './clock.ts'
import { openTestDatabase } from './database.ts'
import { failuresMax } from './failures-max.ts'
import { listening, soon } from './listening.ts'
import { freePort } from './processes.ts'
import { operator } from './operator.ts'

export type TestHouse = {
  readonly house: House
  readonly db: Database
  readonly clock: TestClock
  /** Everything that was recorded, in order. */
  readonly events: readonly Event[]
  /** Where it listens, and the base of its URLs unless another issuer was asked for. */
  readonly url: string
  readonly issuer: string
  /** Who writes in tests: an operator, now. */
  readonly act: () => Act
  /** Waits until this process has followed the change log to its end. */
  readonly caughtUp: () => Promise<void>
  readonly close: () => Promise<void>
}

type Wishes = Partial<Omit<HouseOptions, 'events' | 'clock'>> & {
  readonly clock?: TestClock
  /** What follows the origin in the issuer, such as `/tenant`. */
  readonly issuerPath?: string
}

export const testKeyEncryptionKey = keyEncryptionKey(randomBytes(32).toString('hex'))

export function keyEncryptionKey(text: string) {
  const parsed = parseKeyEncryptionKey(text)
  if (!parsed.ok) throw new Error(parsed.refusal.reason)
  return parsed.value
}

const [maxStale, jwksMaxAge] = [seconds(300), seconds(300)]

/** The rules that settings come to; a key signs for 30 days. */
export function testKeyRules(
  given: Partial<Pick<HouseOptions, 'maxStale' | 'jwksMaxAge'>> = {},
): KeyRules {
  const rotation = { rotationInterval: seconds(30 * 24 * 60 * 60), rotationMargin: seconds(60) }
  return keyRules({ ...rotation, maxStale, jwksMaxAge, ...given }, tokenLifetimeMax)
}

/** The real house over real storage and real cryptography, listening, with a clock turned by hand. */
export async function openTestHouse(wishes: Wishes = {}): Promise<TestHouse> {
  const { issuerPath = '', ...chosen } = wishes
  const clock = wishes.clock ?? testClock()
  const db = wishes.db ?? (await openTestDatabase())
  const events: Event[] = []
  // The issuer is needed before the port is known, so the port is found first.
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const issuer = wishes.issuer ?? `${url}${issuerPath}`
  const house = await openHouse({
    keyEncryptionKeys: [testKeyEncryptionKey],
    keyRules: testKeyRules(chosen),
    maxStale,
    jwksMaxAge,
    clientsMax: 1000,
    failuresMax,
    databaseTime: () => clock.wall(),
    ...chosen,
    db,
    issuer,
    clock,
    events: { record: (event) => void events.push(event) },
  })
  await house.start()
  const server = await listening(house.rooms, port)
  return {
    house,
    db,
    clock,
    events,
    url,
    issuer,
    act: () => ({
      actor: operator,
      at: clock.now(),
      traceId: '0'.repeat(32),
    }),
    caughtUp: () => caughtUp(db, house),
    close: async () => {
      await server.close(soon)
      await house.stop()
      if (wishes.db === undefined) await db.close()
    },
  }
}

/** Waits until a process has followed the change log to its end. */
export async function caughtUp(db: Database, house: Pick<House, 'position'>): Promise<void> {
  const { rows } = await sql<{ position: number }>`
    select position from change_counter
  `.execute(db.management)
  const head = rows[0]?.position ?? 0
  while ((house.position() ?? -1) < head) await pause(5)
}

import { randomBytes } from 'node:crypto'
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import { keyVault } from '../../src/crypto/key-vault.ts'
import type { KeyEncryptionKeys } from '../../src/crypto/key-vault.ts'
import type { KeyRules } from '../../src/domain/key-rotation.ts'
import { seconds } from '../../src/domain/time.ts'
import type { KeyPorts } from '../../src/management/signing-keys.ts'
import type { Database } from '../../src/storage/database.ts'
import { listSigningKeys } from '../../src/storage/signing-keys.ts'
import type { Act } from '../../src/storage/tx.ts'
import type { TestClock } from '../support/clock.ts'
import { testClock } from '../support/clock.ts'
import { databaseForTest } from '../support/database.ts'
import { keyEncryptionKey } from '../support/house.ts'
import { operator } from '../support/operator.ts'

export const rules: KeyRules = {
  interval: seconds(1000),
  lead: seconds(100),
  keptFor: seconds(500),
}

export type KeyDesk = {
  readonly db: Database
  readonly clock: TestClock
  readonly act: () => Act
  /** What a process with these key-encryption keys has. */
  readonly ports: (...keys: KeyEncryptionKeys) => KeyPorts
  readonly start: number
}

export const [mine, other] = [newKeyEncryptionKey(), newKeyEncryptionKey()]

export function newKeyEncryptionKey() {
  return keyEncryptionKey(randomBytes(32).toString('hex'))
}

/** A database without keys, and a clock to turn. */
export async function openKeyDesk(): Promise<KeyDesk> {
  const db = await databaseForTest()
  const clock = testClock()
  return {
    db,
    clock,
    act: () => ({
      actor: operator,
      at: clock.now(),
      traceId: '0'.repeat(32),
    }),
    ports: (...keys) => ({ db, vault: keyVault(keys), rules }),
    start: clock.now(),
  }
}

/** The keys in the order in which they were announced: their moments, counted from the start. */
export async function keyTimes({ db, start }: KeyDesk) {
  const since = (moment: number | undefined) => (moment === undefined ? undefined : moment - start)
  return (await listSigningKeys(db.management))
    .map((key) => [since(key.announcedAt), since(key.signsFrom), since(key.revokedAt)] as const)
    .toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? Infinity) - (b[1] ?? Infinity))
}

/** Writes to the keys past all rules, as somebody could who holds the database; processes hear of it. */
export async function tamperWithKeys(db: Database, statement: RawBuilder<unknown>): Promise<void> {
  await db.management.transaction().execute(async (tx) => {
    await statement.execute(tx)
    await sql`
      insert into audit_entry
        (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
      select 'tamper', count(*) + 1, to_timestamp(0), 'x', 'x', 'x', 'x', '', ''
      from audit_entry where chain = 'tamper'
    `.execute(tx)
    await sql`
      with told as (update change_counter set position = position + 1 returning position)
      insert into change (position, id, kind, subject, at)
      select position, gen_random_uuid(), 'signing_key', 'x', to_timestamp(0) from told
    `.execute(tx)
  })
}

/** The audit entries of the server, oldest first: what happened to what. */
export async function serverAudit({ db }: Pick<KeyDesk, 'db'>) {
  const { rows } = await sql<{ entry: Uint8Array }>`
    select entry from audit_entry where chain = 'server' order by sequence
  `.execute(db.management)
  return rows.map(
    ({ entry }) => JSON.parse(Buffer.from(entry).toString()) as Record<string, unknown>,
  )
}

export async function changeCount({ db }: Pick<KeyDesk, 'db'>): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    select position from change_counter
  `.execute(db.management)
  return rows[0]?.position ?? 0
}

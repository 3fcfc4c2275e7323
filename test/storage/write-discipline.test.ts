import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/house.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import type { ManagementPorts } from '../../src/management/ports.ts'
import type { OrganizationId } from '../../src/domain/id.ts'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { Description, Name } from '../../src/domain/name.ts'
import { accept } from '../../src/domain/result.ts'
import { logFollower } from '../../src/memory/log-follower.ts'
import { chained } from '../../src/storage/audit-trail.ts'
import { readChanges } from '../../src/storage/changes.ts'
import type { Database } from '../../src/storage/database.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act } from '../../src/storage/tx.ts'
import { databaseForTest, onPostgres } from '../support/database.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'
import { operator } from '../support/operator.ts'

const random = systemRandom(systemClock)
const act = (): Act => ({
  actor: operator,
  at: systemClock.now(),
  traceId: random.traceId(),
})

async function portsOver(db: Database): Promise<ManagementPorts> {
  return { db, random, secrets: await openSecrets(), issuer: 'https://tokens.example.com' }
}

async function addOrganizations(ports: ManagementPorts, count: number): Promise<OrganizationId[]> {
  const ids: OrganizationId[] = []
  for (let index = 0; index < count; index += 1) {
    const made = await createOrganization(ports, act(), { name: `Organization ${index}` as Name })
    if (!made.ok) throw new Error(made.refusal.reason)
    ids.push(made.value.id)
  }
  return ids
}

async function addAccount(ports: ManagementPorts, organization: OrganizationId, name: string) {
  return createServiceAccount(ports, act(), {
    organization,
    name: name as Name,
    description: '' as Description,
  })
}

describe.runIf(onPostgres)('16 writers at once', () => {
  it('neither deadlock nor leave a gap, and a reader sees every position in order', async () => {
    const db = await databaseForTest()
    const ports = await portsOver(db)
    const organizations = await addOrganizations(ports, 3)
    const before = await deadlocks(db)

    const seen: number[] = []
    const startedOver: (string | undefined)[] = []
    let writing = true
    const follower = logFollower({
      apply: async () => undefined,
      startOver: async (why) => void startedOver.push(why),
    })
    const reading = (async () => {
      for (let again = true; again;) {
        again = writing
        const page = await readChanges(db, follower.position())
        if (page === undefined) throw new Error('a standby')
        seen.push(...page.rows.map(({ position }) => position))
        await follower.follow(page)
        await pause(1)
      }
    })()
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        const made: boolean[] = []
        for (let round = 0; round < 25; round += 1) {
          const organization = organizations[(writer + round) % organizations.length]
          if (organization === undefined) continue
          made.push((await addAccount(ports, organization, `account ${writer} ${round}`)).ok)
        }
        return made
      }),
    )
    writing = false
    await reading

    expect(outcomes.flat()).toEqual(Array.from({ length: 400 }, () => true))
    expect(await deadlocks(db)).toBe(before)
    // Whatever a reader's page begins and ends with, the follower would start over at any gap.
    expect(startedOver).toEqual([undefined])
    const { rows } = await sql<{ position: number }>`
      select position from change order by position
    `.execute(db.management)
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1))
    expect(follower.position()).toBe(rows.length)
    expect(Math.max(...seen)).toBe(rows.length)
  })

  it('keep each audit chain whole', async () => {
    const db = await databaseForTest()
    const ports = await portsOver(db)
    const organizations = await addOrganizations(ports, 2)
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        const organization = organizations[writer % 2]
        if (organization !== undefined) await addAccount(ports, organization, `account ${writer}`)
      }),
    )
    for (const chain of organizations) expect(await expectWholeChain(db, chain)).toBe(8)
    expect(await expectWholeChain(db, 'server')).toBeGreaterThan(0)
  })
})

async function deadlocks(db: Database): Promise<number> {
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()
  `.execute(db.management)
  return rows[0]?.deadlocks ?? 0
}

describe('the audit chain', () => {
  it('links every entry to the one before, down to 32 zero bytes', async () => {
    const db = await databaseForTest()
    const ports = await portsOver(db)
    const [organization] = await addOrganizations(ports, 1)
    if (organization === undefined) throw new Error('no organization')
    for (const name of ['one', 'two', 'three']) await addAccount(ports, organization, name)
    expect(await expectWholeChain(db, organization)).toBe(3)
    expect(await expectWholeChain(db, 'server')).toBeGreaterThan(0)
  })
})

async function expectWholeChain(db: Database, chain: string): Promise<number> {
  const entries = await db.management
    .selectFrom('audit_entry')
    .select(['sequence', 'entry', 'hash'])
    .where('chain', '=', chain)
    .orderBy('sequence')
    .execute()
  let previous: Uint8Array = new Uint8Array(32)
  for (const [index, { sequence, entry, hash }] of entries.entries()) {
    expect(sequence).toBe(index + 1)
    previous = chained(previous, entry)
    expect(Buffer.from(hash).equals(previous)).toBe(true)
    expect(JSON.parse(Buffer.from(entry).toString())).toMatchObject({ chain, sequence })
  }
  return entries.length
}

describe('a commit', () => {
  it('without its audit entry is refused by the tests’ own trigger [173]', async () => {
    const db = await databaseForTest()
    await addOrganizations(await portsOver(db), 1)
    await expect(touch(db, 'change')).rejects.toThrow('without an audit entry')
  })

  it('without its change row is refused by the tests’ own trigger', async () => {
    const db = await databaseForTest()
    await addOrganizations(await portsOver(db), 1)
    await expect(touch(db, 'audit')).rejects.toThrow('without a change row')
  })

  it('is a fault if the work hands back changes without audit entries, or the reverse', async () => {
    const db = await databaseForTest()
    const change = { kind: 'organization', organization: undefined, subject: 'x' } as const
    const entry = { kind: 'organization.changed', target: { type: 'x', id: 'x' } } as const
    for (const [audit, changes] of [
      [[], [change]],
      [[entry], []],
    ] as const) {
      const outcome = inTransaction(db, 'server', act(), async () =>
        accept({ value: 'done', audit, changes }),
      )
      await expect(outcome).rejects.toThrow('both or neither')
    }
    const { rows } = await sql`select * from change`.execute(db.management)
    expect(rows).toEqual([])
  })
})

describe('a log that is rolled back under a running process', () => {
  it('is noticed, and everything remembered is dropped', async () => {
    const house = await buildDemoHouse()
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    // What a restored backup looks like: the last changes and what they did are gone, and others
    // take their positions.
    await house.db.schema.transaction().execute(async (tx) => {
      await sql`delete from change where position >= (select position - 2 from change_counter)`.execute(
        tx,
      )
      await sql`update change_counter set position = position - 3`.execute(tx)
      await sql`delete from credential where principal_id = ${house.terraform.id}`.execute(tx)
      await sql`
        with counter as (update change_counter set position = position + 4 returning position)
        insert into change (position, id, kind, subject, at)
        select position - 4 + n, 'restored ' || n, 'principal', 'somebody', clock_timestamp()
        from counter, generate_series(1, 4) as n
      `.execute(tx)
      await sql`insert into audit_entry values ('server', 1000, clock_timestamp(), 'x', 'x', 'x', 'x',
        '', '')`.execute(tx)
    })
    await house.caughtUp()
    await pause(600)
    expect(house.events).toContainEqual({
      kind: 'memory_dropped',
      why: 'the last row known is another one',
    })
    expect((await requestToken(house, house.terraform)).status).toBe(401)
  })
})

/** Writes past `inTransaction`, and leaves one of the two rows out. */
async function touch(db: Database, added: 'change' | 'audit'): Promise<void> {
  await db.management.transaction().execute(async (tx) => {
    await sql`update organization set name = 'Renamed'`.execute(tx)
    if (added === 'change') {
      await sql`insert into change (position, id, kind, subject, at)
          select position + 1, 'x', 'organization', 'x', clock_timestamp() from change_counter`.execute(
        tx,
      )
    } else {
      await sql`insert into audit_entry values ('server', 1000, clock_timestamp(), 'x', 'x', 'x',
          'x', '', '')`.execute(tx)
    }
  })
}

import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/id.ts'
import type { RefusalRecords } from '../../src/jobs/refusal-records.ts'
import { refusalRecords } from '../../src/jobs/refusal-records.ts'
import { forgetOld } from '../../src/jobs/retention.ts'
import type { Event } from '../../src/ports/events.ts'
import {
  findTokenRefusals,
  listTokenRefusals,
  rowsPerClientMax,
} from '../../src/storage/token-refusals.ts'
import type { Desk } from '../management/desk.ts'
import { newAccount, newOrganization, useDesk } from '../management/desk.ts'
import { withoutManagement } from '../support/breakable.ts'
import { caller } from '../telemetry/specimens.ts'

const desk = useDesk()
const day = 24 * 60 * 60

let told: Event[] = []
let records: RefusalRecords
beforeEach(async () => {
  const { db, clock } = desk()
  await sql`delete from token_refusal`.execute(db.management)
  told = []
  records = refusalRecords({ db, clock, events: { record: (event) => void told.push(event) } })
})

type Wish = {
  readonly client?: string | undefined
  readonly network?: string
  readonly traceId?: string
  readonly reason?:
    | 'credential_mismatch'
    | 'credential_unknown'
    | 'client_unknown'
    | 'client_limited'
}

let traces = 0
const newTrace = () => String((traces += 1)).padStart(32, '0')

function refuse({ client, network = '192.0.2.7', reason, traceId = newTrace() }: Wish): string {
  records.events.record({
    kind: 'token_refused',
    caller: { ...caller, network, traceId },
    client,
    reason: reason ?? 'credential_mismatch',
    facts: { credential: 'crd_1' },
  })
  return traceId
}

async function accountOf(at: Desk) {
  const organization = await newOrganization(at)
  return newAccount(at, { organization: organization.id })
}

async function count(table: string): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(
    desk().db.management,
  )
  return rows[0]?.count
}

describe('a refused token request', () => {
  it('is found by its client and by its trace, with the exact reason', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    const first = refuse({ client })
    const { now } = at.clock
    const firstAt = now()
    at.clock.turn(10)
    const last = refuse({ client })
    refuse({ client, reason: 'credential_unknown', network: '2001:db8::1' })
    await records.flush()
    const found = await listTokenRefusals(at.db, client)
    expect(found).toHaveLength(2)
    expect(found).toContainEqual({
      client,
      reason: 'credential_mismatch',
      network: '192.0.2.7',
      count: 2,
      firstAt,
      lastAt: now(),
      named: undefined,
      facts: '{"credential":"crd_1"}',
      userAgent: 'curl/8.5.0',
      traceIds: [last, first],
    })
    for (const traceId of [first, last]) {
      expect(await findTokenRefusals(at.db, traceId)).toMatchObject([{ client, count: 2 }])
    }
    expect(await findTokenRefusals(at.db, 'f'.repeat(32))).toEqual([])
  })

  it('is added to what was counted before, by this process or another', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    refuse({ client })
    await records.flush()
    at.clock.turn(60)
    for (let time = 0; time < 20; time += 1) refuse({ client })
    const last = refuse({ client })
    await records.flush()
    const [row] = await listTokenRefusals(at.db, client)
    expect(row).toMatchObject({ count: 22, lastAt: at.clock.now() })
    expect(row?.firstAt).toBe(at.clock.now() - 60)
    expect(row?.traceIds).toHaveLength(8)
    expect(row?.traceIds[0]).toBe(last)
  })

  it('leaves the newest twenty reasons and networks of a client', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    for (let network = 1; network <= 30; network += 1) {
      at.clock.turn(1)
      refuse({ client, network: `192.0.2.${network}` })
    }
    await records.flush()
    const found = await listTokenRefusals(at.db, client)
    expect(found).toHaveLength(rowsPerClientMax)
    expect(await count('token_refusal')).toBe(rowsPerClientMax)
    expect(found[0]).toMatchObject({ network: '192.0.2.30' })
  })

  it('of a client that is not there is counted with all such callers of its network', async () => {
    const at = desk()
    const ids = Array.from({ length: 500 }, (_, index) =>
      encodeId('service_account', Buffer.from(String(index).padStart(16, '0'))),
    )
    for (const client of ids) refuse({ client, reason: 'client_unknown' })
    for (const client of ids) refuse({ client, reason: 'client_limited' })
    const last = refuse({ client: undefined, reason: 'client_unknown' })
    await records.flush()
    expect(await count('token_refusal')).toBe(2)
    expect(await findTokenRefusals(at.db, last)).toMatchObject([
      { client: undefined, reason: 'client_unknown', count: 501 },
    ])
  })

  it('of a known client is kept while others are guessed from everywhere', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    refuse({ client })
    for (let guess = 0; guess < 3000; guess += 1) {
      refuse({ network: `10.0.${guess >> 8}.${guess & 255}`, reason: 'client_unknown' })
    }
    await records.flush()
    expect(await listTokenRefusals(at.db, client)).toHaveLength(1)
    expect(await count('token_refusal')).toBe(1000)
    expect(told).toEqual([{ kind: 'records_dropped', of: 'token_refusals', count: 2001 }])
  })

  it('is forgotten after two weeks', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    refuse({ client })
    await records.flush()
    at.clock.turn(14 * day - 60)
    await forgetOld({ ...at, events: { record: () => undefined } })
    expect(await listTokenRefusals(at.db, client)).toHaveLength(1)
    at.clock.turn(120)
    await forgetOld({ ...at, events: { record: () => undefined } })
    expect(await listTokenRefusals(at.db, client)).toEqual([])
  })
})

describe('what is kept of refusals', () => {
  it('is lost while the database is away, which is told and harms nobody', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    const db = withoutManagement(at.db)
    records = refusalRecords({
      db,
      clock: at.clock,
      events: { record: (event) => void told.push(event) },
    })
    refuse({ client })
    await records.flush()
    expect(told).toMatchObject([
      { kind: 'records_failed', of: 'token_refusals' },
      { kind: 'records_dropped', of: 'token_refusals', count: 1 },
    ])
    await records.flush()
    expect(told).toHaveLength(2)
  })

  it('is written at the latest when the process ends', async () => {
    const at = desk()
    const { id: client } = await accountOf(at)
    const stop = records.start()
    refuse({ client })
    await stop()
    expect(await listTokenRefusals(at.db, client)).toHaveLength(1)
  })
})

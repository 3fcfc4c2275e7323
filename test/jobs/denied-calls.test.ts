import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '../../src/domain/audit.ts'
import { encodeId } from '../../src/domain/id.ts'
import type { RefusalRecords } from '../../src/jobs/refusal-records.ts'
import { refusalRecords } from '../../src/jobs/refusal-records.ts'
import { forgetOld } from '../../src/jobs/retention.ts'
import type { Event } from '../../src/ports/events.ts'
import {
  deniedCallsKeptMax,
  deniedCallsOfActorKeptMax,
  listDeniedCalls,
} from '../../src/storage/denied-calls.ts'
import type { Desk } from '../management/desk.ts'
import { newAccount, newOrganization, useDesk } from '../management/desk.ts'
import { caller } from '../telemetry/specimens.ts'

const desk = useDesk()
const day = 24 * 60 * 60

let told: Event[] = []
let records: RefusalRecords
beforeEach(async () => {
  const { db, clock } = desk()
  await sql`delete from denied_call`.execute(db.management)
  told = []
  records = refusalRecords({ db, clock, events: { record: (event) => void told.push(event) } })
})

async function count(): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`select count(*) from denied_call`.execute(
    desk().db.management,
  )
  return rows[0]?.count
}

async function robotOf(at: Desk): Promise<Actor & { readonly type: 'service_account' }> {
  const { id: organization } = await newOrganization(at)
  const { id, name } = await newAccount(at, { organization })
  return {
    type: 'service_account',
    id,
    name,
    organization,
    by: { type: 'token', client: id, gotWith: at.random.id('credential'), jti: 'x', scope: [] },
  }
}

describe('a denied call of management', () => {
  const other = encodeId('organization', new Uint8Array(16).fill(9))

  function deny(actor: Actor): void {
    records.events.record({
      kind: 'management_denied',
      caller,
      actor,
      operation: 'removeRole',
      organization: other,
      reason: 'organization_unknown',
    })
  }

  it('is kept with who called, what for, and why it was denied', async () => {
    const at = desk()
    const robot = await robotOf(at)
    deny(robot)
    await records.flush()
    const page = { before: Number.MAX_SAFE_INTEGER, rowsMax: 10 }
    const [call] = await listDeniedCalls(at.db, robot.organization, page)
    expect(call).toMatchObject({
      at: at.clock.now(),
      operation: 'removeRole',
      reason: 'organization_unknown',
      target: other,
      actor: { type: 'service_account', id: robot.id, name: robot.name },
      client: robot.id,
      traceId: caller.traceId,
      network: caller.network,
    })
    // The organization that a stranger named does not learn of the stranger.
    expect(await listDeniedCalls(at.db, other, page)).toEqual([])
    expect(await listDeniedCalls(at.db, undefined, page)).toEqual([])
  })

  it('is kept with a bounded number of others, of each organization', async () => {
    const at = desk()
    const [robot, quiet] = [await robotOf(at), await robotOf(at)]
    deny(quiet)
    const many = Array.from({ length: 12 }, () => ({
      ...robot,
      id: at.random.id('service_account'),
    }))
    for (let round = 0; round < 12; round += 1) {
      // Each of them in turn, and of 120 calls at a time a few too many.
      for (let call = 0; call < 120; call += 1) deny(many[(call + round) % many.length] ?? robot)
      await records.flush()
    }
    expect(await count()).toBe(deniedCallsKeptMax + 1)
    const page = { before: Number.MAX_SAFE_INTEGER, rowsMax: 10 }
    expect(await listDeniedCalls(at.db, quiet.organization, page)).toHaveLength(1)
    const [newest] = await listDeniedCalls(at.db, robot.organization, page)
    const next = { before: newest?.id ?? 0, rowsMax: 1 }
    expect((await listDeniedCalls(at.db, robot.organization, next))[0]?.id).toBe(
      (newest?.id ?? 0) - 1,
    )
    expect(told).toHaveLength(12)
    expect(told[0]).toEqual({ kind: 'records_dropped', of: 'denied_calls', count: 20 })
  })

  it('is not washed away by a colleague who is refused without end', async () => {
    const at = desk()
    const robot = await robotOf(at)
    const colleague = { ...robot, id: at.random.id('service_account') }
    deny(colleague)
    for (let round = 0; round < 60; round += 1) {
      for (let call = 0; call < 120; call += 1) deny(robot)
      // At the end of a round that was full for the other.
      if (round === 59) deny(colleague)
      await records.flush()
    }
    const page = { before: Number.MAX_SAFE_INTEGER, rowsMax: deniedCallsKeptMax }
    const kept = await listDeniedCalls(at.db, robot.organization, page)
    const of = (id: string) => kept.filter(({ actor }) => actor.id === id).length
    expect(of(colleague.id)).toBe(2)
    expect(of(robot.id)).toBe(deniedCallsOfActorKeptMax)
  })

  it('of a person as such is bounded, too', async () => {
    const at = desk()
    const by = { type: 'session', session: at.random.id('session'), isOperator: false } as const
    const person = { type: 'person', id: at.random.id('person'), name: 'Ada', by } as const
    for (let round = 0; round < 6; round += 1) {
      for (let call = 0; call < 20; call += 1) deny(person)
      await records.flush()
    }
    expect(await count()).toBe(deniedCallsOfActorKeptMax)
  })

  it('is forgotten after ninety days', async () => {
    const at = desk()
    deny(await robotOf(at))
    await records.flush()
    at.clock.turn(90 * day + 1)
    await forgetOld({ ...at, events: { record: () => undefined } })
    expect(await count()).toBe(0)
  })
})

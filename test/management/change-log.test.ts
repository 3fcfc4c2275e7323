import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { lastChangeAt, recoverChangeLog } from '../../src/management/change-log.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'
import { operator } from '../support/operator.ts'

describe('the change log of a restored backup', () => {
  it('gets a new epoch: every process drops its memory, and goes on', async () => {
    const house = await buildDemoHouse()
    const { management } = house.house
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    const [before] = await epochs(house)
    const outcome = await recoverChangeLog(management, house.act())
    const [after] = await epochs(house)
    expect(outcome).toEqual({ ok: true, value: { epoch: after, before } })
    expect(after).not.toBe(before)

    house.clock.turn(2)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events).toContainEqual({ kind: 'memory_dropped', why: 'the log has a new epoch' })
  })

  it('says so in the audit trail of the server, and is one change more', async () => {
    const house = await buildDemoHouse()
    await recoverChangeLog(house.house.management, house.act())
    const { rows } = await sql`
      select kind, actor_id, chain, (select kind from change order by position desc limit 1) as change
      from audit_entry where kind = 'change_log.recovered'
    `.execute(house.db.management)
    expect(rows).toEqual([
      {
        kind: 'change_log.recovered',
        actor_id: operator.id,
        chain: 'server',
        change: 'server',
      },
    ])
    expect(await lastChangeAt(house.house.management)).toBe(house.act().at)
  })
})

async function epochs({ db }: Awaited<ReturnType<typeof buildDemoHouse>>) {
  const { rows } = await sql<{ epoch: string }>`select epoch from change_counter`.execute(
    db.management,
  )
  return rows.map(({ epoch }) => epoch)
}

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import { forgetOld } from '../../src/jobs/retention.ts'
import { forgetChanges, pageRowsMax } from '../../src/storage/changes.ts'
import { testClock } from '../support/clock.ts'
import { databaseForTest } from '../support/database.ts'
import { withoutManagement } from '../support/breakable.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'

const day = 24 * 60 * 60

describe('retention', () => {
  it('removes changes after 7 days, and never the last one', async () => {
    const house = await buildDemoHouse()
    const { db, clock } = house
    const needs = { db, clock, events: { record: () => undefined } }
    const count = async () => {
      const { rows } = await sql<{ count: number }>`select count(*) from change`.execute(
        db.management,
      )
      return rows[0]?.count
    }
    const before = await count()
    clock.turn(7 * day - 60)
    await forgetOld(needs)
    expect(await count()).toBe(before)
    clock.turn(120)
    await forgetOld(needs)
    expect(await count()).toBe(1)
    await house.caughtUp()
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events.filter(({ kind }) => kind === 'memory_dropped')).toEqual([])
  })

  it('leaves no hole in the log: it stops at the first change that is not old', async () => {
    const { db, clock } = await buildDemoHouse()
    await sql`update change set at = to_timestamp(${clock.now() + 2 * day}) where position = 3`.execute(
      db.management,
    )
    clock.turn(8 * day)
    const positions = async () => {
      const { rows } = await sql<{ position: number }>`
        select position from change order by position
      `.execute(db.management)
      return rows.map(({ position }) => position)
    }
    const before = await positions()
    await forgetOld({ db, clock, events: { record: () => undefined } })
    expect(await positions()).toEqual(before.slice(2))
  })

  it('removes a bounded number of rows at a time [197]', async () => {
    const db = await databaseForTest()
    await sql`delete from change`.execute(db.management)
    await sql`
      insert into change (position, id, kind, subject, at)
      select position, 'old' || position, 'kind', 'subject', to_timestamp(0)
      from generate_series(1, ${2 * pageRowsMax + 10}::int) as position
    `.execute(db.management)
    await sql`update change_counter set position = ${2 * pageRowsMax + 10}`.execute(db.management)
    const forget = async () => forgetChanges(db, { now: testClock().now(), age: seconds(day) })
    expect([await forget(), await forget(), await forget()]).toEqual([pageRowsMax, pageRowsMax, 9])
    expect(await forget()).toBe(0)
  })

  it('reports that it cannot, and lets the server go on', async () => {
    const house = await buildDemoHouse()
    const events: unknown[] = []
    const broken = withoutManagement(house.db)
    await forgetOld({
      db: broken,
      clock: house.clock,
      events: { record: (event) => void events.push(event) },
    })
    expect(events).toMatchObject([{ kind: 'retention_failed' }])
  })
})

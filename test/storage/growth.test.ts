import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'

describe('a token request', () => {
  it('adds no row to any table, whether a token is issued or not [197]', async () => {
    const house = await buildDemoHouse()
    const before = await rowCounts(house.db)
    const wrong = { ...house.ci, secret: house.terraform.secret }
    const statuses: number[] = []
    for (let round = 0; round < 5; round += 1) {
      for (const client of [house.terraform, house.ci, wrong]) {
        const { status } = await requestToken(house, client)
        statuses.push(status)
      }
    }
    expect(new Set(statuses)).toEqual(new Set([200, 401]))
    expect(await rowCounts(house.db)).toEqual(before)
  })
})

async function rowCounts(db: Database): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = 'public' and tablename <> 'token_refusal' -- counted, bounded, and only now and then
  `.execute(db.management)
  const counts: Record<string, number> = {}
  for (const { name } of rows) {
    const counted = await sql<{ count: string }>`select count(*) from ${sql.table(name)}`.execute(
      db.management,
    )
    counts[name] = Number(counted.rows[0]?.count)
  }
  return counts
}

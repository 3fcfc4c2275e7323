import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { accept, refuse } from '../../src/domain/result.ts'
import { numericDate } from '../../src/domain/time.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act } from '../../src/storage/tx.ts'
import { databaseForTest } from '../support/database.ts'
import { operator } from '../support/operator.ts'

const act: Act = {
  actor: operator,
  at: numericDate(1_800_000_000),
  traceId: '0'.repeat(32),
}

describe('inTransaction', () => {
  it('commits the work, its audit entry and its change together', async () => {
    const db = await databaseForTest()
    const outcome = await inTransaction(db, 'server', act, async () =>
      accept({
        value: 'done',
        audit: [{ kind: 'organization.created', target: { type: 'organization', id: 'org_1' } }],
        changes: [{ kind: 'organization', organization: undefined, subject: 'org_1' }],
      }),
    )
    expect(outcome).toEqual({ ok: true, value: 'done' })
    const changes = await sql`select position, kind, subject from change`.execute(db.management)
    expect(changes.rows).toEqual([{ position: 1, kind: 'organization', subject: 'org_1' }])
    const audit = await sql`select chain, sequence, kind from audit_entry`.execute(db.management)
    expect(audit.rows).toEqual([{ chain: 'server', sequence: 1, kind: 'organization.created' }])
  })

  it('undoes everything on a refusal', async () => {
    const db = await databaseForTest()
    const outcome = await inTransaction(db, 'server', act, async (tx) => {
      await sql`update change_counter set position = 41`.execute(tx)
      return refuse({ reason: 'because' })
    })
    expect(outcome).toEqual({ ok: false, refusal: { reason: 'because' } })
    const { rows } = await sql`select position from change_counter`.execute(db.management)
    expect(rows).toEqual([{ position: 0 }])
  })
})

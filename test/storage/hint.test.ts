import { expect, describe, it } from 'vitest'
import { systemClock } from '../../src/house.ts'
import { accept } from '../../src/domain/result.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { sql } from 'kysely'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { operator } from '../support/operator.ts'

describe.runIf(onPostgres)('the hint of a change', () => {
  it('is sent even if the writer closes the database at once', async () => {
    const database = await createTestDatabase()
    const listener = database.open()
    let hints = 0
    listener.onHint(() => {
      hints += 1
    })
    await sql`select 1`.execute(listener.tail)
    for (let write = 1; write <= 5; write += 1) {
      const writer = openPostgres({ url: database.url, connectionsMax: 1 })
      const act = {
        actor: operator,
        at: systemClock.now(),
        traceId: '0'.repeat(32),
      }
      await inTransaction(writer, 'server', act, async () =>
        accept({
          value: undefined,
          audit: [{ kind: 'organization.changed', target: { type: 'x', id: 'x' } }],
          changes: [{ kind: 'organization', organization: undefined, subject: 'x' }],
        }),
      )
      await writer.close()
    }
    await pause(200)
    expect(hints).toBe(5)
    await listener.close()
  })
})

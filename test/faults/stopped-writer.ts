/**
 * A writer that says when it holds the lock of its organization, does nothing until it is told to go
 * on, and then says what became of its write.
 */
import { once } from 'node:events'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { parseId } from '../../src/domain/id.ts'
import { accept } from '../../src/domain/result.ts'
import { systemClock } from '../../src/house.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { operator } from '../support/operator.ts'

const { DATABASE_URL: url = '', ORGANIZATION = '', NAME: name = '' } = process.env
const organization = parseId('organization', ORGANIZATION)
if (organization === undefined) throw new Error('which organization?')
const db = openPostgres({ url, connectionsMax: 1 })
const random = systemRandom(systemClock)
const id = random.id('group')
const act = {
  actor: operator,
  at: systemClock.now(),
  traceId: random.traceId(),
} as const

try {
  await inTransaction(db, organization, act, async (tx) => {
    process.send?.('locked')
    await once(process, 'message')
    await tx
      .insertInto('principal_group')
      .values({
        organization_id: organization,
        id,
        name: name as never,
        description: '' as never,
        created_at: new Date().toISOString() as never,
        created_by_id: act.actor.id,
        created_by_name: act.actor.name,
      })
      .execute()
    return accept({
      value: undefined,
      audit: [{ kind: 'group.created', target: { type: 'group', id } }],
      changes: [{ kind: 'group', organization, subject: id }],
    })
  })
  process.send?.('acknowledged')
} catch (fault) {
  process.send?.(fault instanceof Unavailable ? 'unavailable' : 'a fault')
}
await db.close()
process.disconnect()

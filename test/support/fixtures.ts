import { sql } from 'kysely'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { ClientId, GroupId, OrganizationId, RoleId } from '../../src/domain/id.ts'
import type { Noun } from '../../src/domain/id.ts'
import { accept } from '../../src/domain/result.ts'
import type { ClientSecret } from '../../src/domain/secret.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { systemClock } from '../../src/house.ts'
import type { Database } from '../../src/storage/database.ts'
import { timestamp } from '../../src/storage/timestamp.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act, Tx } from '../../src/storage/tx.ts'

// Rows straight into storage, for tests of what stands above it. Every default is usable; a test names
// only what it is about. Each call is one commit, with a change row for everything it touched.

const random = systemRandom(systemClock)
const secrets = await openSecrets()
const created = (act: Act) => ({
  created_at: timestamp(act.at),
  created_by_id: act.actor.id,
  created_by_name: act.actor.name,
})

type Change = readonly ['principal' | 'group' | 'role' | 'api' | 'organization', string]

async function write<Value>(
  db: Database,
  act: Act,
  work: (tx: Tx) => Promise<{ readonly value: Value; readonly changes: readonly Change[] }>,
): Promise<Value> {
  const outcome = await inTransaction(db, 'server', act, async (tx) => {
    const { value, changes } = await work(tx)
    return accept({
      value,
      audit: [{ kind: 'organization.changed', target: { type: 'fixture', id: 'fixture' } }],
      changes: changes.map(([kind, subject]) => ({ kind, organization: undefined, subject })),
    })
  })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}

export type FixtureHouse = { readonly db: Database; readonly act: () => Act }

export async function addOrganization(
  { db, act }: FixtureHouse,
  name = `Acme ${random.id('organization').slice(-6)}`,
): Promise<OrganizationId> {
  const id = random.id('organization')
  return write(db, act(), async (tx) => {
    await sql`insert into organization (id, name, created_at, created_by_id, created_by_name)
      values (${id}, ${name}, ${timestamp(act().at)}, 'operator:test', 'test')`.execute(tx)
    return { value: id, changes: [['organization', id]] }
  })
}

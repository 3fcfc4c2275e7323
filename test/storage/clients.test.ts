import type { Kysely, KyselyPlugin } from 'kysely'
import { ExplainNode, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { parseAudience } from '../../src/domain/api.ts'
import type { GroupId, OrganizationId, RoleId, ServiceAccountId } from '../../src/domain/id.ts'
import {
  findApiTerms,
  findClient,
  findGroupTerms,
  findOrganizationTerms,
  findRoleTerms,
} from '../../src/storage/clients.ts'
import type { Tables } from '../../src/storage/tables.ts'
import { databaseForTest, onPostgres } from '../support/database.ts'

type Db = Kysely<Tables>

describe.runIf(onPostgres)('on a server with 5,000 of everything', () => {
  const queries: readonly ((db: Db) => Promise<unknown>)[] = [
    async (db) => findClient(db, `sa_${'2500'.padStart(26, '0')}` as ServiceAccountId),
    async (db) => findGroupTerms(db, 'grp_2500' as GroupId),
    async (db) => findRoleTerms(db, 'rol_2500' as RoleId),
    async (db) => findApiTerms(db, audience('https://api-2500.example.com')),
    async (db) => findOrganizationTerms(db, 'org_2500' as OrganizationId),
  ]

  it('the token plane finds each thing it looks for by an index', async () => {
    const db = await databaseForTest()
    await fill(db.schema)
    for (const find of queries) {
      expect(await find(db.reads)).toBeDefined()
      const plan = await planOf(db.reads, find)
      expect(plan).toContain('Index')
      expect(plan).not.toContain('Seq Scan')
    }
  })
})

/** How the database would run the one query of this work. */
async function planOf(db: Db, work: (db: Db) => Promise<unknown>): Promise<string> {
  const lines: unknown[] = []
  const explaining: KyselyPlugin = {
    transformQuery: ({ node }) =>
      node.kind === 'SelectQueryNode' ? { ...node, explain: ExplainNode.create() } : node,
    transformResult: async ({ result }) => {
      lines.push(...result.rows.map((row) => row['QUERY PLAN']))
      return { ...result, rows: [] }
    },
  }
  await work(db.withPlugin(explaining))
  return lines.join('\n')
}

/** 5,000 organizations, and 5,000 of everything else in one of them. */
async function fill(db: Db): Promise<void> {
  const made = sql`'2030-01-01T00:00:00Z', 'operator:ada', 'ada'`
  const series = sql`generate_series(1, 5000) as n`
  const rows = [
    sql`organization select 'org_' || n, 'Organization ' || n, null, null, ${made} from ${series}`,
    sql`principal select 'org_1', 'sa_' || lpad(n::text, 26, '0'), 'service_account' from ${series}`,
    sql`service_account
      select 'org_1', 'sa_' || lpad(n::text, 26, '0'), 'account ' || n, '', null, null, null, ${made} from ${series}`,
    sql`credential select 'org_1', 'crd_' || n, 'sa_' || lpad(n::text, 26, '0'), 'client_secret', 'first', 'handle' || n,
      'hash', null, null, ${made} from ${series}`,
    sql`api select 'org_1', 'api_' || n, 'https://api-' || n || '.example.com', 'API ' || n, 300,
      ${made} from ${series}`,
    sql`api_permission select 'org_1', 'api_' || n, 'orders:read', '' from ${series}`,
    sql`role select 'org_1', 'rol_' || n, 'role ' || n, '', false, ${made} from ${series}`,
    sql`role_permission select 'org_1', 'rol_' || n, 'api_' || n, 'orders:read' from ${series}`,
    sql`principal_group select 'org_1', 'grp_' || n, 'group ' || n, '', ${made} from ${series}`,
    sql`group_member select 'org_1', 'grp_' || n, 'sa_' || lpad(n::text, 26, '0') from ${series}`,
    sql`binding select 'org_1', 'bnd_' || n, 'rol_' || n, 'sa_' || lpad(n::text, 26, '0'), null, null, null, ${made}
      from ${series}`,
    sql`binding select 'org_1', 'bnd_g' || n, 'rol_' || n, null, 'grp_' || n, null, null, ${made}
      from ${series}`,
  ]
  await db.transaction().execute(async (tx) => {
    // Without the triggers that check each row.
    await sql`set local session_replication_role = replica`.execute(tx)
    for (const some of rows) await sql`insert into ${some}`.execute(tx)
  })
  await sql`analyze`.execute(db)
}

function audience(text: string) {
  const parsed = parseAudience(text)
  if (parsed === undefined) throw new Error(`not an audience: ${text}`)
  return parsed
}

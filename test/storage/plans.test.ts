import type { RootOperationNode } from 'kysely'
import { CompiledQuery, createQueryId, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { GroupId, OrganizationId, RoleId, ServiceAccountId } from '../../src/domain/id.ts'
import { previewRemoval } from '../../src/management/removal-preview.ts'
import { listBindings } from '../../src/storage/bindings.ts'
import type { Database } from '../../src/storage/database.ts'
import { listGroupMembers, listGroups } from '../../src/storage/groups.ts'
import { findHolderAndHeld } from '../../src/storage/holders.ts'
import { listSomeOwners } from '../../src/storage/holdings.ts'
import {
  findAccessSources,
  findPrincipal,
  listHeldByNobodyElse,
} from '../../src/storage/principals.ts'
import { listServiceAccounts } from '../../src/storage/service-accounts.ts'
import type { Desk } from '../management/desk.ts'
import { onPostgres } from '../support/database.ts'
import {
  inBulk,
  name,
  newApi,
  newGroup,
  newOrganization,
  newRole,
  permission,
  resource,
  useDesk,
} from '../management/desk.ts'

type Reader = Database['management']

const accounts = 3000
const groups = 300
/** Whoever looks at more rows of a table than this has read one whole that grows. */
const rowsMax = 1000

type Filled = {
  readonly organization: OrganizationId
  readonly role: RoleId
  readonly group: GroupId
  readonly crowd: GroupId
  readonly account: ServiceAccountId
  readonly half: ServiceAccountId
  readonly api: Awaited<ReturnType<typeof newApi>>
}

/** Thousands of accounts, all in one group and some in each other, with a role of their own resource. */
async function filled(desk: Desk): Promise<Filled> {
  const { id: organization } = await newOrganization(desk)
  const api = await newApi(desk, organization, ['a:read'])
  const { id: role } = await newRole(desk, organization, [[api, 'a:read']])
  const { id: group } = await newGroup(desk, organization)
  const { id: crowd } = await newGroup(desk, organization)
  const first = String(desk.random.id('service_account')).slice(0, -5)
  const account = sql`${first} || lpad(n::text, 5, '0')`
  const off = sql`case when n % 500 = 0 then '2030-01-01T00:00:00Z'::timestamptz end`
  await inBulk(desk, organization, accounts, (series) => {
    return sql`insert into principal (organization_id, id, kind)
      select ${organization}, ${account}, 'service_account' from ${series}`
  })
  await inBulk(desk, organization, accounts, (series, madeNow) => {
    return sql`insert into service_account (organization_id, id, name, description, disabled_at,
        created_at, created_by_id, created_by_name)
      select ${organization}, ${account}, 'bulk ' || n, '', ${off}, ${madeNow} from ${series}`
  })
  await inBulk(desk, organization, groups, (series, madeNow) => {
    return sql`insert into principal_group (organization_id, id, name, description,
        created_at, created_by_id, created_by_name)
      select ${organization}, ${group} || n, 'bulk ' || n, '', ${madeNow} from ${series}`
  })
  await inBulk(desk, organization, accounts, (series) => {
    return sql`insert into group_member (organization_id, group_id, principal_id)
      select ${organization}, ${group} || n % ${sql.lit(groups)} + 1, ${account} from ${series}`
  })
  await inBulk(desk, organization, accounts, (series) => {
    return sql`insert into group_member (organization_id, group_id, principal_id)
      select ${organization}, ${crowd}, ${account} from ${series}`
  })
  await inBulk(desk, organization, accounts, (series, madeNow) => {
    return sql`insert into binding (organization_id, id, role_id, principal_id, resource,
        created_at, created_by_id, created_by_name)
      select ${organization}, 'bnd_' || ${account}, ${role}, ${account}, 'shop/' || n % 1000,
        ${madeNow}
      from ${series}`
  })
  await inBulk(desk, organization, accounts, (series, madeNow) => {
    return sql`insert into binding (organization_id, id, role_id, group_id, resource,
        created_at, created_by_id, created_by_name)
      select ${organization}, 'bnd_' || n, ${role}, ${group} || n % ${sql.lit(groups)} + 1,
        'shop/' || n, ${madeNow}
      from ${series}`
  })
  await sql`analyze`.execute(desk.db.schema)
  const at = (count: number) => `${first}${String(count).padStart(5, '0')}` as ServiceAccountId
  return {
    organization,
    role,
    group: `${group}1` as GroupId,
    crowd,
    account: at(10),
    half: at(accounts / 2),
    api,
  }
}

/**
 * Where queries read more than they find, of every query that is made meanwhile. An index that is
 * gone through from end to end does not count as a sequential scan: only what was read tells it.
 */
async function readInVain(
  db: Reader,
  work: (db: Reader) => Promise<unknown>,
): Promise<readonly string[]> {
  const nodes: RootOperationNode[] = []
  const watched = db.withPlugin({
    transformQuery: ({ node }) => {
      nodes.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await work(watched)
  const found: string[] = []
  for (const node of nodes) {
    const query = db.getExecutor().compileQuery(node, createQueryId())
    const explain = `explain (analyze, buffers, format json) ${query.sql}`
    const plan = CompiledQuery.raw(explain, [...query.parameters])
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly [{ Plan: Step }] }>(plan)
    const [{ Plan: step }] = rows[0]?.['QUERY PLAN'] ?? [{ Plan: {} }]
    found.push(...wastefulScans(step))
  }
  expect(nodes.length).toBeGreaterThan(0)
  return found
}

/** A step of a plan, as PostgreSQL tells it. */
type Step = { readonly [fact: string]: unknown; readonly Plans?: readonly Step[] }

function wastefulScans(step: Step): readonly string[] {
  const inside = (step.Plans ?? []).flatMap(wastefulScans)
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = step
  if (table === undefined && index === undefined) return inside
  const loops = Number(step['Actual Loops'] ?? 0)
  const counted = Number(step['Actual Rows']) + Number(step['Rows Removed by Filter'] ?? 0)
  const rows = counted * loops
  const blocks = blocksOf(step) - (step.Plans ?? []).reduce((sum, one) => sum + blocksOf(one), 0)
  // A way down an index and the row itself are a handful of blocks.
  const isWasteful = rows > rowsMax || blocks > 10 * loops + 5 * rows
  const what = `${String(type)} of ${String(table ?? index)}: ${rows} rows, ${blocks} blocks`
  return isWasteful ? [what, ...inside] : inside
}

function blocksOf(step: Step): number {
  return Number(step['Shared Hit Blocks'] ?? 0) + Number(step['Shared Read Blocks'] ?? 0)
}

// The embedded database plans alike, and takes long to fill.
describe.runIf(onPostgres)('an organization of thousands', () => {
  const desk = useDesk()

  it('is never read whole for a page of a list or for what a principal may do', async () => {
    const { organization, role, group, crowd, account, half, api } = await filled(desk())
    const now = desk().act.at
    const principal = { organization, id: account }
    const held = {
      audience: api.audience,
      permission: permission('a:read'),
      resource: resource('shop/10'),
    }
    const reads: Readonly<Record<string, (db: Reader) => Promise<unknown>>> = {
      'the first accounts': async (db) => listServiceAccounts(db, organization),
      'accounts after half': async (db) => listServiceAccounts(db, organization, { start: half }),
      'disabled accounts': async (db) => listServiceAccounts(db, organization, { enabled: false }),
      'an account by its name': async (db) =>
        listServiceAccounts(db, organization, { name: name('bulk 7') }),
      'the first granted roles': async (db) => listBindings(db, organization),
      'holders of a role': async (db) => listBindings(db, organization, { role }),
      'roles of an account': async (db) =>
        listBindings(db, organization, { subject: { type: 'principal', id: account } }),
      'roles on a resource': async (db) =>
        listBindings(db, organization, { resource: resource('shop/10') }),
      'members of a group': async (db) => listGroupMembers(db, { organization, id: group }),
      'members of a large group': async (db) => listGroupMembers(db, { organization, id: crowd }),
      'groups of an account': async (db) => listGroups(db, organization, { principal: account }),
      'a principal': async (db) => findPrincipal(db, organization, account),
      'what a principal may do': async (db) => findAccessSources(db, principal),
      'what nobody else may do': async (db) => listHeldByNobodyElse(db, principal, [held], now),
      'what would end with an account': async (db) =>
        previewRemoval(
          { db: { ...desk().db, management: db } },
          { organization, principal: account },
          now,
        ),
      'who acts, and what they hold': async (db) => findHolderAndHeld(db, account),
      'who owns the organization': async (db) => listSomeOwners(db, organization),
    }
    for (const [what, read] of Object.entries(reads)) {
      expect([what, await readInVain(desk().db.management, read)]).toEqual([what, []])
    }
  })
})

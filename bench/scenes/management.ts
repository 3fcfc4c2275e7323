/** Lists and effective access in an organization of many accounts and granted roles. */
import type { RootOperationNode } from 'kysely'
import { CompiledQuery, createQueryId } from 'kysely'
import { parseId } from '../../src/domain/id.ts'
import { numericDate } from '../../src/domain/time.ts'
import { effectiveAccessOf } from '../../src/management/access.ts'
import { listBindings } from '../../src/management/bindings.ts'
import { previewRemoval } from '../../src/management/removal-preview.ts'
import { listServiceAccounts } from '../../src/management/service-accounts.ts'
import type { Database } from '../../src/storage/database.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { addAccounts } from '../accounts.ts'
import type { BenchDatabase } from '../database.ts'
import { connected, createBenchDatabase } from '../database.ts'
import type { Spread } from '../measure.ts'
import { spreadOf } from '../measure.ts'
import { spreadText, table } from '../report.ts'
import type { Pace, Scene } from '../stage.ts'
import type { Place } from './management-api.ts'
import { readsOverHttp } from './management-api.ts'

const accounts = 10_000
const bindingsOfEach = 10
const callsPerRound = 40

type Read = (db: Database) => Promise<unknown>

export const management: Scene = {
  name: 'management',
  play: async (stage) => {
    const { pace, tell } = stage
    const database = await createBenchDatabase(stage)
    tell(`adding ${accounts} accounts and ${accounts * bindingsOfEach} granted roles`)
    await addAccounts(database, { accounts, known: 1 })
    const place = await addBindings(database)
    const overHttp = await readsOverHttp(stage, database, place)
    const db = openPostgres({ url: database.url, connectionsMax: 2 })
    try {
      const rows: string[][] = []
      const plans: string[] = []
      const reaches = []
      for (const [what, read] of Object.entries(readsOf(place))) {
        const measured = await measuredOf(pace, async () => read(db))
        const call = overHttp[what]
        if (call === undefined) throw new Error(`nothing over HTTP is ${what}`)
        const called = await measuredOf(pace, call)
        rows.push([what, spreadText(measured, 2), spreadText(called, 2)])
        plans.push(
          '',
          `How PostgreSQL reads ${what}:`,
          '',
          '```text',
          ...(await planOf(db, read)),
          '```',
        )
        reaches.push(
          { what: `${what}, ms at the median`, measured, digits: 1, atMost: 50 },
          { what: `${what}, over HTTP, ms at the median`, measured: called, digits: 1, atMost: 50 },
        )
        tell(what)
      }
      return {
        name: 'management',
        title: `${accounts} accounts and ${accounts * bindingsOfEach} granted roles`,
        how: `rounds: ${pace.rounds}, of ${callsPerRound} calls one after the other, the medians of rounds`,
        lines: [...table(['what is read', 'ms by the verb', 'ms over HTTP'], rows), ...plans],
        reaches,
        waited: [],
      }
    } finally {
      await db.close()
    }
  },
}

/** Each account holds one role on ten resources, a thousand in all. */
async function addBindings({ url, clients: [, model] }: BenchDatabase): Promise<Place> {
  const client = await connected(url)
  try {
    await client.query(
      `insert into binding (organization_id, id, role_id, principal_id, resource, created_at,
         created_by_id, created_by_name)
       select account.organization_id, 'bnd_' || lpad((a * ${bindingsOfEach} + b)::text, 26, '0'),
         role.id, 'sa_' || lpad(a::text, 26, '0'), 'shop/' || (a * 7 + b) % 1000, account.created_at,
         'bench', 'bench'
       from service_account account
       join lateral (select id from role where organization_id = account.organization_id
         and not built_in order by id limit 1) role on true,
         generate_series(1, ${accounts}) a, generate_series(0, ${bindingsOfEach - 1}) b
       where account.id = $1`,
      [model.id],
    )
    await client.query('vacuum analyze')
    const principal = idOf('sa', accounts / 2)
    const { rows } = await client.query<Omit<Place, 'principal' | 'binding'>>(
      `select organization_id as organization, role_id as role from binding
       where principal_id = $1 limit 1`,
      [principal],
    )
    const [found] = rows
    if (found === undefined) throw new Error('no granted role was added')
    return { ...found, principal, binding: idOf('bnd', (accounts * bindingsOfEach) / 2) }
  } finally {
    await client.end()
  }
}

function idOf(prefix: string, count: number): string {
  return `${prefix}_${String(count).padStart(26, '0')}`
}

function readsOf(place: Place): Readonly<Record<string, Read>> {
  const organization = known(parseId('organization', place.organization))
  const role = known(parseId('role', place.role))
  const principal = known(parseId('service_account', place.principal))
  const deep = known(parseId('binding', place.binding))
  const now = numericDate(Date.now() / 1000)
  const subject = { type: 'principal', id: principal } as const
  return {
    'accounts, first page': async (db) => listServiceAccounts({ db }, organization),
    'accounts, from the middle': async (db) =>
      listServiceAccounts({ db }, organization, { start: principal }),
    'accounts, disabled ones': async (db) =>
      listServiceAccounts({ db }, organization, { enabled: false }),
    'granted roles, first page': async (db) => listBindings({ db }, organization),
    'granted roles, from the middle': async (db) =>
      listBindings({ db }, organization, { start: deep }),
    'granted roles, of one role from the middle': async (db) =>
      listBindings({ db }, organization, { role, start: deep }),
    'granted roles, of an account': async (db) => listBindings({ db }, organization, { subject }),
    'effective access of an account': async (db) =>
      effectiveAccessOf({ db }, { organization, principal }, { now }),
    'removal preview of an account': async (db) =>
      previewRemoval({ db }, { organization, principal }, now),
  }
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('not the id of anything')
  return value
}

/** The medians of rounds, after one that is not counted. */
async function measuredOf({ rounds }: Pace, read: () => Promise<unknown>): Promise<Spread> {
  await medianOf(read)
  const medians: number[] = []
  for (let round = 0; round < rounds; round += 1) medians.push(await medianOf(read))
  return spreadOf(medians)
}

async function medianOf(read: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let call = 0; call < callsPerRound; call += 1) {
    const start = performance.now()
    await read()
    times.push(performance.now() - start)
  }
  return spreadOf(times).median
}

/** The plans of its queries as they were carried out, step by step, with the blocks each step read. */
async function planOf(db: Database, read: Read): Promise<readonly string[]> {
  const nodes: RootOperationNode[] = []
  const watched = db.management.withPlugin({
    transformQuery: ({ node }) => {
      nodes.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await read({ ...db, management: watched })
  const lines: string[] = []
  for (const node of nodes) {
    const query = db.management.getExecutor().compileQuery(node, createQueryId())
    const explain = `explain (analyze, buffers) ${query.sql}`
    const plan = CompiledQuery.raw(explain, [...query.parameters])
    const { rows } = await db.management.executeQuery<{ 'QUERY PLAN': string }>(plan)
    lines.push(...stepsIn(rows.map((row) => row['QUERY PLAN'])))
  }
  return lines
}

/** A plan without estimates and conditions: what each step is, what it found and what it read. */
function stepsIn(plan: readonly string[]): readonly string[] {
  const end = plan.findIndex((line) => line.startsWith('Planning'))
  const steps: string[] = []
  for (const line of plan.slice(0, end === -1 ? undefined : end)) {
    const blocks = /^ +Buffers: (.+)$/.exec(line)?.[1]
    if (line.includes('(cost=')) steps.push(line.replace(/ {2}\(cost=[^)]*\)/, ''))
    else if (blocks !== undefined) steps.push(`${steps.pop() ?? ''} ${blocks}`)
  }
  return steps
}

import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { ClientId } from '../domain/id.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'

/** Token requests that were refused for one reason from one network, counted. */
export type TokenRefusals = {
  /** None of those that named no client there is. */
  readonly client: ClientId | undefined
  readonly reason: string
  readonly network: string
  readonly count: number
  readonly firstAt: NumericDate
  readonly lastAt: NumericDate
  /** What the last of them named, if no such client is there. */
  readonly named: string | undefined
  /** JSON: what the last of them was about. */
  readonly facts: string | undefined
  readonly userAgent: string | undefined
  /** Of the latest, the last one first. */
  readonly traceIds: readonly string[]
}

export const traceIdsMax = 8
export const rowsPerClientMax = 20
/** For all callers together that named no client there is. */
const rowsOfNobodyMax = 1000
const rowsMax = 20_000
const statementRowsMax = 200
const forgottenRowsMax = 1000

type Db = Kysely<Tables>

/**
 * Adds to what is counted, sorted by key: two processes that write the same rows in different orders
 * would wait for each other for ever. What becomes too much goes, the oldest first.
 */
export async function addTokenRefusals(
  { management: db }: Database,
  refusals: readonly TokenRefusals[],
): Promise<void> {
  const sorted = refusals.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  for (let first = 0; first < sorted.length; first += statementRowsMax) {
    await addRows(db, sorted.slice(first, first + statementRowsMax))
  }
  await trim(db, [...new Set(sorted.map(({ client }) => client ?? ''))])
}

/** The clients that have these ids, where there are any. */
export async function findClientIds(
  { management: db }: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ClientId>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: ClientId }>`
    select id from service_account where id = any(${ids}::text[])
    union all select id from application_key where id = any(${ids}::text[])
  `.execute(db)
  return new Map(rows.map(({ id }) => [id, id]))
}

async function addRows(db: Db, refusals: readonly TokenRefusals[]): Promise<void> {
  await db
    .insertInto('token_refusal')
    .values(
      refusals.map((one) => ({
        client_id: one.client ?? '',
        reason: one.reason,
        network: one.network,
        count: one.count,
        first_at: timestamp(one.firstAt),
        last_at: timestamp(one.lastAt),
        named: one.named ?? null,
        facts: one.facts ?? null,
        user_agent: one.userAgent ?? null,
        trace_ids: one.traceIds,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['client_id', 'reason', 'network']).doUpdateSet((eb) => ({
        count: sql<number>`token_refusal.count + excluded.count`,
        last_at: sql`greatest(token_refusal.last_at, excluded.last_at)`,
        named: eb.ref('excluded.named'),
        facts: eb.ref('excluded.facts'),
        user_agent: eb.ref('excluded.user_agent'),
        trace_ids: sql<
          string[]
        >`(excluded.trace_ids || token_refusal.trace_ids)[1:${sql.lit(traceIdsMax)}]`,
      })),
    )
    .execute()
}

/** What another process is just writing stays until the next time. */
async function trim(db: Db, clients: readonly string[]): Promise<void> {
  await sql`
    delete from token_refusal where (client_id, reason, network) in (
      select client_id, reason, network from token_refusal
      where (client_id, reason, network) in (
        select client_id, reason, network from (
          select client_id, reason, network,
            row_number() over (partition by client_id order by last_at desc, reason, network) as place
          from token_refusal where client_id = any(${clients}::text[])
        ) as placed
        where place > case client_id when '' then ${rowsOfNobodyMax}::int else ${rowsPerClientMax}::int end
        union all
        (select client_id, reason, network from token_refusal
          order by last_at desc offset ${rowsMax} limit ${forgottenRowsMax})
      )
      for update skip locked
    )
  `.execute(db)
}

/** Why a client was refused lately, the latest first. */
export async function listTokenRefusals(
  { management: db }: Database,
  client: ClientId,
): Promise<readonly TokenRefusals[]> {
  const rows = await tokenRefusals(db)
    .where('client_id', '=', client)
    .orderBy('last_at', 'desc')
    .orderBy('reason')
    .orderBy('network')
    .limit(rowsPerClientMax)
    .execute()
  return rows.map(refusalsOf)
}

/** What a refused request was counted with, by its trace. There are few rows, so all are looked at. */
export async function findTokenRefusals(
  { management: db }: Database,
  traceId: string,
): Promise<readonly TokenRefusals[]> {
  const rows = await tokenRefusals(db)
    .where(sql<boolean>`${traceId} = any(trace_ids)`)
    .orderBy('last_at', 'desc')
    .limit(rowsPerClientMax)
    .execute()
  return rows.map(refusalsOf)
}

/** Removes some of what was counted last before a time. Returns how many rows; 0 if there are no more. */
export async function forgetTokenRefusals(
  { management: db }: Database,
  { now, age }: { readonly now: NumericDate; readonly age: Seconds },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from token_refusal where (client_id, reason, network) in (
      select client_id, reason, network from token_refusal
      where last_at < to_timestamp(${now - age}) order by last_at limit ${forgottenRowsMax}
      for update skip locked
    )
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}

function tokenRefusals(db: Db) {
  return db
    .selectFrom('token_refusal')
    .select([
      'client_id',
      'reason',
      'network',
      'count',
      'first_at',
      'last_at',
      'named',
      'facts',
      'user_agent',
      'trace_ids',
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof tokenRefusals>['executeTakeFirstOrThrow']>>

function refusalsOf(row: Row): TokenRefusals {
  return {
    client: row.client_id === '' ? undefined : row.client_id,
    reason: row.reason,
    network: row.network,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    named: row.named ?? undefined,
    facts: row.facts ?? undefined,
    userAgent: row.user_agent ?? undefined,
    traceIds: row.trace_ids,
  }
}

function keyOf({
  client = '',
  reason,
  network,
}: Pick<TokenRefusals, 'reason' | 'network'> & { readonly client?: string | undefined }): string {
  return `${client} ${reason} ${network}`
}

import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Actor } from '../domain/audit.ts'
import type { ClientId, OrganizationId } from '../domain/id.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'

/** A call of management that was denied. */
export type DeniedCall = {
  /** Whose member or account called; `undefined` for a person as such. */
  readonly organization: OrganizationId | undefined
  readonly at: NumericDate
  readonly operation: string
  readonly reason: string
  /** The organization that the call named. */
  readonly target: string | undefined
  readonly actor: { readonly type: Actor['type']; readonly id: string; readonly name: string }
  /** The client whose token it was made with. */
  readonly client: ClientId | undefined
  readonly traceId: string
  readonly network: string
}

export type KeptDeniedCall = DeniedCall & { readonly id: number }

/** For each organization, and for persons as such. */
export const deniedCallsKeptMax = 1000
/** Of one actor within an organization, so that nobody pushes out what others were denied. */
export const deniedCallsOfActorKeptMax = 100
const rowsMax = 20_000
const forgottenRowsMax = 1000

type Db = Kysely<Tables>

/** Writes them down; of an actor, of an organization, and in all, the newest stay. */
export async function addDeniedCalls(
  { management: db }: Database,
  calls: readonly DeniedCall[],
): Promise<void> {
  await db
    .insertInto('denied_call')
    .values(
      calls.map((call) => ({
        organization_id: call.organization ?? null,
        at: timestamp(call.at),
        operation: call.operation,
        reason: call.reason,
        target_organization_id: call.target ?? null,
        actor_type: call.actor.type,
        actor_id: call.actor.id,
        actor_name: call.actor.name,
        client_id: call.client ?? null,
        trace_id: call.traceId,
        network: call.network,
      })),
    )
    .execute()
  const organizations = new Set(calls.map(({ organization }) => organization))
  const touched = [...organizations].filter((id) => id !== undefined)
  // First, so that what is too much of one actor counts for nothing when the rest is counted.
  await trimActors(db, touched)
  await trim(db, touched)
}

/** Reads what these organizations have kept, which is bounded by `trim`, once. */
async function trimActors(db: Db, organizations: readonly OrganizationId[]): Promise<void> {
  await sql`
    delete from denied_call where id in (
      select id from denied_call where id in (
        select old.id from (
          select id, row_number() over (partition by organization_id, actor_id order by id desc) as place
          from denied_call
          where organization_id = any(${organizations}::text[]) or organization_id is null
        ) as old
        where old.place > ${deniedCallsOfActorKeptMax} limit ${forgottenRowsMax}
      )
      for update skip locked
    )
  `.execute(db)
}

/** What another process is just removing is left to it. */
async function trim(db: Db, organizations: readonly OrganizationId[]): Promise<void> {
  await sql`
    delete from denied_call where id in (
      select id from denied_call where id in (
        select old.id from unnest(${organizations}::text[]) as touched (organization_id), lateral (
          select id from denied_call where organization_id = touched.organization_id
          order by id desc offset ${deniedCallsKeptMax} limit ${forgottenRowsMax}
        ) as old
        union all
        (select id from denied_call where organization_id is null
          order by id desc offset ${deniedCallsKeptMax} limit ${forgottenRowsMax})
        union all
        (select id from denied_call order by id desc offset ${rowsMax} limit ${forgottenRowsMax})
      )
      for update skip locked
    )
  `.execute(db)
}

/** Denied calls of an organization's members and accounts, or of persons as such; the newest first. */
export async function listDeniedCalls(
  { management: db }: Database,
  organization: OrganizationId | undefined,
  page: { readonly before: number; readonly rowsMax: number },
): Promise<readonly KeptDeniedCall[]> {
  const rows = await db
    .selectFrom('denied_call')
    .select([
      'id',
      'at',
      'operation',
      'reason',
      'target_organization_id',
      'actor_type',
      'actor_id',
      'actor_name',
      'client_id',
      'trace_id',
      'network',
    ])
    .where('organization_id', organization === undefined ? 'is' : '=', organization ?? null)
    .where('id', '<', page.before)
    .orderBy('id', 'desc')
    .limit(page.rowsMax)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    organization,
    at: row.at,
    operation: row.operation,
    reason: row.reason,
    target: row.target_organization_id ?? undefined,
    actor: { type: row.actor_type, id: row.actor_id, name: row.actor_name },
    client: row.client_id ?? undefined,
    traceId: row.trace_id,
    network: row.network,
  }))
}

/** Removes some that are older than this. Returns how many; 0 if there are no more. */
export async function forgetDeniedCalls(
  { management: db }: Database,
  { now, age }: { readonly now: NumericDate; readonly age: Seconds },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from denied_call where id in (
      select id from denied_call where at < to_timestamp(${now - age})
      order by id limit ${forgottenRowsMax} for update skip locked
    )
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}

import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { AuditEntry, AuditEvent } from '../domain/audit.ts'
import { canonicalEntry } from '../domain/audit.ts'
import type { ChainEnd, StoredEntry } from '../domain/audit-verification.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Tables } from './tables.ts'
import type { Act, Concern, Tx } from './tx.ts'
import { timestamp } from './timestamp.ts'

/** The end of a chain: the sequence number and the hash of its last entry. */
export type ChainHead = {
  readonly concern: Concern
  readonly sequence: number
  readonly hash: Uint8Array
}

/**
 * Locks what an act concerns and reads where its audit chain ends. One row holds both, so that the
 * chain cannot fork. `undefined` if there is no such organization.
 */
export async function lockChain(tx: Tx, concern: Concern): Promise<ChainHead | undefined> {
  const row =
    concern === 'server'
      ? await tx
          .selectFrom('server')
          .select(['audit_sequence', 'audit_hash'])
          .forUpdate()
          .executeTakeFirst()
      : await tx
          .selectFrom('organization')
          .select(['audit_sequence', 'audit_hash'])
          .where('id', '=', concern)
          .forUpdate()
          .executeTakeFirst()
  return row && { concern, sequence: row.audit_sequence, hash: row.audit_hash }
}

/** Adds entries to the chain of what the act concerns, and to those of organizations that events name. */
export async function addAuditEntries(
  tx: Tx,
  head: ChainHead,
  act: Act,
  events: readonly AuditEvent[],
): Promise<void> {
  const byChain = Map.groupBy(events, ({ of = head.concern }) => of)
  for (const [concern, its] of byChain) {
    const end = concern === head.concern ? head : await lockChain(tx, concern)
    if (end === undefined) throw new Error('an audit entry for a chain that is not there')
    await addToChain(tx, end, act, its)
  }
}

async function addToChain(
  tx: Tx,
  head: ChainHead,
  act: Act,
  events: readonly AuditEvent[],
): Promise<void> {
  let last = head.hash
  const rows = events.map((event, index) => {
    const entry: AuditEntry = {
      ...event,
      sequence: head.sequence + index + 1,
      chain: head.concern,
      at: act.at,
      actor: act.actor,
      traceId: act.traceId,
      network: act.network,
    }
    const bytes = new TextEncoder().encode(canonicalEntry(entry))
    last = chained(last, bytes)
    return {
      chain: entry.chain,
      sequence: entry.sequence,
      at: timestamp(entry.at),
      kind: entry.kind,
      actor_id: entry.actor.id,
      target_id: entry.target.id,
      trace_id: entry.traceId,
      entry: bytes,
      hash: last,
    }
  })
  await tx.insertInto('audit_entry').values(rows).execute()
  await moveHead(tx, head.concern, { sequence: head.sequence + rows.length, hash: last })
}

/** The hash of an entry: SHA-256 over the hash of the one before and the entry's bytes. */
export function chained(previous: Uint8Array, entry: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([previous, entry]), 'buffer')
}

async function moveHead(
  tx: Tx,
  concern: Concern,
  to: { readonly sequence: number; readonly hash: Uint8Array },
): Promise<void> {
  const head = { audit_sequence: to.sequence, audit_hash: to.hash }
  await (concern === 'server'
    ? tx.updateTable('server').set(head).execute()
    : tx.updateTable('organization').set(head).where('id', '=', concern).execute())
}

type Db = Kysely<Tables>

/** Entries read at a time: few enough that the memory for them is small, however long they are. */
export const entryRowsMax = 500

/** Entries of a chain as they are stored, in its order, after one of them and up to another. */
export async function readChain(
  db: Db,
  chain: string,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<readonly StoredEntry[]> {
  const rows = await db
    .selectFrom('audit_entry')
    .select(['sequence', 'at', 'kind', 'actor_id', 'target_id', 'trace_id', 'entry', 'hash'])
    .where('chain', '=', chain)
    .where('sequence', '>', after)
    .where('sequence', '<=', upTo)
    .orderBy('sequence')
    .limit(entryRowsMax)
    .execute()
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at,
    kind: row.kind,
    actorId: row.actor_id,
    targetId: row.target_id,
    traceId: row.trace_id,
    entry: row.entry,
    hash: row.hash,
  }))
}

/** The sequence number of the last row of a chain, and what is recorded as its end, at one moment. */
export async function readEnds(
  db: Db,
  chain: Concern,
): Promise<{ readonly lastRow: number; readonly end: ChainEnd } | undefined> {
  const { rows } = await sql<ChainEnd & { last: number | null }>`
    select ends.sequence, ends.hash,
      (select max(sequence) from audit_entry where chain = ${chain}) as last
    from (${chainEnds}) as ends where ends.chain = ${chain}
  `.execute(db)
  const [row] = rows
  return row && { lastRow: row.last ?? 0, end: { sequence: row.sequence, hash: row.hash } }
}

const chainEnds = sql`
  select 'server' as chain, audit_sequence as sequence, audit_hash as hash from server
  union all select id, audit_sequence, audit_hash from organization
`

/** The recorded ends of all chains and the epoch, of one moment; at most so many chains. */
export async function readAllEnds(
  db: Db,
  chainsMax: number,
): Promise<{
  readonly epoch: string
  readonly ends: readonly (ChainEnd & { readonly chain: Concern })[]
}> {
  const { rows } = await sql<ChainEnd & { chain: Concern; epoch: string }>`
    select chain, sequence, hash, epoch from (${chainEnds}) as ends, change_counter
    order by chain limit ${chainsMax}
  `.execute(db)
  const [first] = rows
  if (first === undefined) throw new Error('the server row is missing: the database is not set up')
  return { epoch: first.epoch, ends: rows }
}

const chainNamesMax = 500

/** The chains that there are organizations for, a page of them. */
export async function listOrganizationChains(
  db: Db,
  after: string,
): Promise<readonly OrganizationId[]> {
  const rows = await db
    .selectFrom('organization')
    .select('id')
    .where('id', '>', sql<OrganizationId>`${after}`)
    .orderBy('id')
    .limit(chainNamesMax)
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * The chains that entries are found in, a page of them, and whether it is known whose they are. Looks
 * each of them up in the index, however many entries they have.
 */
export async function listChainsOfEntries(
  db: Db,
  after: string,
): Promise<readonly { readonly chain: string; readonly isKnown: boolean }[]> {
  const { rows } = await sql<{ chain: string; is_known: boolean }>`
    with recursive found as (
      (select chain from audit_entry where chain > ${after} order by chain limit 1)
      union all
      select next.chain from found, lateral (
        select chain from audit_entry where chain > found.chain order by chain limit 1
      ) as next
    )
    select chain, chain = 'server' or exists (select from organization where id = chain) as is_known
    from (select chain from found limit ${chainNamesMax}) as page
  `.execute(db)
  return rows.map(({ chain, is_known: isKnown }) => ({ chain, isKnown }))
}

/** Which entries of a chain are meant: all that fit everything given. */
export type EntryFilter = {
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly kind?: string | undefined
  /** Not before, and before. */
  readonly from?: NumericDate | undefined
  readonly to?: NumericDate | undefined
}

/** An entry as it was written down, and its hash. */
export type WrittenEntry = {
  readonly sequence: number
  readonly entry: Uint8Array
  readonly hash: Uint8Array
}

/** Entries of a chain in its order, so that a reader who comes again misses none. */
export async function listAuditEntries(
  db: Db,
  chain: Concern,
  { actor, target, kind, from, to }: EntryFilter,
  page: {
    readonly after: number
    readonly upTo?: number | undefined
    readonly rowsMax: number
  },
): Promise<readonly WrittenEntry[]> {
  return db
    .selectFrom('audit_entry')
    .select(['sequence', 'entry', 'hash'])
    .where('chain', '=', chain)
    .where('sequence', '>', page.after)
    .$if(page.upTo !== undefined, (query) => query.where('sequence', '<=', page.upTo ?? 0))
    .$if(actor !== undefined, (query) => query.where('actor_id', '=', actor ?? ''))
    .$if(target !== undefined, (query) => query.where('target_id', '=', target ?? ''))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
    .$if(from !== undefined, (query) =>
      query.where('at', '>=', sql<NumericDate>`${timestamp(from)}`),
    )
    .$if(to !== undefined, (query) => query.where('at', '<', sql<NumericDate>`${timestamp(to)}`))
    .orderBy('sequence')
    .limit(page.rowsMax)
    .execute()
}

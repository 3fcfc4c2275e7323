import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { OrganizationId } from '../../src/domain/id.ts'
import { addAuditEntries, chained, readEnds } from '../../src/storage/audit-trail.ts'
import type { Tables } from '../../src/storage/tables.ts'
import type { Act, Tx } from '../../src/storage/tx.ts'
import type { Desk } from './desk.ts'

export type Db = Kysely<Tables>

/** Does something to the rows that the program never does, looks, and takes it back. */
export async function tampered<Value>(
  { db }: Desk,
  tamper: (tx: Db) => Promise<unknown>,
  look: (tx: Db) => Promise<Value>,
): Promise<Value> {
  const tx = await db.management.startTransaction().execute()
  try {
    await tamper(tx)
    return await look(tx)
  } finally {
    await tx.rollback().execute()
  }
}

/** Moves rows of a chain by some places, without their bytes. */
async function shift(tx: Db, chain: string, from: number, by: number): Promise<void> {
  await sql`update audit_entry set sequence = -sequence where chain = ${chain} and sequence >= ${from}`.execute(
    tx,
  )
  await sql`update audit_entry set sequence = -sequence + ${by} where chain = ${chain} and sequence < 0`.execute(
    tx,
  )
}

export async function copy(tx: Db, chain: string, from: number, to: number): Promise<void> {
  await sql`insert into audit_entry (chain, sequence, at, kind, actor_id, target_id, trace_id, entry, hash)
    select chain, ${to}::bigint, at, kind, actor_id, target_id, trace_id, entry, hash
    from audit_entry where chain = ${chain} and sequence = ${from}`.execute(tx)
}

export const set =
  (chain: string, sequence: number, change: ReturnType<typeof sql>) => async (tx: Db) =>
    sql`update audit_entry set ${change} where chain = ${chain} and sequence = ${sequence}`.execute(
      tx,
    )

const otherText = sql`convert_to(replace(convert_from(entry, 'UTF8'), 'ada', 'eve'), 'UTF8')`

type Mistake = (
  chain: string,
  n: number,
  other: number,
) => { readonly tamper: (tx: Db) => Promise<unknown>; readonly flaw: Record<string, unknown> }

/** Whatever can be done to one row, or to two that change places. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  content: (chain, n) => ({
    tamper: set(chain, n, sql`entry = ${otherText}`),
    flaw: { what: 'content_altered', sequence: n },
  }),
  unreadable: (chain, n) => ({
    tamper: set(chain, n, sql`entry = '\\xff'::bytea`),
    flaw: { what: 'content_altered', sequence: n },
  }),
  hash: (chain, n) => ({
    tamper: set(chain, n, sql`hash = sha256(hash)`),
    flaw: { what: 'hash_altered', sequence: n },
  }),
  at: (chain, n) => ({
    tamper: set(chain, n, sql`at = at + interval '1 second'`),
    flaw: { what: 'columns_differ', sequence: n, columns: ['at'] },
  }),
  kind: (chain, n) => ({
    tamper: set(chain, n, sql`kind = 'role.removed'`),
    flaw: { what: 'columns_differ', sequence: n, columns: ['kind'] },
  }),
  ids: (chain, n) => ({
    tamper: set(chain, n, sql`actor_id = 'x', target_id = 'y', trace_id = 'z'`),
    flaw: { what: 'columns_differ', sequence: n, columns: ['actor_id', 'target_id', 'trace_id'] },
  }),
  removed: (chain, n) => ({
    tamper: async (tx) =>
      sql`delete from audit_entry where chain = ${chain} and sequence = ${n}`.execute(tx),
    flaw: { what: 'entry_missing', sequence: n },
  }),
  'removed, and the others moved up': (chain, n) => ({
    tamper: async (tx) => {
      await sql`delete from audit_entry where chain = ${chain} and sequence = ${n}`.execute(tx)
      await shift(tx, chain, n + 1, -1)
    },
    flaw: { what: 'entry_missing', sequence: n },
  }),
  'exchanged with another': (chain, n, other) => ({
    tamper: async (tx) => {
      const places: [number, number][] = [
        [n, -1],
        [other, n],
        [-1, other],
      ]
      for (const [from, to] of places) await set(chain, from, sql`sequence = ${to}::bigint`)(tx)
    },
    flaw: { what: 'entry_moved', sequence: Math.min(n, other), from: Math.max(n, other) },
  }),
  'told twice': (chain, n, other) => ({
    tamper: async (tx) => {
      await shift(tx, chain, n, 1)
      await copy(tx, chain, other < n ? other : other + 1, n)
    },
    flaw: { sequence: n },
  }),
  'added before it': (chain, n) => ({
    tamper: async (tx) => {
      await shift(tx, chain, n, 1)
      await copy(tx, chain, n + 1, n)
      await set(chain, n, sql`entry = ${otherText}`)(tx)
    },
    flaw: { what: 'entry_added', sequence: n },
  }),
}

/** Alters an entry, and makes all hashes from there on fit again. */
export async function rewrite(tx: Db, chain: string, from: number, to: number): Promise<void> {
  await set(chain, from, sql`entry = ${otherText}, actor_id = replace(actor_id, 'ada', 'eve')`)(tx)
  const rows = await tx
    .selectFrom('audit_entry')
    .select(['sequence', 'entry', 'hash'])
    .where('chain', '=', chain)
    .orderBy('sequence')
    .execute()
  let previous: Uint8Array = rows[from - 2]?.hash ?? new Uint8Array(32)
  for (const { sequence, entry } of rows.slice(from - 1, to)) {
    previous = chained(previous, entry)
    await tx
      .updateTable('audit_entry')
      .set({ hash: previous })
      .where('chain', '=', chain)
      .where('sequence', '=', sequence)
      .execute()
  }
  if (to > from) {
    await sql`update organization set audit_hash = ${previous} where id = ${chain}`.execute(tx)
  }
}

/** Adds entries to a chain until it has so many, as the program writes them. */
export async function prolong(
  tx: Db,
  chain: OrganizationId,
  { count, act }: { readonly count: number; readonly act: Act },
): Promise<void> {
  const ends = await readEnds(tx, chain)
  if (ends === undefined) throw new Error('no such chain')
  const target = { type: 'organization', id: chain }
  const events = Array.from({ length: count - ends.end.sequence }, () => ({
    kind: 'organization.changed' as const,
    target,
  }))
  await addAuditEntries(tx as unknown as Tx, { ...ends.end, concern: chain }, act, events)
}

import { hash } from 'node:crypto'
import type { AuditEntry, AuditEvent } from '../domain/audit.ts'
import { canonicalEntry } from '../domain/audit.ts'
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

export async function addAuditEntries(
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

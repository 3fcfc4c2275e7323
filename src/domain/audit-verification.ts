import type { NumericDate } from './time.ts'
import { isoText } from './time.ts'

/** The end of a chain as its organization, or the server, records it. */
export type ChainEnd = { readonly sequence: number; readonly hash: Uint8Array }

/** An entry as it is stored: its bytes, its hash, and what its row says beside them. */
export type StoredEntry = ChainEnd & {
  readonly entry: Uint8Array
  readonly at: NumericDate
  readonly kind: string
  readonly actorId: string
  readonly targetId: string
  readonly traceId: string
}

/** What is wrong with a chain, and at which entry. */
export type ChainFlaw = { readonly sequence: number } & (
  | { readonly what: 'entry_missing' }
  | { readonly what: 'entry_added' }
  /** In the place of one entry stands another one of the chain. */
  | { readonly what: 'entry_moved'; readonly from: number }
  /** Or the one before was, and hashed anew. */
  | { readonly what: 'content_altered' }
  | { readonly what: 'hash_altered' }
  /** What the row says beside the bytes is not what they say. */
  | { readonly what: 'columns_differ'; readonly columns: readonly string[] }
  /** The last entry is not what is recorded as the end of the chain. */
  | { readonly what: 'end_altered' }
  /** Entries that are not the ones a checkpoint knew, from `since` on; their hashes are in order. */
  | { readonly what: 'chain_recomputed'; readonly since: number }
  /** A checkpoint knew entries up to `known`. */
  | { readonly what: 'tail_cut'; readonly known: number }
  | { readonly what: 'chain_removed'; readonly known: number }
  /** Entries of no organization that there is. */
  | { readonly what: 'chain_unknown' }
)

/** The hash of an entry, from the one before and its bytes. */
export type Chained = (previous: Uint8Array, entry: Uint8Array) => Uint8Array

/** Where an entry stands in its chain. */
export type Standing = {
  readonly chain: string
  /** The hash of the entry before; 32 zero bytes for the first. */
  readonly previous: Uint8Array
  readonly expected: number
  /** The row that follows; `undefined` for the last. */
  readonly next: StoredEntry | undefined
  /** The recorded end of the chain. */
  readonly end: ChainEnd
}

/**
 * Says what is wrong with an entry, if anything is. One hash that does not fit tells little, so what
 * follows is looked at too: it was hashed over what stood here when it was written.
 */
export function flawOf(
  row: StoredEntry,
  standing: Standing,
  chained: Chained,
): ChainFlaw | undefined {
  const { chain, expected: sequence, previous } = standing
  if (row.sequence > sequence) return { what: 'entry_missing', sequence }
  if (row.sequence < sequence) return { what: 'entry_added', sequence: row.sequence }
  const said = readBytes(row.entry)
  if (!isSame(chained(previous, row.entry), row.hash))
    return brokenLink(row, said, standing, chained)
  if (said === undefined) return { what: 'content_altered', sequence }
  if (said.sequence !== sequence) return { what: 'entry_moved', sequence, from: said.sequence }
  const columns = differing(row, said, chain)
  return columns.length === 0 ? undefined : { what: 'columns_differ', sequence, columns }
}

function brokenLink(
  row: StoredEntry,
  said: Said | undefined,
  standing: Standing,
  chained: Chained,
): ChainFlaw {
  const { sequence } = row
  const displaced = said && displacement(sequence, said, standing)
  if (displaced !== undefined) return displaced
  const computed = chained(standing.previous, row.entry)
  const what = isFollowed(computed, standing, chained) ? 'hash_altered' : 'content_altered'
  return { what, sequence }
}

/** What stands in the place of an entry, if it says itself that it belongs elsewhere. */
function displacement(sequence: number, said: Said, standing: Standing): ChainFlaw | undefined {
  const following = standing.next && readBytes(standing.next.entry)?.sequence
  if (said.chain !== standing.chain) return { what: 'entry_added', sequence }
  // The entry that belongs here comes next.
  if (said.sequence === sequence) {
    return following === sequence ? { what: 'entry_added', sequence } : undefined
  }
  // What comes later has moved up, unless the two have changed places.
  const movedUp = said.sequence === sequence + 1 && following !== sequence
  return movedUp
    ? { what: 'entry_missing', sequence }
    : { what: 'entry_moved', sequence, from: said.sequence }
}

/** Whether what follows an entry was written after one with this hash. */
function isFollowed(hash: Uint8Array, { next, end }: Standing, chained: Chained): boolean {
  return isSame(next === undefined ? hash : chained(hash, next.entry), (next ?? end).hash)
}

/** What the bytes of an entry say, as far as its row says it too. */
type Said = {
  readonly chain: unknown
  readonly sequence: number
  readonly columns: Readonly<Record<string, unknown>>
}

function readBytes(bytes: Uint8Array): Said | undefined {
  const entry = parsed(bytes)
  const sequence = memberOf(entry, 'sequence')
  if (typeof sequence !== 'number') return undefined
  return {
    sequence,
    chain: memberOf(entry, 'chain'),
    columns: {
      at: memberOf(entry, 'at'),
      kind: memberOf(entry, 'kind'),
      actor_id: memberOf(memberOf(entry, 'actor'), 'id'),
      target_id: memberOf(memberOf(entry, 'target'), 'id'),
      trace_id: memberOf(entry, 'trace_id'),
    },
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    return undefined
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function differing(row: StoredEntry, said: Said, chain: string): readonly string[] {
  const columns: Readonly<Record<string, string>> = {
    at: isoText(row.at),
    kind: row.kind,
    actor_id: row.actorId,
    target_id: row.targetId,
    trace_id: row.traceId,
  }
  const names = Object.keys(columns).filter((name) => columns[name] !== said.columns[name])
  return said.chain === chain ? names : ['chain', ...names]
}

/** Compares what nobody has to keep secret. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** Hashes are shown and written as `sha256sum` does. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

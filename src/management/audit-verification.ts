import type { AuditCheckpoint, CheckpointEnd } from '../domain/audit-checkpoint.ts'
import type { ChainEnd, ChainFlaw, StoredEntry } from '../domain/audit-verification.ts'
import { flawOf, hexText, isSame } from '../domain/audit-verification.ts'
import {
  chained,
  entryRowsMax,
  listChainsOfEntries,
  readChain,
  readEnds,
} from '../storage/audit-trail.ts'
import type { Database } from '../storage/database.ts'
import type { Concern } from '../storage/tx.ts'
import { allChains } from './audit-trail.ts'

type Db = Database['management']

/** A chain as it was found. */
export type ChainReport = {
  readonly chain: string
  /** How many of its entries were verified. */
  readonly entries: number
  /** The first thing that is wrong with it. */
  readonly flaw: ChainFlaw | undefined
}

type Wish = {
  /** One chain; all of them, if it is not said. */
  readonly chain: Concern | undefined
  readonly checkpoints: readonly AuditCheckpoint[]
}

/**
 * Recomputes the chains of the audit trail, one after the other and a page of entries at a time, and
 * compares them with what their rows say, with their recorded ends, and with checkpoints. The server
 * may go on writing meanwhile.
 */
export async function* verifyAuditTrail(
  db: Db,
  { chain, checkpoints }: Wish,
): AsyncGenerator<ChainReport> {
  if (chain !== undefined) {
    yield await verifyChain(db, chain, checkpoints)
    return
  }
  const known = new Set(checkpoints.flatMap(({ ends }) => ends.map((end) => end.chain)))
  const seen = new Set<string>()
  for await (const one of allChains(db)) {
    if (known.has(one)) seen.add(one)
    yield await verifyChain(db, one, checkpoints)
  }
  yield* removedChains(checkpoints, seen)
  yield* unknownChains(db)
}

/** Organizations that a checkpoint knew and that are not there: none is ever removed. */
function* removedChains(
  checkpoints: readonly AuditCheckpoint[],
  seen: ReadonlySet<string>,
): Generator<ChainReport> {
  const gone = new Map<string, number>()
  for (const { ends } of checkpoints) {
    for (const { chain, sequence } of ends) if (!seen.has(chain)) gone.set(chain, sequence)
  }
  for (const [chain, known] of gone) {
    yield { chain, entries: 0, flaw: { what: 'chain_removed', sequence: 1, known } }
  }
}

async function* unknownChains(db: Db): AsyncGenerator<ChainReport> {
  let page = await listChainsOfEntries(db, '')
  while (page.length > 0) {
    for (const { chain, isKnown } of page) {
      if (!isKnown) yield { chain, entries: 0, flaw: { what: 'chain_unknown', sequence: 1 } }
    }
    page = await listChainsOfEntries(db, page.at(-1)?.chain ?? '')
  }
}

const nothingHashed = new Uint8Array(32)

/** How far a chain was followed. */
type Walk = {
  readonly chain: Concern
  readonly end: ChainEnd
  readonly checkpoints: readonly CheckpointEnd[]
  sequence: number
  hash: Uint8Array
  /** The last entry of which a checkpoint says the same. */
  agreed: number
}

async function verifyChain(
  db: Db,
  chain: Concern,
  checkpoints: readonly AuditCheckpoint[],
): Promise<ChainReport> {
  const ends = await readEnds(db, chain)
  if (ends === undefined) {
    return { chain, entries: 0, flaw: { what: 'chain_unknown', sequence: 1 } }
  }
  const walk: Walk = {
    chain,
    end: ends.end,
    checkpoints: knownOf(checkpoints, chain),
    sequence: 0,
    hash: nothingHashed,
    agreed: 0,
  }
  const flaw = (await follow(db, walk)) ?? flawOfEnd(walk) ?? (await flawBeyond(db, walk))
  return { chain, entries: walk.sequence, flaw }
}

function knownOf(checkpoints: readonly AuditCheckpoint[], chain: string): readonly CheckpointEnd[] {
  return checkpoints
    .flatMap(({ ends }) => ends)
    .filter((end) => end.chain === chain && end.sequence > 0)
}

/**
 * Follows the chain up to its end; the row behind that one, if there is one by now, only bears
 * witness. A page is a range of numbers, so that it is read quickly even where the database knows
 * nothing of the table yet, as after a restore.
 */
async function follow(db: Db, walk: Walk): Promise<ChainFlaw | undefined> {
  const last = walk.end.sequence + 1
  let after = Number.MIN_SAFE_INTEGER
  let held: StoredEntry | undefined
  for (let upTo = 0; upTo < last;) {
    upTo = Math.min(upTo + entryRowsMax, last)
    const page = await readChain(db, walk.chain, { after, upTo })
    // What is not there ends the chain for now.
    if (page.length === 0) break
    for (const row of page) {
      const flaw = held && flawOfEntry(walk, held, row)
      if (flaw !== undefined) return flaw
      held = row
    }
    after = upTo
  }
  return held && flawOfEntry(walk, held, undefined)
}

function flawOfEntry(
  walk: Walk,
  row: StoredEntry,
  next: StoredEntry | undefined,
): ChainFlaw | undefined {
  const { chain, end, sequence, hash: previous } = walk
  if (row.sequence > end.sequence) return undefined
  const standing = { chain, previous, expected: sequence + 1, next, end }
  const flaw = flawOf(row, standing, chained)
  if (flaw !== undefined) return flaw
  walk.sequence = row.sequence
  walk.hash = row.hash
  return flawSinceCheckpoint(walk)
}

function flawSinceCheckpoint(walk: Walk): ChainFlaw | undefined {
  const { sequence, hash, agreed } = walk
  const known = walk.checkpoints.filter((one) => one.sequence === sequence)
  if (known.some((one) => one.hash !== hexText(hash))) {
    return { what: 'chain_recomputed', sequence, since: agreed + 1 }
  }
  if (known.length > 0) walk.agreed = sequence
  return undefined
}

function flawOfEnd({ end, sequence, hash, checkpoints }: Walk): ChainFlaw | undefined {
  if (sequence < end.sequence) {
    return isSame(hash, end.hash)
      ? { what: 'end_altered', sequence }
      : { what: 'entry_missing', sequence: sequence + 1 }
  }
  if (!isSame(hash, end.hash)) return { what: 'end_altered', sequence }
  const known = Math.max(0, ...checkpoints.map((one) => one.sequence))
  return known > sequence ? { what: 'tail_cut', sequence: sequence + 1, known } : undefined
}

/** An entry behind the recorded end was not written by this program, which moves both at once. */
async function flawBeyond(db: Db, { chain }: Walk): Promise<ChainFlaw | undefined> {
  const ends = await readEnds(db, chain)
  if (ends === undefined || ends.lastRow <= ends.end.sequence) return undefined
  return { what: 'entry_added', sequence: ends.end.sequence + 1 }
}

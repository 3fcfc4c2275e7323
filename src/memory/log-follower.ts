import type { LoggedChange } from '../domain/change.ts'
import { Unavailable } from '../domain/fault.ts'
import { seconds } from '../domain/time.ts'
import type { LogPage, LogPosition, LogRow } from '../storage/changes.ts'
import { pageRowsMax } from '../storage/changes.ts'

export type LogFollower = {
  /**
   * The position of the last row known, to read from, which must still be there. `undefined` before
   * the first page: nothing is remembered, so nothing that happened needs to be told.
   */
  readonly position: () => number | undefined
  /** Applies a page; says whether there may be more. */
  readonly follow: (page: LogPage) => Promise<boolean>
}

type Memory = {
  readonly apply: (change: LoggedChange) => Promise<void>
  /**
   * Drops all that is remembered, because the log does not tell what happened to it. Without a
   * reason at the very beginning, when there is nothing to drop.
   */
  readonly startOver: (why: string | undefined) => Promise<void>
}

type Known = LogPosition & { readonly epoch: string; readonly timeline: number }

/**
 * Reads the log like a careful reader: it re-reads the last row it knows and counts positions, so it
 * notices a restored backup, a rolled-back log, a gap, and rows that were removed before it saw
 * them. Whatever does not follow from what it knows makes it start over with an empty memory.
 */
export function logFollower({ apply, startOver }: Memory): LogFollower {
  let known: Known | undefined

  // If it fails, the next page is as strange as this one.
  const beginAt = async (page: LogPage, why?: string): Promise<boolean> => {
    await startOver(why)
    known = {
      epoch: page.epoch,
      timeline: page.timeline,
      position: page.head,
      id: page.headId,
    }
    return false
  }
  return {
    position: () => known?.position,
    follow: async (page) => {
      if (known === undefined) return beginAt(page)
      // The same log on an older timeline: the server that a standby has replaced still runs.
      if (page.epoch === known.epoch && page.timeline < known.timeline) {
        throw new Unavailable('the database is one that was replaced', seconds(2))
      }
      const strange = whyStrange(known, page)
      if (strange !== undefined) return beginAt(page, strange)
      for (const row of news(known, page)) {
        await apply(row)
        known = { ...known, position: row.position, id: row.id }
      }
      return page.rows.length === pageRowsMax
    },
  }
}

/** The rows of a page after the one that was known. */
function news({ position }: Known, { rows }: LogPage): readonly LogRow[] {
  return rows.filter((row) => row.position > position)
}

function whyStrange(known: Known, page: LogPage): string | undefined {
  if (page.epoch !== known.epoch) return 'the log has a new epoch'
  if (page.timeline !== known.timeline) return 'a standby has taken over'
  return whyNotTheSame(known, page) ?? whyIncomplete(known, page)
}

/** Position 0 has no row: nothing had ever been written. */
function whyNotTheSame({ position, id }: Known, { rows }: LogPage): string | undefined {
  if (position === 0) return undefined
  const again = rows[0]
  if (again?.position !== position) return 'the last row known is gone'
  return id === undefined || again.id === id ? undefined : 'the last row known is another one'
}

function whyIncomplete(known: Known, page: LogPage): string | undefined {
  const rows = news(known, page)
  if (rows.some((row, index) => row.position !== known.position + index + 1)) {
    return 'the log has a gap'
  }
  const last = rows.at(-1)?.position ?? known.position
  const isWhole = page.rows.length < pageRowsMax
  return isWhole && last !== page.head ? 'the log does not reach its head' : undefined
}

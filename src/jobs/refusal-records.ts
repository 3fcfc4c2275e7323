import type { Clock } from '../ports/clock.ts'
import type { Events, RecordKind } from '../ports/events.ts'
import type { Database } from '../storage/database.ts'
import { addDeniedCalls } from '../storage/denied-calls.ts'
import { deniedCallBatch } from './denied-calls.ts'
import { tokenRefusalBatch, writeTokenRefusals } from './token-refusals.ts'

type Needs = {
  readonly db: Database
  readonly clock: Pick<Clock, 'now'>
  /** Where it tells what was lost. */
  readonly events: Events
}

export type RefusalRecords = {
  /** Listens to what is refused. */
  readonly events: Events
  /** Writes what has come together. */
  readonly flush: () => Promise<void>
  /** Writes now and then. Returns how to stop, which writes what is left. */
  readonly start: () => () => Promise<void>
}

const everyMilliseconds = 5000

/**
 * Writes down what was refused, so that an operator finds it beside the log. No caller waits for it:
 * a refusal is counted in memory, and written with all others of some seconds. If that fails, those
 * seconds are lost and the loss is told.
 */
export function refusalRecords({ db, clock, events }: Needs): RefusalRecords {
  const denied = deniedCallBatch()
  const refused = tokenRefusalBatch()
  const write = async <Row>(
    of: RecordKind,
    { rows, dropped }: { readonly rows: readonly Row[]; readonly dropped: number },
    add: (rows: readonly Row[]) => Promise<void>,
  ): Promise<void> => {
    let lost = dropped
    try {
      if (rows.length > 0) await add(rows)
    } catch (error) {
      lost += rows.length
      events.record({ kind: 'records_failed', of, error })
    }
    if (lost > 0) events.record({ kind: 'records_dropped', of, count: lost })
  }
  const flush = async (): Promise<void> => {
    await write('denied_calls', denied.take(), async (rows) => addDeniedCalls(db, rows))
    await write('token_refusals', refused.take(), async (rows) => writeTokenRefusals(db, rows))
  }
  return {
    events: {
      record: (event) => {
        if (event.kind === 'token_refused') refused.add(event, clock.now())
        else if (event.kind === 'management_denied') denied.add(event, clock.now())
      },
    },
    flush,
    start: () => startFlushing(flush),
  }
}

function startFlushing(flush: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running.then(flush)
  }, everyMilliseconds)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running.then(flush)
  }
}

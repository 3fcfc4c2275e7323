import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { Unavailable } from '../domain/fault.ts'
import { numericDate, seconds } from '../domain/time.ts'

const retryAfter = seconds(2)
const textFormat = 'text'

/**
 * Reads `timestamptz` as a NumericDate and `bigint` as a number (ours stay far below 2^53).
 * Everything else as the driver does.
 */
export const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format === textFormat || format === undefined) {
      if (oid === pg.types.builtins.INT8) return Number
      if (oid === pg.types.builtins.TIMESTAMPTZ) return readTimestamp
    }
    return pg.types.getTypeParser(oid, format)
  },
}

const readDate: (text: string) => Date = pg.types.getTypeParser(
  pg.types.builtins.TIMESTAMPTZ,
  textFormat,
)

function readTimestamp(text: string): number {
  return numericDate(readDate(text).getTime() / 1000)
}

export type Watch = {
  /** Whether a connection may be closed, and another one opened. */
  readonly mayClose: boolean
  /** Whether a connection that has lain idle still deserves a question. */
  readonly believes: (client: pg.PoolClient) => boolean
}

/**
 * The pool as Kysely sees it. Whatever says that the database cannot answer becomes `Unavailable`;
 * and a connection that failed in any way but by an answer of the server (a timeout, a cut) is
 * closed instead of handed to the next caller, who would wait behind a question nobody answers.
 */
export function watched(pool: pg.Pool, { mayClose, believes }: Watch): PostgresPool {
  return {
    options: pool.options,
    connect: async () => watchedClient(await connected(pool, believes), mayClose),
    end: async () => pool.end(),
  }
}

async function connected(pool: pg.Pool, believes: Watch['believes']): Promise<pg.PoolClient> {
  try {
    let client = await pool.connect()
    while (!believes(client)) {
      client.release(true)
      client = await pool.connect()
    }
    return client
  } catch (error) {
    if (error instanceof Unavailable) throw error
    throw asUnavailable(error) ?? new Unavailable('no connection', retryAfter, { cause: error })
  }
}

function watchedClient(client: pg.PoolClient, mayClose: boolean): PostgresPoolClient {
  let broken = false
  const query = async (text: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(text, [...parameters])
    } catch (error) {
      broken ||= !isAnswer(error)
      throw asUnavailable(error) ?? error
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely overloads `query` for cursors, which we do not use
  return {
    query,
    release: () => client.release(broken && mayClose),
  } as unknown as PostgresPoolClient
}

/**
 * SQLSTATE classes in which the server says that it cannot do its work now: 08 connection,
 * 53 resources, 57 operator intervention (statement timeout too), 58 system; and by name a lock not
 * had in time, a server that is read-only, an idle transaction that was ended.
 */
const away = /^(?:08|53|57|58)|^(?:55P03|25006|25P03)$/

function asUnavailable(error: unknown): Unavailable | undefined {
  if (isAnswer(error) && !away.test(error.code ?? '')) return undefined
  const code = isAnswer(error) ? ` (${String(error.code)})` : ''
  return new Unavailable(`the database did not answer${code}`, retryAfter, { cause: error })
}

/** Whether the server said it. PGlite has a copy of the driver's class, so its fields decide. */
export function isAnswer(error: unknown): error is pg.DatabaseError {
  return error instanceof Error && 'code' in error && 'severity' in error
}

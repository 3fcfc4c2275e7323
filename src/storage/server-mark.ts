import type pg from 'pg'
import { Unavailable } from '../domain/fault.ts'
import { seconds } from '../domain/time.ts'
import { isAnswer } from './pool.ts'

/** What a connection says of the server it leads to. */
export type ServerMark = {
  readonly epoch: string
  /** `null` in recovery: a standby. 0 where the engine cannot say. */
  readonly timeline: number | null
}

/** What is known of the servers that this process has been led to. */
export type KnownServers = {
  /** Says what a server cannot be believed for, if it is a standby, or one that was replaced. */
  readonly whyRefused: (mark: ServerMark) => string | undefined
  readonly saw: (mark: ServerMark) => void
  /** SQL for the timeline, as far as the engine can say it. */
  readonly timelineSql: () => string
  /** Whether there is less to ask for, after the engine has refused this. */
  readonly askLess: (refusal: unknown) => boolean
}

/**
 * How to learn the timeline, from best to none: an engine that only speaks PostgreSQL's language can
 * lack what tells of its log, and still the log of changes is compared row by row.
 */
const timelines = [
  `case when pg_is_in_recovery() then null
    else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint end`,
  'case when pg_is_in_recovery() then null else 0 end',
  '0',
]

/** SQLSTATE: an unknown function, a feature not supported, a function not allowed. */
const lacking = /^(?:42883|0A000|42501)$/

export function knownServers(): KnownServers {
  const newest = new Map<string, number>()
  let asked = 0
  return {
    whyRefused: ({ epoch, timeline }) => {
      if (timeline === null) return 'the database is a standby'
      return timeline < (newest.get(epoch) ?? 0)
        ? 'the database is one that was replaced'
        : undefined
    },
    saw: ({ epoch, timeline }) => {
      if (timeline !== null && timeline > (newest.get(epoch) ?? -1)) newest.set(epoch, timeline)
    },
    timelineSql: () => timelines[asked] ?? '0',
    askLess: (refusal) => {
      const isLacking = isAnswer(refusal) && lacking.test(refusal.code ?? '')
      if (!isLacking || asked === timelines.length - 1) return false
      asked += 1
      return true
    },
  }
}

const retryAfter = seconds(2)
const undefinedTable = '42P01'

/** Asks a new connection which server it leads to; returns why what is there cannot be believed. */
export async function whyDisbelieved(
  client: pg.ClientBase,
  servers: KnownServers,
): Promise<Error | undefined> {
  try {
    const mark = await askMark(client, servers)
    if (mark === undefined) return undefined
    const why = servers.whyRefused(mark)
    if (why !== undefined) return new Unavailable(why, retryAfter)
    servers.saw(mark)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Unavailable('no connection', retryAfter)
  }
}

/** `undefined` of a database that is not set up yet. */
async function askMark(
  client: pg.ClientBase,
  servers: KnownServers,
): Promise<ServerMark | undefined> {
  try {
    const { rows } = await client.query<ServerMark>(
      `select epoch, ${servers.timelineSql()} as timeline from change_counter`,
    )
    return rows[0]
  } catch (error) {
    if (isAnswer(error) && error.code === undefinedTable) return undefined
    if (servers.askLess(error)) return askMark(client, servers)
    throw error
  }
}

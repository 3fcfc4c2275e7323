import type { Kysely } from 'kysely'
import type { PersonId, SessionId } from '../domain/id.ts'
import type { Person } from '../domain/person.ts'
import type { Session } from '../domain/session.ts'
import { lastSeenEvery, sessionIdleMax } from '../domain/session.ts'
import type { NumericDate } from '../domain/time.ts'
import { later, seconds } from '../domain/time.ts'
import type { TokenHash } from '../ports/tokens.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'
import { moment, timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** A session with the person who is signed in. */
export type LiveSession = {
  readonly session: Session
  readonly person: Pick<Person, 'id' | 'name' | 'email' | 'isOperator'>
}

const sessionColumns = [
  'session.id',
  'session.person_id',
  'session.created_at',
  'session.last_seen_at',
  'session.ends_at',
  'session.network',
  'session.user_agent',
] as const

/** Finds the session of a token, ended or not. */
export async function findSession(
  db: Kysely<Tables>,
  hash: TokenHash,
): Promise<LiveSession | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person_id')
    .select([...sessionColumns, 'person.name', 'person.email', 'person.is_operator'])
    .where('session.token_hash', '=', hash)
    .executeTakeFirst()
  return (
    row && {
      session: session(row),
      person: {
        id: row.person_id,
        name: row.name,
        email: row.email,
        isOperator: row.is_operator,
      },
    }
  )
}

/** The sessions of a person that have not ended, the one used last first. */
export async function listSessions(
  db: Kysely<Tables>,
  person: PersonId,
  now: NumericDate,
): Promise<readonly Session[]> {
  const rows = await openSessions(db, person, now)
    .select(sessionColumns)
    .orderBy('session.last_seen_at', 'desc')
    .orderBy('session.id', 'desc')
    .execute()
  return rows.map(session)
}

/**
 * A session that has not ended, and whether it is of an operator. Until the transaction is over nobody
 * ends it: what is done by a session is done before its end, or not at all.
 */
export async function holdSession(
  tx: Tx,
  id: SessionId,
  now: NumericDate,
): Promise<Pick<Person, 'isOperator'> | undefined> {
  return tx
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person_id')
    .select('person.is_operator as isOperator')
    .where('session.id', '=', id)
    .where('session.ends_at', '>', moment(now))
    .where('session.last_seen_at', '>', moment(idleSince(now)))
    .forKeyShare('session')
    .executeTakeFirst()
}

/** How many sessions of a person have not ended. */
export async function countSessions(
  db: Kysely<Tables>,
  person: PersonId,
  now: NumericDate,
): Promise<number> {
  const { count } = await openSessions(db, person, now)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function openSessions(db: Kysely<Tables>, person: PersonId, now: NumericDate) {
  return db
    .selectFrom('session')
    .where('session.person_id', '=', person)
    .where('session.ends_at', '>', moment(now))
    .where('session.last_seen_at', '>', moment(idleSince(now)))
}

/**
 * Notes that a session is in use. Like the change log, this is written outside of `inTransaction`: it
 * changes nothing that anybody decided.
 */
export async function touchSession(
  { management }: Pick<Database, 'management'>,
  id: SessionId,
  now: NumericDate,
): Promise<void> {
  const before = moment(later(now, seconds(0 - lastSeenEvery)))
  await management
    .updateTable('session')
    .set({ last_seen_at: timestamp(now) })
    .where('id', '=', id)
    .where('last_seen_at', '<=', before)
    .execute()
}

export async function addSession(tx: Tx, added: Session, hash: TokenHash): Promise<void> {
  await tx
    .insertInto('session')
    .values({
      id: added.id,
      person_id: added.person,
      token_hash: hash,
      created_at: timestamp(added.createdAt),
      last_seen_at: timestamp(added.lastSeenAt),
      ends_at: timestamp(added.endsAt),
      network: added.network,
      user_agent: added.userAgent,
    })
    .execute()
}

/** Gives a session another id and token, and changes nothing else of it; `undefined` if it is gone. */
export async function renewSession(
  tx: Tx,
  before: SessionId,
  { id, hash }: { readonly id: SessionId; readonly hash: TokenHash },
): Promise<Session | undefined> {
  const row = await tx
    .updateTable('session')
    .set({ id, token_hash: hash })
    .where('id', '=', before)
    .returning(sessionColumns)
    .executeTakeFirst()
  return row && session(row)
}

export async function removeSession(tx: Tx, id: SessionId): Promise<void> {
  await tx.deleteFrom('session').where('id', '=', id).execute()
}

/** Ends the sessions of a person, all or all but one; returns how many there were. */
export async function removeSessionsOf(
  tx: Tx,
  person: PersonId,
  except?: SessionId,
): Promise<number> {
  const all = tx.deleteFrom('session').where('person_id', '=', person)
  const some = except === undefined ? all : all.where('id', '<>', except)
  const { numDeletedRows } = await some.executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

const forgottenAtOnce = 1000

/** Deletes some sessions that have ended; returns how many. */
export async function forgetSessions(
  { management: db }: Pick<Database, 'management'>,
  now: NumericDate,
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('session')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('session')
        .select('id')
        .where((of) =>
          of.or([
            of('ends_at', '<=', moment(now)),
            of('last_seen_at', '<=', moment(idleSince(now))),
          ]),
        )
        .limit(forgottenAtOnce),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

function idleSince(now: NumericDate): NumericDate {
  return later(now, seconds(0 - sessionIdleMax))
}

type Row = {
  readonly id: SessionId
  readonly person_id: PersonId
  readonly created_at: NumericDate
  readonly last_seen_at: NumericDate
  readonly ends_at: NumericDate
  readonly network: string
  readonly user_agent: string
}

function session(row: Row): Session {
  return {
    id: row.id,
    person: row.person_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    endsAt: row.ends_at,
    network: row.network,
    userAgent: row.user_agent,
  }
}

import type { SessionNeeded } from '../domain/authority.ts'
import type { MemberId, OrganizationId, PersonId, SessionId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Session, SessionToken } from '../domain/session.ts'
import { endOfSession, lastSeenEvery } from '../domain/session.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, until } from '../domain/time.ts'
import { findMemberOf } from '../storage/members.ts'
import type { LiveSession } from '../storage/sessions.ts'
import * as storage from '../storage/sessions.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import { ofPerson, signedIn } from './people.ts'
import type { PeoplePorts } from './ports.ts'

export type { LiveSession } from '../storage/sessions.ts'

/** Who is signed in with this token, if anybody is: neither ended nor idle for too long. */
export async function findSession(
  { db, tokens }: Pick<PeoplePorts, 'db' | 'tokens'>,
  token: SessionToken,
  now: NumericDate,
): Promise<LiveSession | undefined> {
  const found = await storage.findSession(db.management, tokens.hash(token))
  if (found === undefined || hasEnded(endOfSession(found.session), now)) return undefined
  const { id, lastSeenAt } = found.session
  if (until(lastSeenAt, now) >= lastSeenEvery) await storage.touchSession(db, id, now)
  return found
}

/** The member that a person is in an organization, if they are one. */
export async function memberOf(
  { db }: Pick<PeoplePorts, 'db'>,
  person: PersonId,
  organization: OrganizationId,
): Promise<{ readonly id: MemberId; readonly name: Name } | undefined> {
  return findMemberOf(db.management, organization, person)
}

export type SessionRefusal =
  | ConcernRefusal
  | SessionNeeded
  | { readonly reason: 'session_unknown'; readonly session: SessionId }

/** The sessions of whoever asks: where they are signed in. */
export async function listSessions(
  { db }: Pick<PeoplePorts, 'db'>,
  act: Act,
): Promise<Result<readonly Session[], SessionNeeded>> {
  const person = signedIn(act)
  if (!person.ok) return person
  return accept(await storage.listSessions(db.management, person.value.id, act.at))
}

/** Ends a session of whoever asks, this one or another: at once, at every process. */
export async function endSession(
  { db }: Pick<PeoplePorts, 'db'>,
  act: Act,
  session: SessionId,
): Promise<Result<Session, SessionRefusal>> {
  const person = signedIn(act)
  if (!person.ok) return person
  const { id } = person.value
  return inTransaction<Session, SessionRefusal>(db, 'server', act, async (tx) => {
    const all = await storage.listSessions(tx, id, act.at)
    const ended = all.find((one) => one.id === session)
    if (ended === undefined) return refuse({ reason: 'session_unknown', session })
    await storage.removeSession(tx, session)
    return accept({
      value: ended,
      audit: [
        {
          kind: 'session.ended',
          target: { type: 'session', id: session },
          before: { person: id, network: ended.network, user_agent: ended.userAgent },
        },
      ],
      changes: [ofPerson(id)],
    })
  })
}

/** Ends the session that it is asked by. */
export async function signOut(
  ports: Pick<PeoplePorts, 'db'>,
  act: Act,
): Promise<Result<Session, SessionRefusal>> {
  const person = signedIn(act)
  return person.ok ? endSession(ports, act, person.value.by.session) : person
}

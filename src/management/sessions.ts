import type { MemberId, OrganizationId, PersonId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { SessionToken } from '../domain/session.ts'
import { endOfSession, lastSeenEvery } from '../domain/session.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, until } from '../domain/time.ts'
import { findMemberOf } from '../storage/members.ts'
import type { LiveSession } from '../storage/sessions.ts'
import * as storage from '../storage/sessions.ts'
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

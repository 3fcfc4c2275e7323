import type { PersonActor, PrincipalActor, TokenProof } from '../domain/audit.ts'
import { isInForce } from '../domain/holder.ts'
import type { OrganizationId, SessionId } from '../domain/id.ts'
import type { Person } from '../domain/person.ts'
import type { NumericDate } from '../domain/time.ts'
import type { VerifiedToken } from '../protocol/access-token-claims.ts'
import { findHolder } from '../storage/holders.ts'
import { findMemberOf } from '../storage/members.ts'
import { findOrganization } from '../storage/organizations.ts'
import type { ManagementPorts } from './ports.ts'

type Needs = Pick<ManagementPorts, 'db'>

/**
 * Whoever a token of this server stands for, if it is worth anything now: they are there and in force,
 * and so is what it was got with.
 */
export async function principalActor(
  { db: { management: db } }: Needs,
  { organization, principal, client, gotWith, jti, scope }: VerifiedToken,
  now: NumericDate,
): Promise<PrincipalActor | undefined> {
  const by: TokenProof = { type: 'token', client, gotWith, jti, scope }
  const holder = await findHolder(db, principal.id)
  if (holder?.organization !== organization || !isInForce(holder, by, now)) return undefined
  return { ...principal, organization, name: holder.name, by }
}

/**
 * A person who is signed in, as what they are in an organization: its member, who may be an operator
 * as well, or an operator alone; `undefined` for whom that organization does not exist.
 */
export async function actorInside(
  { db: { management: db } }: Needs,
  organization: OrganizationId,
  person: Pick<Person, 'id' | 'name' | 'isOperator'>,
  session: SessionId,
): Promise<PersonActor | PrincipalActor | undefined> {
  const actor = personActor(person, session)
  const member = await findMemberOf(db, organization, person.id)
  if (member)
    return { type: 'member', organization, id: member.id, name: member.name, by: actor.by }
  return person.isOperator ? actor : undefined
}

export function personActor(
  { id, name, isOperator }: Pick<Person, 'id' | 'name' | 'isOperator'>,
  session: SessionId,
): PersonActor {
  return { type: 'person', id, name, by: { type: 'session', session, isOperator } }
}

export async function isOrganization(
  { db: { management: db } }: Needs,
  id: OrganizationId,
): Promise<boolean> {
  return (await findOrganization(db, id)) !== undefined
}

import type { PersonActor, PrincipalActor, TokenProof } from '../domain/audit.ts'
import type { OrganizationId, SessionId } from '../domain/id.ts'
import type { Person } from '../domain/person.ts'
import type { VerifiedToken } from '../protocol/access-token-claims.ts'
import { findMember, findMemberOf } from '../storage/members.ts'
import { findOrganization } from '../storage/organizations.ts'
import { findServiceAccount } from '../storage/service-accounts.ts'
import type { ManagementPorts } from './ports.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** Whoever a token of this server stands for, if they are still there. */
export async function principalActor(
  { db: { management: db } }: Needs,
  { organization, principal }: Pick<VerifiedToken, 'organization' | 'principal'>,
  by: TokenProof,
): Promise<PrincipalActor | undefined> {
  const { type, id } = principal
  if (type === 'service_account') {
    const account = await findServiceAccount(db, organization, id)
    return account && { type, organization, id, name: account.name, by }
  }
  const member = await findMember(db, organization, id)
  return member && { type, organization, id, name: member.name, by }
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

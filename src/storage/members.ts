import type { Kysely } from 'kysely'
import type { MemberId, OrganizationId, PersonId } from '../domain/id.ts'
import type { Member, NamedMember } from '../domain/member.ts'
import type { Name } from '../domain/name.ts'
import type { Email } from '../domain/person.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageItemsMax, pageOf, rowsOf } from './page.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findMember(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: MemberId,
): Promise<NamedMember | undefined> {
  const row = await members(db, organization).where('member.id', '=', id).executeTakeFirst()
  return row && member(row)
}

export async function findMemberOf(
  db: Kysely<Tables>,
  organization: OrganizationId,
  person: PersonId,
): Promise<NamedMember | undefined> {
  const row = await members(db, organization)
    .where('member.person_id', '=', person)
    .executeTakeFirst()
  return row && member(row)
}

export type MembersAsked = PageAsked<MemberId> & {
  /** Only whoever signs in with this. */
  readonly email?: Email | undefined
}

export async function listMembers(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: MembersAsked = {},
): Promise<Page<NamedMember, MemberId>> {
  const { email } = asked
  const all = members(db, organization)
  const rows = await (email === undefined ? all : all.where('person.email', '=', email))
    .where('member.id', '>', after(asked))
    .orderBy('member.id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(member), asked)
}

export async function addMember(tx: Tx, added: Member): Promise<void> {
  await tx
    .insertInto('principal')
    .values({ organization_id: added.organization, id: added.id, kind: 'member' })
    .execute()
  await tx
    .insertInto('member')
    .values({
      organization_id: added.organization,
      id: added.id,
      person_id: added.person,
      ...createdRow(added),
    })
    .execute()
}

/** Removes the member with all that is theirs: roles, memberships of groups, application keys. */
export async function removeMember(
  tx: Tx,
  { organization, id }: Pick<Member, 'organization' | 'id'>,
): Promise<void> {
  await tx
    .deleteFrom('principal')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

/** A place that a person has, with the name of the organization. */
export type Membership = {
  readonly organization: OrganizationId
  readonly organizationName: Name
  readonly member: MemberId
}

/** The organizations that a person is a member of, by name; at most a page of them. */
export async function listMembershipsOf(
  db: Kysely<Tables>,
  person: PersonId,
): Promise<readonly Membership[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('organization', 'organization.id', 'member.organization_id')
    .select(['organization.id', 'organization.name', 'member.id as member_id'])
    .where('member.person_id', '=', person)
    .orderBy('organization.name')
    .limit(pageItemsMax)
    .execute()
  return rows.map(({ id, name, member_id: ofMember }) => ({
    organization: id,
    organizationName: name,
    member: ofMember,
  }))
}

function members(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.person_id')
    .where('member.organization_id', '=', organization)
    .select([
      'member.organization_id',
      'member.id',
      'member.person_id',
      'member.created_at',
      'member.created_by_id',
      'member.created_by_name',
      'person.name',
      'person.email',
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof members>['executeTakeFirstOrThrow']>>

function member(row: Row): NamedMember {
  return {
    id: row.id,
    organization: row.organization_id,
    person: row.person_id,
    name: row.name,
    email: row.email,
    ...readCreated(row),
  }
}

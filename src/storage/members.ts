import type { Kysely } from 'kysely'
import type { MemberId, OrganizationId, PersonId } from '../domain/id.ts'
import type { Member, NamedMember } from '../domain/member.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
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

export async function listMembers(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: PageAsked<MemberId> = {},
): Promise<Page<NamedMember, MemberId>> {
  const rows = await members(db, organization)
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

import type { Kysely } from 'kysely'
import type { MemberId, PersonId } from '../domain/id.ts'
import type { Email, Person } from '../domain/person.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findPerson(db: Kysely<Tables>, id: PersonId): Promise<Person | undefined> {
  const row = await people(db).where('id', '=', id).executeTakeFirst()
  return row && person(row)
}

/** The person that a member is. */
export async function findPersonOf(
  db: Kysely<Tables>,
  member: MemberId,
): Promise<Person | undefined> {
  const row = await people(db)
    .where('id', '=', (eb) =>
      eb.selectFrom('member').select('member.person_id').where('member.id', '=', member),
    )
    .executeTakeFirst()
  return row && person(row)
}

export async function findPersonByEmail(
  db: Kysely<Tables>,
  email: Email,
): Promise<Person | undefined> {
  const row = await people(db).where('email', '=', email).executeTakeFirst()
  return row && person(row)
}

export async function addPerson(tx: Tx, added: Person): Promise<void> {
  await tx
    .insertInto('person')
    .values({
      id: added.id,
      email: added.email,
      name: added.name,
      is_operator: added.isOperator,
      ...createdRow(added),
    })
    .execute()
}

/** Finds a person and keeps others from adding to them or removing them until the transaction ends. */
export async function lockPerson(tx: Tx, id: PersonId): Promise<Person | undefined> {
  const row = await people(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && person(row)
}

/** People who are operators, in the order in which they were added to the server. */
export async function listOperators(
  db: Kysely<Tables>,
  asked: PageAsked<PersonId>,
): Promise<Page<Person, PersonId>> {
  const rows = await people(db)
    .where('is_operator', '=', true)
    .where('id', '>', after(asked))
    .orderBy('id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(person), asked)
}

/** The first two operators: whether there is any, and whether there is another. */
export async function listSomeOperators(db: Kysely<Tables>): Promise<readonly PersonId[]> {
  const rows = await db
    .selectFrom('person')
    .select('id')
    .where('is_operator', '=', true)
    .limit(2)
    .execute()
  return rows.map(({ id }) => id)
}

export async function turnOperator(tx: Tx, id: PersonId, isOperator: boolean): Promise<void> {
  await tx.updateTable('person').set({ is_operator: isOperator }).where('id', '=', id).execute()
}

/** Removes a person who is neither operator nor a member anywhere; says whether they were. */
export async function removeUnattachedPerson(tx: Tx, id: PersonId): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('person')
    .where('id', '=', id)
    .where('is_operator', '=', false)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('member').select('member.id').where('member.person_id', '=', id)),
      ),
    )
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

function people(db: Kysely<Tables>) {
  return db.selectFrom('person').select(['id', 'email', 'name', 'is_operator', ...createdColumns])
}

type Row = Awaited<ReturnType<ReturnType<typeof people>['executeTakeFirstOrThrow']>>

function person(row: Row): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    isOperator: row.is_operator,
    ...readCreated(row),
  }
}

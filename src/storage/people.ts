import type { Kysely } from 'kysely'
import type { PersonId } from '../domain/id.ts'
import type { Email, Person } from '../domain/person.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

export async function findPerson(db: Kysely<Tables>, id: PersonId): Promise<Person | undefined> {
  const row = await people(db).where('id', '=', id).executeTakeFirst()
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

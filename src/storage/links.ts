import type { Kysely } from 'kysely'
import type { Created } from '../domain/created.ts'
import type { PersonId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { TokenHash } from '../ports/tokens.ts'
import { createdColumns, createdRow, readCreated } from './created.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'
import { moment, timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** A one-time link that is kept here: to the first operator, or to a new password of a person. */
export type Link = Created & {
  readonly expiresAt: NumericDate
} & ({ readonly purpose: 'setup' } | { readonly purpose: 'recovery'; readonly person: PersonId })

export async function findLink(db: Kysely<Tables>, hash: TokenHash): Promise<Link | undefined> {
  const row = await db
    .selectFrom('link')
    .select(['person_id', 'expires_at', ...createdColumns])
    .where('token_hash', '=', hash)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const common = { expiresAt: row.expires_at, ...readCreated(row) }
  return row.person_id === null
    ? { purpose: 'setup', ...common }
    : { purpose: 'recovery', person: row.person_id, ...common }
}

/** Until when the recovery link of a person is good, if they have one. */
export async function findRecoveryEnd(
  db: Kysely<Tables>,
  person: PersonId,
): Promise<NumericDate | undefined> {
  const row = await db
    .selectFrom('link')
    .select('expires_at')
    .where('kind', '=', 'recovery')
    .where('person_id', '=', person)
    .executeTakeFirst()
  return row?.expires_at
}

/** Writes a link in the place of the one before it: only the newest opens anything. */
export async function addLink(tx: Tx, added: Link, hash: TokenHash): Promise<void> {
  const person = added.purpose === 'recovery' ? added.person : null
  await tx
    .deleteFrom('link')
    .where('kind', '=', added.purpose)
    .where('person_id', 'is not distinct from', person)
    .execute()
  await tx
    .insertInto('link')
    .values({
      kind: added.purpose,
      person_id: person,
      token_hash: hash,
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
}

export async function removeLink(tx: Tx, hash: TokenHash): Promise<void> {
  await tx.deleteFrom('link').where('token_hash', '=', hash).execute()
}

/** Removes the recovery link of a person, if they have one. */
export async function removeRecoveryLink(tx: Tx, person: PersonId): Promise<void> {
  await tx.deleteFrom('link').where('person_id', '=', person).execute()
}

const forgottenAtOnce = 1000

/** Deletes some links and invitations that nobody can use any more; returns how many. */
export async function forgetLinks(
  { management: db }: Pick<Database, 'management'>,
  now: NumericDate,
): Promise<number> {
  const links = await db
    .deleteFrom('link')
    .where('token_hash', 'in', (eb) =>
      eb
        .selectFrom('link')
        .select('token_hash')
        .where('expires_at', '<=', moment(now))
        .limit(forgottenAtOnce),
    )
    .executeTakeFirstOrThrow()
  const invitations = await db
    .deleteFrom('invitation')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('invitation')
        .select('id')
        .where('expires_at', '<=', moment(now))
        .limit(forgottenAtOnce),
    )
    .executeTakeFirstOrThrow()
  return Number(links.numDeletedRows + invitations.numDeletedRows)
}

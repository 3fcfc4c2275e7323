import type { Kysely } from 'kysely'
import type { Phc } from '../domain/credential.ts'
import type { PersonId } from '../domain/id.ts'
import type { Email, Person } from '../domain/person.ts'
import type { NumericDate } from '../domain/time.ts'
import type { TotpStep } from '../domain/totp.ts'
import type { SealedTotp } from '../ports/totp.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** What a person can prove themselves with. */
export type Proofs = {
  readonly person: Pick<Person, 'id' | 'name' | 'email' | 'isOperator'>
  /** None: a person without a password cannot sign in by one. */
  readonly password: Phc | undefined
  /** The second factor, once it was confirmed. */
  readonly totp: (SealedTotp & { readonly lastStep: TotpStep }) | undefined
}

export async function findProofs(
  db: Kysely<Tables>,
  of: { readonly email: Email } | { readonly id: PersonId },
): Promise<Proofs | undefined> {
  const all = proofs(db)
  const row = await (
    'email' in of ? all.where('person.email', '=', of.email) : all.where('person.id', '=', of.id)
  ).executeTakeFirst()
  return row && proofsOf(row)
}

/** Writes the password of a person, whether they had one or not. */
export async function setPassword(
  tx: Tx,
  person: PersonId,
  { hash, at }: { readonly hash: Phc; readonly at: NumericDate },
): Promise<void> {
  const written = { hash, changed_at: timestamp(at) }
  await tx
    .insertInto('person_password')
    .values({ person_id: person, ...written })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(written))
    .execute()
}

function proofs(db: Kysely<Tables>) {
  return db
    .selectFrom('person')
    .leftJoin('person_password as password', 'password.person_id', 'person.id')
    .leftJoin('person_totp as totp', (join) =>
      join.onRef('totp.person_id', '=', 'person.id').on('totp.confirmed_at', 'is not', null),
    )
    .select([
      'person.id',
      'person.name',
      'person.email',
      'person.is_operator',
      'password.hash',
      'totp.sealed_secret',
      'totp.key_encryption_key_id',
      'totp.last_step',
    ])
}

function proofsOf(
  row: Awaited<ReturnType<ReturnType<typeof proofs>['executeTakeFirstOrThrow']>>,
): Proofs {
  const { sealed_secret: sealed, key_encryption_key_id: keyEncryptionKeyId } = row
  return {
    person: { id: row.id, name: row.name, email: row.email, isOperator: row.is_operator },
    password: row.hash ?? undefined,
    totp:
      sealed === null || keyEncryptionKeyId === null || row.last_step === null
        ? undefined
        : { sealed, keyEncryptionKeyId, lastStep: row.last_step },
  }
}

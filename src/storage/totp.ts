import type { Kysely } from 'kysely'
import type { PersonId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { TotpStep } from '../domain/totp.ts'
import { noStep } from '../domain/totp.ts'
import type { SealedTotp } from '../ports/totp.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

export type StoredTotp = SealedTotp & {
  readonly person: PersonId
  readonly begunAt: NumericDate
  readonly confirmedAt: NumericDate | undefined
  readonly lastStep: TotpStep
}

export async function findTotp(
  db: Kysely<Tables>,
  person: PersonId,
): Promise<StoredTotp | undefined> {
  const row = await secrets(db).where('person_id', '=', person).executeTakeFirst()
  return row && totp(row)
}

/** The secrets of people, a page at a time. */
export async function listTotp(
  tx: Tx,
  start: PersonId | undefined,
): Promise<readonly StoredTotp[]> {
  const all = secrets(tx).orderBy('person_id').limit(pageOfSecrets)
  const rows = await (start === undefined ? all : all.where('person_id', '>', start)).execute()
  return rows.map(totp)
}

/** Writes a secret that is not confirmed yet, instead of one that never was. */
export async function beginTotp(
  tx: Tx,
  person: PersonId,
  { sealed, keyEncryptionKeyId, at }: SealedTotp & { readonly at: NumericDate },
): Promise<void> {
  const written = {
    sealed_secret: sealed,
    key_encryption_key_id: keyEncryptionKeyId,
    begun_at: timestamp(at),
    confirmed_at: null,
    last_step: noStep,
  }
  await tx
    .insertInto('person_totp')
    .values({ person_id: person, ...written })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(written))
    .execute()
}

/** Writes that the secret counts from now on. */
export async function confirmTotp(tx: Tx, person: PersonId, at: NumericDate): Promise<void> {
  await tx
    .updateTable('person_totp')
    .set({ confirmed_at: timestamp(at) })
    .where('person_id', '=', person)
    .execute()
}

/** Takes a step for good; says whether nobody has taken it, or a later one, before. */
export async function takeStep(tx: Tx, person: PersonId, step: TotpStep): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('person_totp')
    .set({ last_step: step })
    .where('person_id', '=', person)
    .where('last_step', '<', step)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function setTotpSeal(
  tx: Tx,
  person: PersonId,
  { sealed, keyEncryptionKeyId }: SealedTotp,
): Promise<void> {
  await tx
    .updateTable('person_totp')
    .set({ sealed_secret: sealed, key_encryption_key_id: keyEncryptionKeyId })
    .where('person_id', '=', person)
    .execute()
}

/** Says whether there was one that counted. */
export async function removeTotp(tx: Tx, person: PersonId): Promise<boolean> {
  const removed = await tx
    .deleteFrom('person_totp')
    .where('person_id', '=', person)
    .returning('confirmed_at')
    .executeTakeFirst()
  return removed !== undefined && removed.confirmed_at !== null
}

const pageOfSecrets = 500

function secrets(db: Kysely<Tables>) {
  return db
    .selectFrom('person_totp')
    .select([
      'person_id',
      'sealed_secret',
      'key_encryption_key_id',
      'begun_at',
      'confirmed_at',
      'last_step',
    ])
}

function totp(
  row: Awaited<ReturnType<ReturnType<typeof secrets>['executeTakeFirstOrThrow']>>,
): StoredTotp {
  return {
    person: row.person_id,
    sealed: row.sealed_secret,
    keyEncryptionKeyId: row.key_encryption_key_id,
    begunAt: row.begun_at,
    confirmedAt: row.confirmed_at ?? undefined,
    lastStep: row.last_step,
  }
}

import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Kid } from '../domain/key-ring.ts'
import type { Seal, StoredKey } from '../ports/signing-keys.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** All signing keys, the one announced first at the start, so that everyone lists them alike. */
export async function listSigningKeys(db: Kysely<Tables>): Promise<readonly StoredKey[]> {
  return (await readSigningKeys(db)).keys
}

export type StoredKeys = {
  readonly keys: readonly StoredKey[]
  /** The key-encryption key that seals them; `undefined` before the first key is made. */
  readonly keyEncryptionKeyId: string | undefined
}

/** Reads the keys and what seals them as one statement saw them. */
export async function readSigningKeys(db: Kysely<Tables>): Promise<StoredKeys> {
  const rows = await db
    .selectFrom('server')
    .leftJoin('signing_key', (join) => join.onTrue())
    .select([
      'server.key_encryption_key_id as recorded',
      'kid',
      'use',
      'alg',
      'public_jwk',
      'sealed_private_key',
      'signing_key.key_encryption_key_id',
      'announced_at',
      'signs_from',
      'revoked_at',
    ])
    .orderBy('announced_at')
    .orderBy(sql`kid collate "C"`)
    .execute()
  const keys = rows.filter(isKey).map(storedKey)
  return { keys, keyEncryptionKeyId: rows[0]?.recorded ?? keys.at(-1)?.keyEncryptionKeyId }
}

type KeyRow = Selectable<Tables['signing_key']>
type MaybeRow = { readonly [Column in keyof KeyRow]: KeyRow[Column] | null }

/** Without any key there is one row, of nothing. */
function isKey<Row extends MaybeRow>(row: Row): row is Row & KeyRow {
  return row.kid !== null
}

function storedKey(row: KeyRow): StoredKey {
  return {
    kid: row.kid,
    use: row.use,
    alg: row.alg,
    publicJwk: row.public_jwk,
    sealedPrivateKey: row.sealed_private_key,
    keyEncryptionKeyId: row.key_encryption_key_id,
    announcedAt: row.announced_at,
    signsFrom: row.signs_from ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  }
}

export async function addSigningKey(tx: Tx, key: StoredKey): Promise<void> {
  await tx
    .insertInto('signing_key')
    .values({
      kid: key.kid,
      use: key.use,
      alg: key.alg,
      public_jwk: JSON.stringify(key.publicJwk),
      sealed_private_key: key.sealedPrivateKey,
      key_encryption_key_id: key.keyEncryptionKeyId,
      announced_at: timestamp(key.announcedAt),
      signs_from: timestamp(key.signsFrom),
      revoked_at: timestamp(key.revokedAt),
    })
    .execute()
}

/** Says from when a key signs, and when it was revoked. */
export async function setSigningKeyTimes(
  tx: Tx,
  { kid, signsFrom, revokedAt }: Pick<StoredKey, 'kid' | 'signsFrom' | 'revokedAt'>,
): Promise<void> {
  await tx
    .updateTable('signing_key')
    .set({ signs_from: timestamp(signsFrom), revoked_at: timestamp(revokedAt) })
    .where('kid', '=', kid)
    .execute()
}

export async function setSeal(
  tx: Tx,
  kid: Kid,
  { sealedPrivateKey, keyEncryptionKeyId }: Seal,
): Promise<void> {
  await tx
    .updateTable('signing_key')
    .set({ sealed_private_key: sealedPrivateKey, key_encryption_key_id: keyEncryptionKeyId })
    .where('kid', '=', kid)
    .execute()
}

export async function removeSigningKey(tx: Tx, kid: Kid): Promise<void> {
  await tx.deleteFrom('signing_key').where('kid', '=', kid).execute()
}

/** Records which key-encryption key seals the signing keys from now on. */
export async function recordKeyEncryptionKey(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('server').set({ key_encryption_key_id: id }).execute()
}

import type { Kysely } from 'kysely'
import type { PublishedKey, SealedKey } from '../ports/signing-keys.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

export type StoredKey = PublishedKey & SealedKey

export async function listSigningKeys(db: Kysely<Tables>): Promise<readonly StoredKey[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select([
      'kid',
      'use',
      'alg',
      'public_jwk',
      'sealed_private_key',
      'key_encryption_key_id',
      'announced_at',
      'signs_from',
      'revoked_at',
    ])
    .orderBy('announced_at')
    .execute()
  return rows.map((row) => ({
    kid: row.kid,
    use: row.use,
    alg: row.alg,
    publicJwk: row.public_jwk,
    sealedPrivateKey: row.sealed_private_key,
    keyEncryptionKeyId: row.key_encryption_key_id,
    announcedAt: row.announced_at,
    signsFrom: row.signs_from ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  }))
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

import type { Kid } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Database } from '../storage/database.ts'
import { readSigningKeys, recordKeyEncryptionKey, setSeal } from '../storage/signing-keys.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { NotHeld } from './signing-keys.ts'
import { whyNotHeld } from './signing-keys.ts'
import { unchanged } from './written.ts'

export type RewrapRefusal =
  | ConcernRefusal
  | NotHeld
  | { readonly reason: 'signing_key_not_opened'; readonly kid: Kid; readonly why: string }

export type Rewrapped = {
  /** The ids of the key-encryption keys, before and from now on. */
  readonly from: string
  readonly to: string
  readonly keys: number
}

/**
 * Seals every private key under the current key-encryption key instead of the one before it, all or
 * none. A key that was revoked needs no private half, so one that cannot be opened is left as it is.
 */
export async function rewrapSigningKeys(
  { db, vault }: { readonly db: Database; readonly vault: KeyVault },
  act: Act,
): Promise<Result<Rewrapped, RewrapRefusal>> {
  return inTransaction(
    db,
    'server',
    act,
    async (tx): Promise<Result<Written<Rewrapped>, RewrapRefusal>> => {
      const stored = await readSigningKeys(tx)
      const refusal = whyNotHeld({ vault }, stored)
      if (refusal !== undefined) return refuse(refusal)
      const to = vault.held[0]
      const from = stored.keyEncryptionKeyId ?? to
      const moved: Kid[] = []
      for (const key of stored.keys.filter(({ keyEncryptionKeyId }) => keyEncryptionKeyId !== to)) {
        const seal = await vault.reseal(key)
        if (!seal.ok && key.revokedAt !== undefined) continue
        if (!seal.ok) {
          return refuse({
            reason: 'signing_key_not_opened',
            kid: key.kid,
            why: seal.refusal.reason,
          })
        }
        await setSeal(tx, key.kid, seal.value)
        moved.push(key.kid)
      }
      const value = { from, to, keys: moved.length }
      if (from === to && moved.length === 0) return unchanged(value)

      await recordKeyEncryptionKey(tx, to)
      return accept({
        value,
        audit: [
          {
            kind: 'key_encryption_key.changed' as const,
            target: { type: 'key_encryption_key', id: to },
            before: { id: from },
            after: { id: to, signing_keys: moved },
          },
        ],
        // Whoever hears of one reads all of them again.
        changes: [{ kind: 'signing_key' as const, organization: undefined, subject: to }],
      })
    },
  )
}

import type { SigningKeyTimes } from '../domain/key-ring.ts'
import { stateOf } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { seconds } from '../domain/time.ts'
import type { SealedKey } from '../ports/signing-keys.ts'
import type { Database } from '../storage/database.ts'
import type { StoredKey } from '../storage/signing-keys.ts'
import { addSigningKey, listSigningKeys } from '../storage/signing-keys.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'

const wanted = { use: 'access_token', alg: 'ES256' } as const

/**
 * Sees to it that there is a key to sign with, and a next one that everybody already knows: an
 * emergency then needs no waiting. The very first key signs at once, since nobody can have kept an
 * older set. Of several processes that start at once one makes them. Returns the keys made.
 */
export async function ensureSigningKeys(
  db: Database,
  make: () => Promise<SealedKey>,
  act: Act,
): Promise<Result<readonly StoredKey[], ConcernRefusal>> {
  return inTransaction(db, 'server', act, async (tx) => {
    const ring = await listSigningKeys(tx)
    const made: StoredKey[] = []
    const times = { announcedAt: act.at, revokedAt: undefined }
    if (!hasSigned(ring)) made.push({ ...(await make()), ...times, signsFrom: act.at })
    if (!hasNext(ring, act)) made.push({ ...(await make()), ...times, signsFrom: undefined })
    for (const key of made) await addSigningKey(tx, key)
    return accept({
      value: made,
      audit: made.map(({ kid, alg, use }) => ({
        kind: 'signing_key.created' as const,
        target: { type: 'signing_key', id: kid },
        after: { alg, use },
      })),
      changes: made.map(({ kid }) => ({
        kind: 'signing_key' as const,
        organization: undefined,
        subject: kid,
      })),
    })
  })
}

function hasSigned(ring: readonly SigningKeyTimes[]): boolean {
  return ring.some(({ use, alg, signsFrom }) => {
    return use === wanted.use && alg === wanted.alg && signsFrom !== undefined
  })
}

function hasNext(ring: readonly SigningKeyTimes[], { at: now }: Act): boolean {
  return ring.some((key) => stateOf(ring, key, { now, keptFor: seconds(0) }) === 'next')
}

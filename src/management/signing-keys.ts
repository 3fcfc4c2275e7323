import type { KeyUse, SigningKeyTimes } from '../domain/key-ring.ts'
import { stateOf } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { Seconds } from '../domain/time.ts'
import { later, seconds } from '../domain/time.ts'
import type { SealedKey } from '../ports/signing-keys.ts'
import type { Database } from '../storage/database.ts'
import type { StoredKey } from '../storage/signing-keys.ts'
import { addSigningKey, listSigningKeys } from '../storage/signing-keys.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import { listWantedAlgs } from '../storage/wanted-algs.ts'

const use = 'access_token'

/** Makes a key of an algorithm, sealed. */
type Make = (key: { readonly use: KeyUse; readonly alg: SigningAlg }) => Promise<SealedKey>

/**
 * Sees to it that there is a key to sign with for every algorithm that is used, and a next one that
 * everybody already knows: an emergency then needs no waiting. The first key of an algorithm signs
 * at once where nobody can have kept an older set, and otherwise after `lead`. Of several processes
 * that start at once one makes them. Returns the keys made.
 */
export async function ensureSigningKeys(
  db: Database,
  make: Make,
  act: Act,
  lead: Seconds,
): Promise<Result<readonly StoredKey[], ConcernRefusal>> {
  return inTransaction(db, 'server', act, async (tx) => {
    const ring = await listSigningKeys(tx)
    const made: StoredKey[] = []
    const times = { announcedAt: act.at, revokedAt: undefined }
    for (const { alg, atOnce } of await listWantedAlgs(tx, act.at)) {
      const keys = ring.filter((key) => key.use === use && key.alg === alg)
      const signsFrom = atOnce ? act.at : later(act.at, lead)
      if (!keys.some((key) => key.signsFrom !== undefined)) {
        made.push({ ...(await make({ use, alg })), ...times, signsFrom })
      }
      if (!hasNext(keys, act)) {
        made.push({ ...(await make({ use, alg })), ...times, signsFrom: undefined })
      }
    }
    for (const key of made) await addSigningKey(tx, key)
    return accept({
      value: made,
      audit: made.map(({ kid, alg }) => ({
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

function hasNext(ring: readonly SigningKeyTimes[], { at: now }: Act): boolean {
  return ring.some((key) => stateOf(ring, key, { now, keptFor: seconds(0) }) === 'next')
}

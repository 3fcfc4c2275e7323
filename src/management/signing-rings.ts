import { keysOf } from '../domain/key-ring.ts'
import type { WantedRing } from '../domain/key-rotation.ts'
import type { NumericDate } from '../domain/time.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { Database } from '../storage/database.ts'
import { listWantedAlgs } from '../storage/wanted-algs.ts'

/**
 * The ring for checkpoints. Nobody who verifies one can be left with keys from before the first of
 * the ring: what it signs is newer.
 */
export const checkpointRing: WantedRing = { use: 'audit_checkpoint', alg: 'ES256', atOnce: true }

/**
 * The rings that are to have keys: those of the algorithms in use, and the one for checkpoints once
 * there is one. One for status lists is not among them. The first key of either is announced when
 * something is signed with it, and nobody should hold one before.
 */
export async function wantedRings(
  db: Database['management'],
  keys: readonly StoredKey[],
  now: NumericDate,
): Promise<readonly WantedRing[]> {
  const wanted = await listWantedAlgs(db, now)
  const rings = wanted.map(({ alg, atOnce }): WantedRing => ({ use: 'access_token', alg, atOnce }))
  return keysOf(keys, checkpointRing).length === 0 ? rings : [...rings, checkpointRing]
}

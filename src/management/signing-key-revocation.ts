import type { Kid, KeyState, Ring } from '../domain/key-ring.ts'
import { signingKey, stateOf } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import { setSigningKeyTimes } from '../storage/signing-keys.ts'
import type { Act } from '../storage/tx.ts'
import { whyNotHeld } from './key-encryption-key.ts'
import type { KeyPorts, SigningKeyRefusal, Successor } from './signing-keys.ts'
import { atWork, coming, decided, listSigningKeys, note, rotate, withKey } from './signing-keys.ts'
import { wantedRings } from './signing-rings.ts'
import { endFact } from './written.ts'

export type Revoked = {
  readonly key: StoredKey
  /** What signs in its ring from now on, or later if that is when everyone holds it. */
  readonly successor: Successor | undefined
}

/** What the revocation of a key would come to now. */
export type RevocationOutlook = {
  readonly key: StoredKey
  readonly state: KeyState
  /** What would sign in its ring; without a `kid` if that key is still to be made. */
  readonly successor:
    | (Ring & Pick<Partial<Successor>, 'kid'> & Pick<Successor, 'signsFrom'>)
    | undefined
}

/** Foresees what `revokeSigningKey` does, for whoever is asked whether to go on. */
export async function foreseeRevocation(
  ports: KeyPorts,
  { at: now }: Act,
  kid: Kid,
): Promise<Result<RevocationOutlook, SigningKeyRefusal>> {
  const stored = await listSigningKeys(ports)
  const refusal = whyNotHeld(ports, stored)
  if (refusal !== undefined) return refuse(refusal)
  const key = stored.keys.find((one) => one.kid === kid)
  if (key === undefined) return refuse({ reason: 'signing_key_unknown', kid })
  const state = stateOf(stored.keys, key, { now, keptFor: ports.rules.keptFor })
  const revoked = { ...key, revokedAt: key.revokedAt ?? now }
  const successor = await foreseenSuccessor(ports, withKey(stored.keys, revoked), key, now)
  return accept({ key, state, successor })
}

async function foreseenSuccessor(
  ports: KeyPorts,
  stored: readonly StoredKey[],
  { use, alg }: Ring,
  now: NumericDate,
): Promise<RevocationOutlook['successor']> {
  const rings = await wantedRings(ports.db.management, stored, now)
  const ring = rings.find((one) => one.use === use && one.alg === alg)
  const rotation = ring && (await decided(ports, stored, { ring, now, asked: 'revocation' }))
  const begins = stored.find(({ kid }) => kid === rotation?.begins?.kid)
  const keys = begins ? withKey(stored, { ...begins, ...rotation?.begins }) : stored
  const known = signingKey(keys, { use, alg }, now) ?? coming(keys, { use, alg }, now)[0]
  const made = rotation?.announced.find(({ signsFrom }) => signsFrom !== undefined)?.signsFrom
  return known ?? (made && { use, alg, signsFrom: made })
}

/**
 * Revokes a key at once: nobody publishes it or signs with it any more. The key that waits begins as
 * soon as everyone holds it, which is at once unless another one was revoked just before.
 */
export async function revokeSigningKey(
  ports: KeyPorts,
  act: Act,
  kid: Kid,
): Promise<Result<Revoked, SigningKeyRefusal>> {
  return atWork(ports, act, async (work) => {
    const key = work.keys.find((one) => one.kid === kid)
    if (key === undefined) return refuse({ reason: 'signing_key_unknown', kid })
    const revoked = key.revokedAt === undefined ? { ...key, revokedAt: act.at } : key
    if (key !== revoked) {
      await setSigningKeyTimes(work.tx, revoked)
      note(work, revoked, {
        kind: 'signing_key.revoked',
        before: { signs_from: endFact(key.signsFrom) },
      })
    }
    const ring = work.rings.find(({ use, alg }) => use === key.use && alg === key.alg)
    if (ring !== undefined) await rotate(work, ring, 'revocation')
    const signs = signingKey(work.keys, key, act.at)
    return accept({ key: revoked, successor: signs ?? coming(work.keys, key, act.at)[0] })
  })
}

import type { AuditCheckpoint } from '../domain/audit-checkpoint.ts'
import { checkpointClaims, checkpointType } from '../domain/audit-checkpoint.ts'
import { hexText } from '../domain/audit-verification.ts'
import { keysOf, signingKey } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import { jwks } from '../protocol/jwks.ts'
import { readAllEnds } from '../storage/audit-trail.ts'
import type { Act } from '../storage/tx.ts'
import type { NotHeld } from './key-encryption-key.ts'
import type { OperatorRefusal } from './permitted.ts'
import { whyNotOperator } from './permitted.ts'
import type { KeyPorts } from './signing-keys.ts'
import { listSigningKeys, makeCheckpointKey } from './signing-keys.ts'
import { checkpointRing } from './signing-rings.ts'

export type CheckpointImpossible =
  | { readonly reason: 'chains_too_many'; readonly max: number }
  /** Its first key was revoked just now, and the next one is not known everywhere. */
  | { readonly reason: 'checkpoint_key_missing' }

export type CheckpointMakingRefusal = OperatorRefusal | NotHeld | CheckpointImpossible

/** A checkpoint, and what verifies it: to be kept together, and apart from the database. */
export type SignedCheckpoint = {
  readonly checkpoint: AuditCheckpoint
  /** Compact JWS, RFC 7515 §7.1. */
  readonly token: string
  readonly keys: CheckpointKeys
}

type CheckpointKeys = ReturnType<typeof jwks>

/** Every chain has its end in it, so it must end somewhere itself: about 12 MB. */
const chainsMax = 100_000

/**
 * States where all chains end now, and signs it with a key that signs nothing else. It is no act:
 * nothing changes, but for the first one, which makes the key.
 */
export async function createAuditCheckpoint(
  ports: KeyPorts & { readonly issuer: string },
  act: Act,
): Promise<Result<SignedCheckpoint, CheckpointMakingRefusal>> {
  const refusal = whyNotOperator(act.actor)
  if (refusal) return refuse(refusal)
  const key = await checkpointKey(ports, act)
  if (!key.ok) return key
  const { epoch, ends } = await readAllEnds(ports.db.management, chainsMax + 1)
  if (ends.length > chainsMax) return refuse({ reason: 'chains_too_many', max: chainsMax })
  const checkpoint = {
    issuer: ports.issuer,
    issuedAt: act.at,
    epoch,
    ends: ends.map(({ chain, sequence, hash }) => ({ chain, sequence, hash: hexText(hash) })),
  }
  const signed = { type: checkpointType, text: checkpointClaims(checkpoint) }
  const token = await ports.vault.sign(key.value, signed)
  const keys = await heldCheckpointKeys(ports.vault, [key.value])
  return token.ok
    ? accept({ checkpoint, token: token.value, keys })
    : refuse({ reason: 'checkpoint_key_missing' })
}

async function checkpointKey(
  ports: KeyPorts,
  act: Act,
): Promise<Result<StoredKey, CheckpointMakingRefusal>> {
  const known = await signingNow(ports, act.at)
  if (known !== undefined) return accept(known)
  const made = await makeCheckpointKey(ports, act)
  if (!made.ok) return made
  const key = await signingNow(ports, act.at)
  return key === undefined ? refuse({ reason: 'checkpoint_key_missing' }) : accept(key)
}

async function signingNow(ports: KeyPorts, now: NumericDate): Promise<StoredKey | undefined> {
  const { keys } = await listSigningKeys(ports)
  return signingKey(keys, checkpointRing, now)
}

/**
 * The keys that sign checkpoints, as this database has them and as far as they can be opened here:
 * whoever can write to the database can place a row, and cannot seal it.
 */
export async function listCheckpointKeys(
  ports: Pick<KeyPorts, 'db' | 'vault'>,
): Promise<CheckpointKeys> {
  const { keys } = await listSigningKeys(ports)
  return heldCheckpointKeys(ports.vault, keysOf(keys, checkpointRing))
}

async function heldCheckpointKeys(
  vault: KeyVault,
  keys: readonly StoredKey[],
): Promise<CheckpointKeys> {
  const held: StoredKey[] = []
  for (const key of keys) {
    const publicJwk = await vault.publicHalf(key)
    if (publicJwk.ok && key.revokedAt === undefined)
      held.push({ ...key, publicJwk: publicJwk.value })
  }
  return jwks(held)
}

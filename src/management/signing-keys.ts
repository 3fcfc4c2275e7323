import type { AuditEvent } from '../domain/audit.ts'
import type { Change } from '../domain/change.ts'
import type { Kid, Ring, SigningKeyTimes } from '../domain/key-ring.ts'
import { forgettableKeys, keysOf } from '../domain/key-ring.ts'
import type { Asked, KeyRules, Rotation, WantedRing } from '../domain/key-rotation.ts'
import { decideRotation } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { Database } from '../storage/database.ts'
import type { StoredKeys } from '../storage/signing-keys.ts'
import {
  addSigningKey,
  readSigningKeys,
  recordKeyEncryptionKey,
  removeSigningKey,
  setSigningKeyTimes,
} from '../storage/signing-keys.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { OperatorRefusal } from './permitted.ts'
import { asOperator } from './permitted.ts'
import type { NotHeld } from './key-encryption-key.ts'
import { whyNotHeld } from './key-encryption-key.ts'
import { checkpointRing, wantedRings } from './signing-rings.ts'
import { endFact } from './written.ts'

export type KeyPorts = {
  readonly db: Database
  readonly vault: KeyVault
  readonly rules: KeyRules
}

export type SigningKeyRefusal =
  | OperatorRefusal
  | NotHeld
  | { readonly reason: 'signing_key_unknown'; readonly kid: string }
  | { readonly reason: 'signing_alg_unused'; readonly alg: SigningAlg }

/** Sees to it that there is a key that signs checkpoints. */
export async function makeCheckpointKey(
  ports: KeyPorts,
  act: Act,
): Promise<Result<void, OperatorRefusal | NotHeld>> {
  return atWork(ports, act, async (work) => accept(await rotate(work, checkpointRing, 'nothing')))
}

/**
 * Sees to it that every ring has a key that signs and one that everybody holds already, that they
 * succeed each other in time, and that a key is removed when nobody can need it. Writes nothing if
 * nothing has to be done; of several processes one does it. Refuses where the keys are sealed under a
 * key-encryption key that is not held here: such a process must not make keys of its own.
 */
export async function rotateDueSigningKeys(
  ports: KeyPorts,
  act: Act,
): Promise<Result<undefined, OperatorRefusal | NotHeld>> {
  const seen = await readSigningKeys(ports.db.management)
  const refusal = whyNotHeld(ports, seen)
  if (refusal !== undefined) return refuse(refusal)
  const rings = await wantedRings(ports.db.management, seen.keys, act.at)
  if (!(await hasWork(ports, seen.keys, rings, act.at))) return accept(undefined)
  return atWork(ports, act, async (work) => {
    for (const ring of work.rings) await rotate(work, ring, 'nothing')
    await forget(work)
    return accept(undefined)
  })
}

/** A key that is to sign, and from when. */
export type Successor = Ring & { readonly kid: Kid; readonly signsFrom: NumericDate }

/** All keys, and what seals them. For operators. */
export async function listSigningKeys({ db }: Pick<KeyPorts, 'db'>): Promise<StoredKeys> {
  return readSigningKeys(db.management)
}

/**
 * Lets the key that waits succeed the one that signs, in each ring or in those of one algorithm, at
 * the first moment that everyone is ready for. One that was planned already stays as it is.
 */
export async function rotateSigningKeys(
  ports: KeyPorts,
  act: Act,
  alg?: SigningAlg,
): Promise<Result<readonly Successor[], SigningKeyRefusal>> {
  return atWork(ports, act, async (work) => {
    const rings = work.rings.filter((ring) => alg === undefined || ring.alg === alg)
    if (alg !== undefined && rings.length === 0)
      return refuse({ reason: 'signing_alg_unused', alg })
    for (const ring of rings) await rotate(work, ring, 'rotation')
    return accept(rings.flatMap((ring) => coming(work.keys, ring, act.at)))
  })
}

/** The keys under the lock, as they become, and what has to be told of that. */
type Work = {
  readonly ports: KeyPorts
  readonly act: Act
  readonly tx: Tx
  readonly keyEncryptionKeyId: string
  readonly rings: readonly WantedRing[]
  keys: readonly StoredKey[]
  readonly audit: AuditEvent[]
  readonly changes: Change[]
}

type Attempt<Value, Refusal> = Promise<Result<Written<Value>, Refusal | NotHeld>>

export async function atWork<Value, Refusal>(
  ports: KeyPorts,
  act: Act,
  work: (work: Work) => Promise<Result<Value, Refusal>>,
): Promise<Result<Value, Refusal | OperatorRefusal | NotHeld>> {
  return asOperator(ports.db, 'server', act, async (tx): Attempt<Value, Refusal> => {
    const stored = await readSigningKeys(tx)
    const refusal = whyNotHeld(ports, stored)
    if (refusal !== undefined) return refuse(refusal)
    const keyEncryptionKeyId = stored.keyEncryptionKeyId ?? ports.vault.held[0]
    const audit: AuditEvent[] = []
    const changes: Change[] = []
    const { keys } = stored
    const rings = await wantedRings(tx, stored.keys, act.at)
    const told = { audit, changes }
    const outcome = await work({ ports, act, tx, keyEncryptionKeyId, rings, keys, ...told })
    if (!outcome.ok) return outcome
    if (changes.length > 0) await recordKeyEncryptionKey(tx, keyEncryptionKeyId)
    return accept({ value: outcome.value, audit, changes })
  })
}

async function hasWork(
  ports: KeyPorts,
  keys: readonly StoredKey[],
  rings: readonly WantedRing[],
  now: NumericDate,
): Promise<boolean> {
  for (const ring of rings) {
    const { begins, announced } = await decided(ports, keys, { ring, now, asked: 'nothing' })
    if (begins !== undefined || announced.length > 0) return true
  }
  return forgettableKeys(keys, { now, keptFor: ports.rules.keptFor }).length > 0
}

type Look = { readonly ring: WantedRing; readonly now: NumericDate; readonly asked: Asked }

/** A key that cannot be opened never begins: whoever can write to the database could place one. */
export async function decided(
  { vault, rules }: KeyPorts,
  keys: readonly StoredKey[],
  { ring, now, asked }: Look,
): Promise<Rotation> {
  const usable = new Set<Kid>()
  for (const key of keysOf(keys, ring)) {
    const mayBegin = key.revokedAt === undefined && (key.signsFrom ?? Infinity) > now
    if (mayBegin && (await vault.opens(key))) usable.add(key.kid)
  }
  const isUsable = ({ kid }: SigningKeyTimes) => usable.has(kid)
  return decideRotation(keys, ring, now, { times: rules, isUsable, asked })
}

export async function rotate(work: Work, ring: WantedRing, asked: Asked): Promise<void> {
  const { ports, act, tx } = work
  const { begins, announced } = await decided(ports, work.keys, { ring, now: act.at, asked })
  const key = work.keys.find(({ kid }) => kid === begins?.kid)
  if (key !== undefined && begins !== undefined) {
    const planned = { ...key, signsFrom: begins.signsFrom }
    await setSigningKeyTimes(tx, planned)
    note(work, planned, {
      kind: 'signing_key.planned',
      before: { signs_from: endFact(key.signsFrom) },
      after: { signs_from: isoText(begins.signsFrom) },
    })
  }
  for (const { signsFrom } of announced) {
    const made = await ports.vault.make(ring, work.keyEncryptionKeyId)
    const added = { ...made, announcedAt: act.at, signsFrom, revokedAt: undefined }
    await addSigningKey(tx, added)
    const after = { alg: ring.alg, use: ring.use, signs_from: endFact(signsFrom) }
    note(work, added, { kind: 'signing_key.created', after })
  }
}

/**
 * Removes what nobody needs, with its private half: who comes by the key-encryption key one day can
 * do nothing with it. What it was and when stays in the audit trail.
 */
async function forget(work: Work): Promise<void> {
  const { ports, act, tx } = work
  for (const key of forgettableKeys(work.keys, { now: act.at, keptFor: ports.rules.keptFor })) {
    await removeSigningKey(tx, key.kid)
    note(work, key, { kind: 'signing_key.removed', before: { alg: key.alg, use: key.use } })
    work.keys = work.keys.filter(({ kid }) => kid !== key.kid)
  }
}

/** Remembers what became of a key, and tells everyone. */
export function note(work: Work, key: StoredKey, event: Omit<AuditEvent, 'target'>): void {
  work.keys = withKey(work.keys, key)
  work.audit.push({ ...event, target: { type: 'signing_key', id: key.kid } })
  work.changes.push({ kind: 'signing_key', organization: undefined, subject: key.kid })
}

export function withKey(keys: readonly StoredKey[], key: StoredKey): readonly StoredKey[] {
  return [...keys.filter(({ kid }) => kid !== key.kid), key]
}

/** The key of a ring whose moment comes next. */
export function coming(
  keys: readonly StoredKey[],
  ring: Ring,
  now: NumericDate,
): readonly Successor[] {
  return keysOf(keys, ring)
    .flatMap(({ kid, use, alg, signsFrom, revokedAt }) =>
      revokedAt === undefined && signsFrom !== undefined && signsFrom > now
        ? [{ kid, use, alg, signsFrom }]
        : [],
    )
    .toSorted((a, b) => a.signsFrom - b.signsFrom)
    .slice(0, 1)
}

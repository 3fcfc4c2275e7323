import type { Kid } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { Database } from '../storage/database.ts'
import type { StoredKeys } from '../storage/signing-keys.ts'
import {
  readSigningKeys,
  recordKeyEncryptionKey,
  removeSigningKey,
  setSeal,
} from '../storage/signing-keys.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { OperatorRefusal } from './permitted.ts'
import { asOperator } from './permitted.ts'
import { unchanged } from './written.ts'

/** The signing keys are sealed under a key-encryption key that is not held here. */
export type NotHeld = {
  readonly reason: 'key_encryption_key_not_held'
  readonly sealedUnder: string
  readonly held: readonly string[]
}

export type RewrapRefusal =
  | OperatorRefusal
  | NotHeld
  | { readonly reason: 'signing_key_not_opened'; readonly kid: Kid; readonly why: string }

export type Rewrapped = {
  /** The ids of the key-encryption keys, before and from now on. */
  readonly from: string
  readonly to: string
  readonly keys: number
  /** How many could not be opened and were removed. */
  readonly lost: number
}

type Ports = { readonly db: Database; readonly vault: KeyVault }

/**
 * Seals every private key under the current key-encryption key instead of the one before it, all or
 * none. A key that was revoked needs no private half, so one that cannot be opened is left as it is.
 */
export async function rewrapSigningKeys(
  { db, vault }: Ports,
  act: Act,
): Promise<Result<Rewrapped, RewrapRefusal>> {
  return asOperator(db, 'server', act, async (tx): RewrapWork => {
    const stored = await readSigningKeys(tx)
    const refusal = whyNotHeld({ vault }, stored)
    if (refusal !== undefined) return refuse(refusal)
    const { moved, unopened } = await sealAnew(tx, vault, stored.keys)
    const needed = unopened.find(({ key }) => key.revokedAt === undefined)
    if (needed !== undefined) {
      const { key, why } = needed
      return refuse({ reason: 'signing_key_not_opened', kid: key.kid, why })
    }
    return changed(tx, vault, { ...stored, moved, lost: [] })
  })
}

/**
 * The same where the key-encryption key is lost: keys that cannot be opened are removed, and what
 * they signed is worth nothing any more. Nothing signs until there are new keys.
 */
export async function giveUpSigningKeys(
  { db, vault }: Ports,
  act: Act,
): Promise<Result<Rewrapped, OperatorRefusal>> {
  return asOperator(db, 'server', act, async (tx) => {
    const stored = await readSigningKeys(tx)
    const { moved, unopened } = await sealAnew(tx, vault, stored.keys)
    for (const { key } of unopened) await removeSigningKey(tx, key.kid)
    return changed(tx, vault, { ...stored, moved, lost: unopened.map(({ key }) => key.kid) })
  })
}

/** Only who holds the key-encryption key of the server may touch what it seals. */
export function whyNotHeld(
  { vault }: Pick<Ports, 'vault'>,
  { keyEncryptionKeyId: sealedUnder }: StoredKeys,
): NotHeld | undefined {
  if (sealedUnder === undefined || vault.held.includes(sealedUnder)) return undefined
  return { reason: 'key_encryption_key_not_held', sealedUnder, held: vault.held }
}

type RewrapWork = Promise<Result<Written<Rewrapped>, RewrapRefusal>>

type Sealed = {
  readonly moved: readonly Kid[]
  readonly unopened: readonly { readonly key: StoredKey; readonly why: string }[]
}

async function sealAnew(tx: Tx, vault: KeyVault, keys: readonly StoredKey[]): Promise<Sealed> {
  const moved: Kid[] = []
  const unopened: { key: StoredKey; why: string }[] = []
  for (const key of keys) {
    const seal = await vault.reseal(key)
    if (!seal.ok) {
      unopened.push({ key, why: seal.refusal.reason })
    } else if (key.keyEncryptionKeyId !== seal.value.keyEncryptionKeyId) {
      await setSeal(tx, key.kid, seal.value)
      moved.push(key.kid)
    }
  }
  return { moved, unopened }
}

type Done = StoredKeys & { readonly moved: readonly Kid[]; readonly lost: readonly Kid[] }

async function changed(
  tx: Tx,
  { held: [to] }: KeyVault,
  { keyEncryptionKeyId: from = to, moved, lost }: Done,
): Promise<{ readonly ok: true; readonly value: Written<Rewrapped> }> {
  const value = { from, to, keys: moved.length, lost: lost.length }
  if (from === to && moved.length === 0 && lost.length === 0) return unchanged(value)

  await recordKeyEncryptionKey(tx, to)
  return accept({
    value,
    audit: [
      {
        kind: 'key_encryption_key.changed',
        target: { type: 'key_encryption_key', id: to },
        before: { id: from },
        after: { id: to, signing_keys: moved, removed_signing_keys: lost },
      },
    ],
    // Whoever hears of one reads all of them again.
    changes: [{ kind: 'signing_key', organization: undefined, subject: to }],
  })
}

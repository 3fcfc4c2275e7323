import type { KeyEncryptionKeys } from './crypto/key-vault.ts'
import { openWith } from './crypto/key-vault.ts'
import type { HeldKey } from './crypto/signer.ts'
import type { OpenedKey, OpenSigningKeyRefusal } from './crypto/signing-keys.ts'
import type { Kid } from './domain/key-ring.ts'
import { parseSigningAlg } from './domain/signing-alg.ts'
import { isoText } from './domain/time.ts'
import { replica } from './memory/replica.ts'
import type { Events, KeySummary } from './ports/events.ts'
import type { PublishedKey, StoredKey } from './ports/signing-keys.ts'
import type { Database } from './storage/database.ts'
import { readSigningKeys } from './storage/signing-keys.ts'

type Needs = {
  readonly db: Database
  readonly keyEncryptionKeys: KeyEncryptionKeys
  readonly events: Events
}

type Keys = {
  /** The whole ring, to find out which one signs. */
  readonly held: readonly HeldKey[]
  /** What others may be shown. */
  readonly published: readonly PublishedKey[]
  readonly problems: readonly string[]
}

const noKeys: Keys = { published: [], held: [], problems: ['no signing keys have been read'] }

/**
 * The signing keys of the server, replicated whole and opened.
 *
 * A key that this process has opened once it goes on signing with, even if the seal was changed to
 * one that it cannot open; but it says that it is not ready, since it would be lost after a restart.
 *
 * A key that it cannot open is shown to nobody. It may be one of ours, sealed under a key-encryption
 * key that this process lacks; it may as well be one that somebody who can write to the database
 * placed there, and whoever trusts it would trust their tokens. The seal is what tells them apart, and
 * only who holds its key can look. So the process says that it is not ready, and others answer.
 *
 * One whose algorithm only a newer program knows is left to the processes that run that.
 */
export function heldKeys(needs: Needs) {
  const { db, events } = needs
  const opened = new Map<Kid, OpenedKey>()
  const tell = keyTeller(events)
  const keys = replica(async (): Promise<Keys> => {
    const { keys: all, keyEncryptionKeyId } = await readSigningKeys(db.reads)
    const stored = all.filter(({ alg }) => parseSigningAlg(alg) !== undefined)
    const looks = await Promise.all(stored.map((key) => look(needs, opened, key)))
    const kids = new Set(stored.map(({ kid }) => kid))
    for (const kid of opened.keys()) if (!kids.has(kid)) opened.delete(kid)

    const unusable = looks.filter(({ refusal }) => refusal !== undefined)
    const whys = unusable.map((one) => whyUnusable(one, needs.keyEncryptionKeys))
    tell(stored, whys)
    const isOthers = ({ refusal }: Look) =>
      refusal?.reason === 'seal_of_another_key' && refusal.keyEncryptionKey === keyEncryptionKeyId
    return {
      held: looks.map(({ key }) => key),
      published: looks.filter(isOpened).map(({ key }) => key),
      problems: unusable
        // Nobody waits for a key that nobody can open and that has no date: another one is made.
        .filter((one) => isOthers(one) || isOpened(one) || one.key.signsFrom !== undefined)
        .map((one) => whyUnusable(one, needs.keyEncryptionKeys)),
    }
  }, noKeys)
  return {
    reload: keys.reload,
    published: () => keys.get().published,
    held: () => keys.get().held,
    problems: () => keys.get().problems,
  }
}

/** Tells what became of the keys, and what is wrong with them, whenever it is something new. */
function keyTeller(events: Events) {
  let told = { keys: '[]', problems: '[]' }
  return (stored: readonly StoredKey[], problems: readonly string[]): void => {
    const keys = stored.map(summaryOf)
    const now = { keys: JSON.stringify(keys), problems: JSON.stringify(problems) }
    if (now.keys !== told.keys) events.record({ kind: 'signing_keys_changed', keys })
    if (now.problems !== told.problems && problems.length > 0) {
      events.record({ kind: 'signing_keys_unusable', problems })
    }
    told = now
  }
}

function summaryOf({ kid, use, alg, keyEncryptionKeyId, ...times }: StoredKey): KeySummary {
  const { signsFrom, revokedAt } = times
  return {
    kid,
    use,
    alg,
    signs_from: signsFrom === undefined ? null : isoText(signsFrom),
    revoked_at: revokedAt === undefined ? null : isoText(revokedAt),
    sealed_under: keyEncryptionKeyId,
  }
}

/** A key as this process has it, and why it could not be opened, unless it was revoked anyway. */
type Look = { readonly key: HeldKey; readonly refusal: OpenSigningKeyRefusal | undefined }

function isOpened({ key }: Look): boolean {
  return key.privateKey !== undefined
}

async function look(
  { keyEncryptionKeys }: Needs,
  opened: Map<Kid, OpenedKey>,
  key: StoredKey,
): Promise<Look> {
  const outcome = await openWith(keyEncryptionKeys, key)
  if (outcome.ok) opened.set(key.kid, outcome.value)
  const { kid, use, alg, announcedAt, signsFrom, revokedAt, publicJwk } = key
  const times = { kid, use, alg, announcedAt, signsFrom, revokedAt }
  const known = opened.get(kid)
  return {
    // The public half comes from the private one where that is known, and not from the row.
    key: known === undefined ? { ...times, publicJwk } : { ...known, ...times },
    refusal: outcome.ok || revokedAt !== undefined ? undefined : outcome.refusal,
  }
}

function whyUnusable({ key, refusal }: Look, held: KeyEncryptionKeys): string {
  const subject = `signing key ${key.kid} cannot be opened`
  if (refusal?.reason !== 'seal_of_another_key') return `${subject}: ${refusal?.reason}`
  const ours = held.map(({ id }) => id).join(' and ')
  return `${subject}: it is sealed under the key-encryption key ${refusal.keyEncryptionKey}, and this process holds ${ours}; see Signing keys in docs/operations.md`
}

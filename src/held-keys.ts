import type { KeyEncryptionKey } from './crypto/key-vault.ts'
import type { HeldKey } from './crypto/signer.ts'
import { openSigningKey } from './crypto/signing-keys.ts'
import { replica } from './memory/replica.ts'
import type { Events } from './ports/events.ts'
import type { PublishedKey } from './ports/signing-keys.ts'
import type { Database } from './storage/database.ts'
import { listSigningKeys } from './storage/signing-keys.ts'

type Needs = {
  readonly db: Database
  readonly keyEncryptionKey: KeyEncryptionKey
  readonly events: Events
}

type Keys = {
  readonly published: readonly PublishedKey[]
  readonly held: readonly HeldKey[]
  readonly problems: readonly string[]
}

const noKeys: Keys = { published: [], held: [], problems: ['no signing keys have been read'] }

/**
 * The signing keys of the server, replicated whole and opened. One that this process cannot open is
 * still published, for others sign with it; but the process says that it is not ready.
 */
export function heldKeys({ db, keyEncryptionKey, events }: Needs) {
  const keys = replica(async (): Promise<Keys> => {
    const published = await listSigningKeys(db.reads)
    const held: HeldKey[] = []
    const problems: string[] = []
    for (const key of published) {
      const outcome = await openSigningKey(keyEncryptionKey, key)
      held.push(outcome.ok ? outcome.value : key)
      if (!outcome.ok) {
        problems.push(`signing key ${key.kid} cannot be opened: ${outcome.refusal.reason}`)
        events.record({ kind: 'signing_keys_unusable', error: outcome.refusal })
      }
    }
    return { published, held, problems }
  }, noKeys)
  return {
    reload: keys.reload,
    published: () => keys.get().published,
    held: () => keys.get().held,
    problems: () => keys.get().problems,
  }
}

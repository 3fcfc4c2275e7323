import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { KeyEncryptionKey } from './key-vault.ts'
import { seal, sealedUnder } from './key-vault.ts'
import type { OpenedKey, SigningKeyRefusal } from './signing-keys.ts'
import { generateSigningKey, openSigningKey } from './signing-keys.ts'

/** The key-encryption keys that a process holds, the one to seal with first. */
export type KeyEncryptionKeys = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]]

/** Opens the private half of a key with whichever key its seal names, if that is held. */
export async function openWith(
  keys: KeyEncryptionKeys,
  key: StoredKey,
): Promise<Result<OpenedKey, SigningKeyRefusal>> {
  const named = sealedUnder(key.sealedPrivateKey)
  return openSigningKey(keys.find(({ id }) => id === named) ?? keys[0], key)
}

export function keyVault(keys: KeyEncryptionKeys): KeyVault {
  const [current, ...others] = keys
  return {
    held: [current.id, ...others.map(({ id }) => id)],
    make: async (ring, keyEncryptionKeyId) => {
      const key = keys.find(({ id }) => id === keyEncryptionKeyId)
      if (key === undefined) throw new Error('a key is sealed only under a key that is held')
      return generateSigningKey(key, ring)
    },
    opens: async (key) => (await openWith(keys, key)).ok,
    reseal: async (key) => {
      const opened = await openWith(keys, key)
      if (!opened.ok) return opened
      const privateJwk = JSON.stringify(opened.value.privateKey.export({ format: 'jwk' }))
      const sealedPrivateKey = await seal(current, privateJwk)
      return accept({ sealedPrivateKey, keyEncryptionKeyId: current.id })
    },
  }
}

import { CompactSign } from 'jose'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { StoredKey } from '../ports/signing-keys.ts'
import type { KeyEncryptionKey } from './key-encryption-key.ts'
import { seal, sealedUnder, unseal } from './key-encryption-key.ts'
import type { OpenedKey, OpenSigningKeyRefusal } from './signing-keys.ts'
import { generateSigningKey, openSigningKey } from './signing-keys.ts'

/** The key-encryption keys that a process holds, the one to seal with first. */
export type KeyEncryptionKeys = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]]

/** Opens the private half of a key with whichever key its seal names, if that is held. */
export async function openWith(
  keys: KeyEncryptionKeys,
  key: StoredKey,
): Promise<Result<OpenedKey, OpenSigningKeyRefusal>> {
  return openSigningKey(keyOf(keys, key.sealedPrivateKey), key)
}

/** The key that a seal names; if it is not held, one that will not open it. */
export function keyOf(keys: KeyEncryptionKeys, sealed: string): KeyEncryptionKey {
  const named = sealedUnder(sealed)
  return keys.find(({ id }) => id === named) ?? keys[0]
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
    publicHalf: async (key) => {
      const opened = await openWith(keys, key)
      return opened.ok ? accept(opened.value.publicJwk) : opened
    },
    sign: async (key, { type, text }) => {
      const opened = await openWith(keys, key)
      if (!opened.ok) return opened
      const { alg, kid, privateKey } = opened.value
      const token = await new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg, typ: type, kid })
        .sign(privateKey)
      return accept(token)
    },
    // Whatever kind of key it is: a newer program may have made one that this one cannot use.
    reseal: async ({ sealedPrivateKey: before }) => {
      const text = await unseal(keyOf(keys, before), before)
      if (!text.ok) return text
      const sealedPrivateKey = await seal(current, text.value)
      return accept({ sealedPrivateKey, keyEncryptionKeyId: current.id })
    },
  }
}

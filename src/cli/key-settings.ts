import { readFile } from 'node:fs/promises'
import type { KeyEncryptionKeysConfig, KeyEncryptionKeySource, KeyTimesConfig } from '../config.ts'
import type { KeyEncryptionKey } from '../crypto/key-encryption-key.ts'
import { parseKeyEncryptionKey } from '../crypto/key-encryption-key.ts'
import type { KeyEncryptionKeys } from '../crypto/key-vault.ts'
import { tokenLifetimeMax } from '../domain/api.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import { keyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { seconds } from '../domain/time.ts'
import { durationText } from './duration.ts'
import type { SettingsRefusal } from './settings.ts'
import { settingsRefused } from './settings.ts'

/** What the settings say of the signing keys. */
export type KeySettings = {
  readonly keyEncryptionKeys: KeyEncryptionKeys
  readonly keyRules: KeyRules
}

export async function readKeySettings(
  config: KeyTimesConfig & KeyEncryptionKeysConfig,
): Promise<Result<KeySettings, SettingsRefusal>> {
  const rules = readKeyRules(config)
  if (!rules.ok) return rules
  const keys = await readKeys(config)
  return keys.ok ? accept({ keyEncryptionKeys: keys.value, keyRules: rules.value }) : keys
}

/** The key-encryption keys, the one to seal with first. */
export async function readKeys(
  config: KeyEncryptionKeysConfig,
): Promise<Result<KeyEncryptionKeys, SettingsRefusal>> {
  const current = await readKey(config.keyEncryptionKey, 'KEY_ENCRYPTION_KEY')
  if (!current.ok) return current
  const { previousKeyEncryptionKey: source } = config
  if (source === undefined) return accept([current.value])
  const previous = await readKey(source, 'KEY_ENCRYPTION_KEY_PREVIOUS')
  return previous.ok ? accept([current.value, previous.value]) : previous
}

/** Refuses an interval in which the next key could not become known to everyone. */
export function readKeyRules(config: KeyTimesConfig): Result<KeyRules, SettingsRefusal> {
  const rules = keyRules(
    {
      rotationInterval: seconds(config.keyRotationIntervalSeconds),
      rotationMargin: seconds(config.keyRotationMarginSeconds),
      jwksMaxAge: seconds(config.jwksMaxAgeSeconds),
      maxStale: seconds(config.maxStaleSeconds),
    },
    tokenLifetimeMax,
  )
  if (rules.interval >= rules.lead) return accept(rules)
  return settingsRefused(
    `KEY_ROTATION_INTERVAL=${durationText(rules.interval)} must be at least ${durationText(rules.lead)}: so long before it signs, a key is published (JWKS_MAX_AGE, MAX_STALE and KEY_ROTATION_MARGIN together)`,
  )
}

/** The key, or what is wrong with it, in words that do not show it. */
async function readKey(
  source: KeyEncryptionKeySource,
  setting: string,
): Promise<Result<KeyEncryptionKey, SettingsRefusal>> {
  const isFile = 'file' in source
  const text = isFile ? await readKeyFile(source.file, setting) : accept(source.text)
  if (!text.ok) return text
  const key = parseKeyEncryptionKey(text.value)
  if (key.ok) return key
  const name = isFile ? `the file that ${setting}_FILE names` : setting
  return settingsRefused(
    `${name} must hold 32 bytes in base64 or hexadecimal: openssl rand -base64 32`,
  )
}

async function readKeyFile(
  file: string,
  setting: string,
): Promise<Result<string, SettingsRefusal>> {
  try {
    return accept(await readFile(file, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return settingsRefused(`the file that ${setting}_FILE names cannot be read: ${file} (${code})`)
  }
}

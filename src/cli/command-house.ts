import { existsSync } from 'node:fs'
import type { Environment } from '../config/reading.ts'
import { isSet } from '../config/reading.ts'
import {
  namesDatabase,
  readDevConfig,
  readKeyEncryptionKeys,
  readKeyTimesConfig,
  readOperatorConfig,
} from '../config.ts'
import { random as systemRandom } from '../crypto/random.ts'
import { openSecrets } from '../crypto/secrets.ts'
import type { KeyEncryptionKeys } from '../crypto/key-vault.ts'
import { keyVault } from '../crypto/key-vault.ts'
import { totp } from '../crypto/totp.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { systemClock } from '../house.ts'
import { comparedClock } from '../memory/clock.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Totp } from '../ports/totp.ts'
import { readProgram } from '../program.ts'
import { readDatabaseTime } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { openPostgres } from '../storage/database.ts'
import type { SchemaRefusal } from '../storage/migrate.ts'
import { schemaState } from '../storage/migrate.ts'
import { devFolder, openDevFolder, rememberedIssuer } from './embedded.ts'
import type { FolderLockRefusal } from './folder-lock.ts'
import type { Io } from './io.ts'
import { readKeyRules, readKeys } from './key-settings.ts'
import type { SettingsRefusal } from './settings.ts'
import { settingsRefused, settingsWrong } from './settings.ts'

/** What a command on the nouns works with: the database, without a server in front of it. */
export type CommandHouse = {
  readonly db: Database
  readonly random: Random
  readonly secrets: Pick<Secrets, 'generate' | 'hash'>
  /** Not set unless the environment says it; only an audience needs it. */
  readonly issuer: string | undefined
  /** The time as the database has it, unless that is much the same as ours. */
  readonly now: () => NumericDate
  /** What the settings say of the signing keys; few commands need it, and a vault needs a secret. */
  readonly keyRules: () => Result<KeyRules, SettingsRefusal>
  readonly keyVault: () => Promise<Result<KeyVault, SettingsRefusal>>
  /** Second factors, sealed under the same key-encryption keys. */
  readonly totp: () => Promise<Result<Totp, SettingsRefusal>>
  readonly close: () => Promise<void>
}

export type HouseRefusal =
  | SettingsRefusal
  | SchemaRefusal
  | FolderLockRefusal
  | { readonly reason: 'database_not_ready'; readonly problem: string }

export type OpenCommandHouse = (io: Io) => Promise<Result<CommandHouse, HouseRefusal>>

/** Opens the database of DATABASE_URL, or else the embedded one of the working directory. */
export const openCommandHouse: OpenCommandHouse = async (io) => {
  if (namesDatabase(io.env)) return onPostgres(io)
  if (existsSync(devFolder)) return onEmbedded(io)
  return settingsRefused(`DATABASE_URL must be set: there is no ./${devFolder} here to use instead`)
}

async function onPostgres({ env }: Io): Promise<Result<CommandHouse, HouseRefusal>> {
  const config = readOperatorConfig(env)
  if (!config.ok) return settingsWrong(config.refusal)
  const db = openPostgres({ url: config.value.databaseUrl, connectionsMax: 1 })
  try {
    const refusal = await whyNotReady(db)
    if (refusal === undefined) {
      return await assembled(db, config.value.issuer, db.close, {
        keyRules: () => rulesOf(env),
        ...sealing(async () => heldKeys(env)),
      })
    }
    await db.close()
    return refuse(refusal)
  } catch (error) {
    await db.close()
    throw error
  }
}

async function whyNotReady(db: Database): Promise<HouseRefusal | undefined> {
  const state = await schemaState(db, await readProgram())
  if (!state.ok) return state.refusal
  if (state.value.pending.length === 0) return undefined
  const problem = 'the database is not set up for this program: run countersign migrate'
  return { reason: 'database_not_ready', problem }
}

async function onEmbedded({
  env,
  stderr,
  isJson,
}: Io): Promise<Result<CommandHouse, HouseRefusal>> {
  const config = readDevConfig(env)
  if (!config.ok) return settingsWrong(config.refusal)
  if (isJson !== true) {
    stderr.write(`countersign: DATABASE_URL is not set; using ./${devFolder}\n`)
  }
  const opened = await openDevFolder(devFolder)
  if (!opened.ok) return opened
  const { db, close, keyEncryptionKeys } = opened.value
  const issuer = isSet(env['ISSUER']) ? undefined : await rememberedIssuer(devFolder)
  return assembled(db, issuer ?? config.value.issuer, close, {
    keyRules: () => readKeyRules(config.value),
    ...sealing(async () => accept(keyEncryptionKeys)),
  })
}

async function assembled(
  db: Database,
  issuer: string | undefined,
  close: () => Promise<void>,
  keys: Pick<CommandHouse, 'keyRules' | 'keyVault' | 'totp'>,
) {
  const secrets = await openSecrets()
  const { clock, compare } = comparedClock(systemClock, { record: () => undefined })
  compare(await readDatabaseTime(db))
  const { now } = clock
  return accept({ db, random: systemRandom(systemClock), secrets, issuer, now, close, ...keys })
}

function rulesOf(env: Environment): Result<KeyRules, SettingsRefusal> {
  const config = readKeyTimesConfig(env)
  return config.ok ? readKeyRules(config.value) : settingsWrong(config.refusal)
}

type ReadKeys = () => Promise<Result<KeyEncryptionKeys, SettingsRefusal>>

/** What takes the key-encryption keys, which are read only once something takes them. */
export function sealing(read: ReadKeys): Pick<CommandHouse, 'keyVault' | 'totp'> {
  return {
    keyVault: async () => {
      const keys = await read()
      return keys.ok ? accept(keyVault(keys.value)) : keys
    },
    totp: async () => {
      const keys = await read()
      return keys.ok ? accept(totp(keys.value)) : keys
    },
  }
}

async function heldKeys(env: Environment): ReturnType<ReadKeys> {
  const config = readKeyEncryptionKeys(env)
  return config.ok ? readKeys(config.value) : settingsWrong(config.refusal)
}

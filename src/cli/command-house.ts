import { existsSync } from 'node:fs'
import { problemText, readDevConfig, readOperatorConfig } from '../config.ts'
import { random as systemRandom } from '../crypto/random.ts'
import { openSecrets } from '../crypto/secrets.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { systemClock } from '../house.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import { readProgram } from '../program.ts'
import type { Database } from '../storage/database.ts'
import { openPostgres } from '../storage/database.ts'
import { schemaState } from '../storage/migrate.ts'
import { devFolder, openDevFolder } from './embedded.ts'
import type { Io } from './io.ts'
import { schemaRefusalText } from './migrate.ts'

/** What a command on the nouns works with: the database, without a server in front of it. */
export type CommandHouse = {
  readonly db: Database
  readonly random: Random
  readonly secrets: Pick<Secrets, 'generate' | 'hash'>
  /** Not set unless the environment says it; only an audience needs it. */
  readonly issuer: string | undefined
  readonly close: () => Promise<void>
}

export type HouseRefusal =
  | { readonly reason: 'settings_wrong'; readonly problems: readonly string[] }
  | { readonly reason: 'database_not_ready'; readonly problem: string }

export type OpenCommandHouse = (io: Io) => Promise<Result<CommandHouse, HouseRefusal>>

/** Opens the database of DATABASE_URL, or else the embedded one of the working directory. */
export const openCommandHouse: OpenCommandHouse = async (io) => {
  const isUnset = (io.env['DATABASE_URL'] ?? '').trim() === ''
  if (!isUnset) return onPostgres(io)
  if (existsSync(devFolder)) return onEmbedded(io)
  const problem = `DATABASE_URL must be set: there is no ./${devFolder} here to use instead`
  return refuse({ reason: 'settings_wrong', problems: [problem] })
}

async function onPostgres({ env }: Io): Promise<Result<CommandHouse, HouseRefusal>> {
  const config = readOperatorConfig(env)
  if (!config.ok) {
    return refuse({ reason: 'settings_wrong', problems: config.refusal.map(problemText) })
  }
  const db = openPostgres({ url: config.value.databaseUrl, connectionsMax: 1 })
  try {
    const problem = await whyNotReady(db)
    if (problem === undefined) return await assembled(db, config.value.issuer, db.close)
    await db.close()
    return refuse({ reason: 'database_not_ready', problem })
  } catch (error) {
    await db.close()
    throw error
  }
}

async function whyNotReady(db: Database): Promise<string | undefined> {
  const state = await schemaState(db, await readProgram())
  if (!state.ok) return schemaRefusalText(state.refusal)
  return state.value.pending.length > 0
    ? 'the database is not set up for this program: run countersign migrate'
    : undefined
}

async function onEmbedded({ env, stderr }: Io): Promise<Result<CommandHouse, HouseRefusal>> {
  const config = readDevConfig(env)
  if (!config.ok) {
    return refuse({ reason: 'settings_wrong', problems: config.refusal.map(problemText) })
  }
  stderr.write(`countersign: DATABASE_URL is not set; using ./${devFolder}\n`)
  const opened = await openDevFolder(devFolder)
  if (opened.ok) return assembled(opened.value.db, config.value.issuer, opened.value.close)
  const { refusal } = opened
  const problem =
    refusal.reason === 'folder_in_use'
      ? `process ${refusal.holder} is using ./${devFolder}: stop it first, or use PostgreSQL`
      : schemaRefusalText(refusal)
  return refuse({ reason: 'database_not_ready', problem })
}

async function assembled(db: Database, issuer: string | undefined, close: () => Promise<void>) {
  const secrets = await openSecrets()
  return accept({ db, random: systemRandom(systemClock), secrets, issuer, close })
}

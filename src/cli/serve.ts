import { readFile } from 'node:fs/promises'
import type { KeyEncryptionKeySource } from '../config.ts'
import { problemText, readServeConfig } from '../config.ts'
import type { KeyEncryptionKey } from '../crypto/key-vault.ts'
import { parseKeyEncryptionKey } from '../crypto/key-vault.ts'
import { systemClock } from '../house.ts'
import { readProgram } from '../program.ts'
import { openPostgres } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { openLog } from '../telemetry/log.ts'
import type { ExitCode, Io } from './io.ts'
import { listenRefusalText } from './listen.ts'
import { schemaRefusalText } from './migrate.ts'
import { startServer, untilEnded } from './server.ts'

/** `countersign serve`: the server over PostgreSQL, until it is asked to end. */
export async function serve(_args: readonly string[], io: Io): Promise<ExitCode> {
  const config = readServeConfig(io.env)
  if (!config.ok) {
    for (const problem of config.refusal) io.stderr.write(`countersign: ${problemText(problem)}\n`)
    return 2
  }
  const keyEncryptionKey = await readKey(config.value.keyEncryptionKey)
  if (typeof keyEncryptionKey === 'string') {
    io.stderr.write(`countersign: ${keyEncryptionKey}\n`)
    return 2
  }
  const { databaseUrl: url, databaseConnections: connectionsMax } = config.value
  const db = openPostgres({ url, connectionsMax })
  try {
    const migrated = await migrate(db, await readProgram(), systemClock.now())
    if (!migrated.ok) {
      io.stderr.write(`countersign: ${schemaRefusalText(migrated.refusal)}\n`)
      return 1
    }
    const log = openLog(config.value.logLevel, 1)
    for (const name of migrated.value) log.info({ migration: name }, 'migrated')
    const server = await startServer({ db, keyEncryptionKey, config: config.value, log })
    if (!server.ok) {
      io.stderr.write(`countersign: ${listenRefusalText(server.refusal)}\n`)
      return 1
    }
    await untilEnded(io.ended)
    await server.value.close()
    return 0
  } finally {
    await db.close()
  }
}

/** The key, or what is wrong with it, in words that do not show it. */
async function readKey(source: KeyEncryptionKeySource): Promise<KeyEncryptionKey | string> {
  const isFile = 'file' in source
  const text = isFile ? await readFile(source.file, 'utf8').catch(() => undefined) : source.text
  if (text === undefined) return 'the file that KEY_ENCRYPTION_KEY_FILE names cannot be read'
  const key = parseKeyEncryptionKey(text)
  if (key.ok) return key.value
  const name = isFile ? 'the file that KEY_ENCRYPTION_KEY_FILE names' : 'KEY_ENCRYPTION_KEY'
  return `${name} must hold 32 bytes in base64 or hexadecimal: openssl rand -base64 32`
}

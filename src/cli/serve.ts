import type { ServeConfig } from '../config.ts'
import { readServeConfig } from '../config.ts'
import { accept } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import { systemClock } from '../house.ts'
import { readProgram } from '../program.ts'
import { openPostgres } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { openLog } from '../telemetry/log.ts'
import type { Io } from './io.ts'
import { readKeySettings } from './key-settings.ts'
import type { ProgramOutcome } from './program.ts'
import { startServer, untilEnded } from './server.ts'
import { settingsWrong } from './settings.ts'

/** `countersign serve`: the server over PostgreSQL, until it is asked to end. */
export async function serve(_given: unknown, io: Io): ProgramOutcome {
  const config = readServeConfig(io.env)
  if (!config.ok) return settingsWrong(config.refusal)
  const keys = await readKeySettings(config.value)
  if (!keys.ok) return keys
  const { databaseUrl: url, databaseConnections: connectionsMax } = config.value
  const db = openPostgres({ url, connectionsMax })
  try {
    const migrated = await migrate(db, await readProgram(), systemClock.now())
    if (!migrated.ok) return migrated
    const log = openLog(config.value.logLevel, 1)
    for (const name of migrated.value) log.info({ migration: name }, 'migrated')
    if (io.ended.aborted) return accept(undefined)
    const server = await startServer({
      db,
      ...keys.value,
      config: config.value,
      log,
    })
    if (!server.ok) return server
    await untilEnded(io.ended)
    await server.value.close(drainDelay(io, config.value))
    return accept(undefined)
  } finally {
    await db.close()
  }
}

/** A person who types Ctrl-C has no load balancer that must notice first. */
function drainDelay({ ended, stdin }: Io, { drainDelayMilliseconds }: ServeConfig): Milliseconds {
  const byHand = ended.reason === 'SIGINT' && stdin.isTTY === true
  return milliseconds(byHand ? 0 : drainDelayMilliseconds)
}

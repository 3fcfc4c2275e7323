import { setTimeout as pause } from 'node:timers/promises'
import type { ServerConfig } from '../config.ts'
import { random } from '../crypto/random.ts'
import type { KeyEncryptionKeys } from '../crypto/signing-key-vault.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds, seconds } from '../domain/time.ts'
import type { House } from '../house.ts'
import { openHouse } from '../house.ts'
import type { Database } from '../storage/database.ts'
import { loggedEvents } from '../telemetry/events.ts'
import type { Log } from '../telemetry/log.ts'
import type { ListenRefusal } from './listen.ts'
import { listen } from './listen.ts'

export type RunningServer = {
  readonly house: House
  /** Says that it is not ready, waits until that was noticed, ends what is under way, and closes. */
  readonly close: (drainDelay: Milliseconds) => Promise<void>
}

// Who still uses a connection that was open all the while does so often, or is not in a hurry.
const idleMax = milliseconds(2000)

type Needs = {
  readonly db: Database
  readonly keyEncryptionKeys: KeyEncryptionKeys
  readonly keyRules: KeyRules
  readonly config: ServerConfig
  readonly log: Log
}

/** Opens the house over a migrated database and listens, unless the address cannot be had. */
export async function startServer({
  db,
  keyEncryptionKeys,
  keyRules,
  config,
  log,
}: Needs): Promise<Result<RunningServer, ListenRefusal>> {
  const events = loggedEvents(log)
  const house = await openHouse({
    db,
    keyEncryptionKeys,
    keyRules,
    issuer: config.issuer,
    maxStale: seconds(config.maxStaleSeconds),
    jwksMaxAge: seconds(config.jwksMaxAgeSeconds),
    clientsMax: config.clientsMax,
    events,
  })
  await house.start()
  const { issuer, host, port } = config
  const listening = await listen(
    house.rooms,
    { host, port },
    { random: random(house.clock), events },
  )
  if (!listening.ok) {
    await house.stop()
    return listening
  }
  log.info({ issuer, host, port: listening.value.port }, 'listening')
  return accept({
    house,
    close: async (drainDelay) => {
      house.drain()
      listening.value.drain()
      log.info({}, 'draining')
      await pause(drainDelay)
      const cut = await listening.value.close({
        idle: milliseconds(Math.min(drainDelay, idleMax)),
        deadline: milliseconds(config.drainDeadlineMilliseconds),
      })
      if (cut > 0) log.warn({ connections: cut }, 'cut what had not ended at the deadline')
      await house.stop()
    },
  })
}

/** Resolves when the process is asked to end. */
export async function untilEnded(ended: AbortSignal): Promise<void> {
  if (ended.aborted) return
  await new Promise<void>((resolve) => {
    ended.addEventListener('abort', () => resolve(), { once: true })
  })
}

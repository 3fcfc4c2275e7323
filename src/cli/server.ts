import { setTimeout as pause } from 'node:timers/promises'
import type { ServerConfig } from '../config.ts'
import { random } from '../crypto/random.ts'
import type { KeyEncryptionKeys } from '../crypto/key-vault.ts'
import type { KeyRules } from '../domain/key-rotation.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds, seconds } from '../domain/time.ts'
import type { House, HouseOptions } from '../house.ts'
import { openHouse, systemClock } from '../house.ts'
import type { Events } from '../ports/events.ts'
import { readProgram } from '../program.ts'
import type { Database } from '../storage/database.ts'
import { loggedEvents, toldTo } from '../telemetry/events.ts'
import type { Log } from '../telemetry/log.ts'
import type { Build } from '../telemetry/metric-table.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { openTracing } from '../telemetry/tracing.ts'
import type { ListenRefusal } from './address.ts'
import { listen } from './listen.ts'
import type { MetricsServer } from './metrics-server.ts'
import { listenForScrapes } from './metrics-server.ts'

export type RunningServer = {
  readonly house: House
  /** Says that it is not ready, waits until that was noticed, ends what is under way, and closes. */
  readonly close: (drainDelay: Milliseconds) => Promise<void>
}

// Who still uses a connection that was open all the while does so often, or is not in a hurry.
const idleMax = milliseconds(2000)

/**
 * Then what answers people is loaded: a broken installation shows soon, and the first who come for
 * tokens, all at once after a start, do not wait for it.
 */
const openingDelayMilliseconds = 1000

type Needs = {
  readonly db: Database
  readonly keyEncryptionKeys: KeyEncryptionKeys
  readonly keyRules: KeyRules
  readonly config: ServerConfig
  readonly log: Log
}

/** Opens the house over a migrated database and listens, unless an address cannot be had. */
export async function startServer(needs: Needs): Promise<Result<RunningServer, ListenRefusal>> {
  const { config, log } = needs
  const build = await thisBuild()
  const metrics = config.metrics && (await loadMetrics()).openMetrics(build, systemClock)
  const tracing = openTracing(build.version)
  const events = toldTo(loggedEvents(log), metrics?.events, tracing?.events)
  const options = houseOptions(needs, events)
  const house = await openHouse({ ...options, tracing })
  await house.start()
  const scrapes = await listenForMetrics(house, metrics, config)
  if (!scrapes.ok) {
    await house.stop()
    return scrapes
  }
  const { issuer, host, port } = config
  const around = tracing?.around(house.rooms.paths)
  const { trustedProxies } = options
  const { clock } = house
  const toldOf = { clock, random: random(clock), events, trustedProxies, around }
  const listening = await listen(house.rooms, { host, port }, toldOf)
  if (!listening.ok) {
    await scrapes.value?.close()
    await house.stop()
    return listening
  }
  log.info({ issuer, host, port: listening.value.port, metrics: config.metrics }, 'listening')
  const opening = setTimeout(house.rooms.openDoors, openingDelayMilliseconds)
  return accept({
    house,
    close: async (drainDelay) => {
      clearTimeout(opening)
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
      // Last, so that the end can be watched too.
      await scrapes.value?.close()
      log.info({}, 'stopped')
    },
  })
}

function houseOptions({ config, ...needs }: Needs, events: Events): HouseOptions {
  return {
    ...needs,
    issuer: config.issuer,
    maxStale: seconds(config.maxStaleSeconds),
    jwksMaxAge: seconds(config.jwksMaxAgeSeconds),
    clientsMax: config.clientsMax,
    failuresMax: {
      perClient: config.failuresPerClientMax,
      perNetwork: config.failuresPerNetworkMax,
    },
    // None at all if none are named, so that no request is looked at for them.
    trustedProxies: config.trustedProxies.length === 0 ? undefined : config.trustedProxies,
    events,
  }
}

async function thisBuild(): Promise<Build> {
  const { version } = await readProgram()
  return { version, node: process.versions.node }
}

/** Only when they are wanted: what reads and writes them takes a tenth of the time of a start. */
async function loadMetrics() {
  return import('../telemetry/metrics.ts')
}

async function listenForMetrics(
  { vitals }: Pick<House, 'vitals'>,
  metrics: Metrics | undefined,
  { metrics: at }: Pick<ServerConfig, 'metrics'>,
): Promise<Result<MetricsServer | undefined, ListenRefusal>> {
  if (metrics === undefined || at === undefined) return accept(undefined)
  return listenForScrapes(async () => metrics.text(vitals()), at)
}

/** Resolves when the process is asked to end. */
export async function untilEnded(ended: AbortSignal): Promise<void> {
  if (ended.aborted) return
  await new Promise<void>((resolve) => {
    ended.addEventListener('abort', () => resolve(), { once: true })
  })
}

import { z } from 'zod'
import type { Environment, Reading } from './reading.ts'
import { accepted, read, refused } from './reading.ts'
import { matching, parsed, whole } from './setting.ts'

const host = parsed('a host name or an IP address', matching(/^[\w.:-]{1,253}$/))

/** Where requests are answered. */
export const listenSettings = {
  HOST: host.prefault('127.0.0.1').describe('The address to listen on; `0.0.0.0` for all.'),
  PORT: whole(1, 65_535).prefault('8080').describe('The port to listen on.'),
}

/** Where metrics are told. */
export const metricsSettings = {
  METRICS_PORT: whole(1, 65_535)
    .optional()
    .describe(
      'The port of `/metrics`, for Prometheus: never the public one. Unless it is set there are no metrics.',
    ),
  METRICS_HOST: host
    .prefault('127.0.0.1')
    .describe('The address to listen on for `/metrics`: one that only those who scrape can reach.'),
}

const places = z.object({ ...listenSettings, ...metricsSettings })
/** Addresses that stand for all others. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Refuses one place to listen at for both; what else is wrong with it is told elsewhere. */
export function readPlaces(env: Environment): Reading<undefined> {
  const given = read(places, env)
  if (!given.ok) return accepted(undefined)
  const { HOST: at, PORT: port, METRICS_HOST: metricsAt, METRICS_PORT: metricsPort } = given.value
  const overlap = at === metricsAt || everywhere.has(at) || everywhere.has(metricsAt)
  if (port !== metricsPort || !overlap) return accepted(undefined)
  const complaint = `another port than PORT=${port}`
  return refused({ name: 'METRICS_PORT', given: String(metricsPort), complaint })
}

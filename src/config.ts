/**
 * Every setting of the program: its name, meaning, default and what it accepts. The only reader of
 * the environment; whatever is wrong with it is told at once. A blank variable counts as not set.
 */
import { z } from 'zod'
import { issuerAccepts, issuerComplaint, loopbackIssuer } from './config/issuer.ts'
import type { ConfigProblem, Environment, Reading } from './config/reading.ts'
import { accepted, bothRefused, isSet, notShown, read, refused } from './config/reading.ts'
import type { CallerConfig } from './config/callers.ts'
import { callerConfig, callerSettings } from './config/callers.ts'
import { listenSettings, metricsSettings, readPlaces } from './config/places.ts'
import { duration, matching, parsed, whole, words } from './config/setting.ts'
import { defaultsOf, tableOf } from './config/table.ts'

const issuer = parsed(
  issuerAccepts,
  (text) => (issuerComplaint(text) === undefined ? text : undefined),
  issuerComplaint,
)

const databaseUrl = parsed(
  'a URL like `postgresql://user:password@host:5432/database`',
  matching(/^postgres(ql)?:\/\/\S+$/),
)

const keyAccepts = '32 random bytes in base64 or hexadecimal'
/** The form alone; white space around it does not count. */
const keyForm = /^\s*(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/_-]{43}=?)\s*$/

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const oneLogLevel = `one of ${logLevels.join(', ')}`

const settings = {
  ISSUER: issuer
    .optional()
    .describe(
      'The name of this server in every token, and the base of every URL it publishes. Required, but `dev` takes `http://127.0.0.1:PORT`.',
    ),
  ...listenSettings,
  ...callerSettings,
  DATABASE_URL: databaseUrl
    .optional()
    .describe('The PostgreSQL database, 15 or later. Required, but `dev` brings its own.'),
  DATABASE_CONNECTIONS: whole(1, 100)
    .prefault('5')
    .describe(
      'The most connections of each of the two pools (token requests; management). One more follows the change log.',
    ),
  KEY_ENCRYPTION_KEY: parsed(keyAccepts, matching(keyForm))
    .optional()
    .describe(
      'Seals the private signing keys in the database. `serve` requires it or `KEY_ENCRYPTION_KEY_FILE`; `openssl rand -base64 32` makes one.',
    ),
  KEY_ENCRYPTION_KEY_FILE: parsed('the path of a file', String)
    .optional()
    .describe('The file that holds the key-encryption key, instead of `KEY_ENCRYPTION_KEY`.'),
  KEY_ENCRYPTION_KEY_PREVIOUS: parsed(keyAccepts, matching(keyForm))
    .optional()
    .describe(
      'The key-encryption key before this one, until `countersign keys rewrap` has replaced it.',
    ),
  KEY_ENCRYPTION_KEY_PREVIOUS_FILE: parsed('the path of a file', String)
    .optional()
    .describe('The file that holds it, instead of `KEY_ENCRYPTION_KEY_PREVIOUS`.'),
  KEY_ROTATION_INTERVAL: duration('s', '1s', '365d')
    .prefault('30d')
    .describe(
      'How long a key signs before its successor does. At least `JWKS_MAX_AGE`, `MAX_STALE` and `KEY_ROTATION_MARGIN` together, since the next one is announced so long before.',
    ),
  KEY_ROTATION_MARGIN: duration('s', '1s', '24h')
    .prefault('60s')
    .describe(
      'How much longer than `JWKS_MAX_AGE` and `MAX_STALE` a key is published before it signs, for clocks that differ and slow caches.',
    ),
  MAX_STALE: duration('s', '0s', '24h')
    .prefault('5m')
    .describe('How long tokens are still issued while the database is away.'),
  JWKS_MAX_AGE: duration('s', '1s', '24h')
    .prefault('5m')
    .describe('How long others may keep the published keys without asking again.'),
  CLIENTS_MAX: whole(1, 10_000_000)
    .prefault('100000')
    .describe('The most clients that are kept in memory; the others are read when they come.'),
  ...metricsSettings,
  LOG_LEVEL: z
    .enum(logLevels, oneLogLevel)
    .register(words, { accepts: oneLogLevel })
    .prefault('info')
    .describe(
      'The least urgent log lines that are written; `debug` has one for every token issued.',
    ),
  DRAIN_DELAY: duration('ms', '0s', '5m')
    .prefault('5s')
    .describe(
      'How long after SIGTERM new requests are still taken, while the server already says that it is not ready: as long as a load balancer needs to notice. `dev` does not wait.',
    ),
  DRAIN_DEADLINE: duration('ms', '0s', '10m')
    .prefault('10s')
    .describe('How long requests under way may take to end after that.'),
}

const all = z.object(settings)
const theKey = {
  KEY_ENCRYPTION_KEY: true,
  KEY_ENCRYPTION_KEY_FILE: true,
  KEY_ENCRYPTION_KEY_PREVIOUS: true,
  KEY_ENCRYPTION_KEY_PREVIOUS_FILE: true,
} as const
const theDatabase = { DATABASE_URL: true, DATABASE_CONNECTIONS: true } as const

const devSettings = all.omit({ ...theKey, ...theDatabase })
const operatorSettings = all
  .pick({ ...theDatabase, ISSUER: true })
  .extend({ DATABASE_URL: databaseUrl })
const keySettings = all.pick(theKey)
const keyTimeSettings = all.pick({
  MAX_STALE: true,
  JWKS_MAX_AGE: true,
  KEY_ROTATION_INTERVAL: true,
  KEY_ROTATION_MARGIN: true,
})
const verifySettings = all.pick({ ISSUER: true })
const serveSettings = all.omit(theKey).extend({ ISSUER: issuer, DATABASE_URL: databaseUrl })

export type LogLevel = (typeof logLevels)[number]

/** What the life of a signing key follows from. */
export type KeyTimesConfig = {
  readonly maxStaleSeconds: number
  readonly jwksMaxAgeSeconds: number
  readonly keyRotationIntervalSeconds: number
  readonly keyRotationMarginSeconds: number
}

/** What any process that answers requests is told. */
export type ServerConfig = KeyTimesConfig &
  CallerConfig & {
    readonly issuer: string
    readonly host: string
    readonly port: number
    readonly clientsMax: number
    /** Where metrics are told, if they are. */
    readonly metrics: { readonly host: string; readonly port: number } | undefined
    readonly logLevel: LogLevel
    readonly drainDelayMilliseconds: number
    readonly drainDeadlineMilliseconds: number
  }

export type DatabaseConfig = {
  readonly databaseUrl: string
  /** The most connections of each pool. */
  readonly databaseConnections: number
}

/** Where the key-encryption key is: here, or in a file still to be read. */
export type KeyEncryptionKeySource = { readonly text: string } | { readonly file: string }

/** Where the key-encryption keys are: the one to seal with, and perhaps the one before it. */
export type KeyEncryptionKeysConfig = {
  readonly keyEncryptionKey: KeyEncryptionKeySource
  readonly previousKeyEncryptionKey: KeyEncryptionKeySource | undefined
}

export type ServeConfig = ServerConfig & DatabaseConfig & KeyEncryptionKeysConfig

/** What commands beside the server are told: they need a database, and few of them an issuer. */
export type OperatorConfig = DatabaseConfig & { readonly issuer: string | undefined }

export function readServeConfig(env: Environment): Reading<ServeConfig> {
  const given = read(serveSettings, env)
  const keys = readKeyEncryptionKeys(env)
  const places = readPlaces(env)
  if (!given.ok || !keys.ok || !places.ok) return bothRefused(given, keys, places)

  const server = serverConfig(given.value, given.value.ISSUER)
  return accepted({ ...server, ...databaseConfig(given.value), ...keys.value })
}

/** What the times of the signing keys follow from. */
export function readKeyTimesConfig(env: Environment): Reading<KeyTimesConfig> {
  const given = read(keyTimeSettings, env)
  return given.ok ? accepted(keyTimes(given.value)) : given
}

/** `dev` needs nothing; its issuer is where it listens, unless only others can name that place. */
export function readDevConfig(env: Environment): Reading<ServerConfig> {
  const given = read(devSettings, env)
  const places = readPlaces(env)
  if (!given.ok || !places.ok) return bothRefused(given, places)

  const here = given.value.ISSUER ?? loopbackIssuer(given.value.HOST, given.value.PORT)
  if (here === undefined) {
    return refused({ name: 'ISSUER', given: undefined, complaint: issuerAccepts })
  }
  return accepted({ ...serverConfig(given.value, here), drainDelayMilliseconds: 0 })
}

export function readOperatorConfig(env: Environment): Reading<OperatorConfig> {
  const given = read(operatorSettings, env)
  if (!given.ok) return given

  return accepted({ ...databaseConfig(given.value), issuer: given.value.ISSUER })
}

/** Whether a command finds its database by DATABASE_URL. */
export function namesDatabase(env: Environment): boolean {
  return isSet(env['DATABASE_URL'])
}

/** Whose token `verify` is given, unless the command line says it. */
export function readVerifyConfig(env: Environment): Reading<Pick<OperatorConfig, 'issuer'>> {
  const given = read(verifySettings, env)
  return given.ok ? accepted({ issuer: given.value.ISSUER }) : given
}

/** One line for the person who started the program. */
export function problemText({ name, given, complaint }: ConfigProblem): string {
  const subject = given === undefined ? `${name} is not set; it` : `${name}=${given}`
  return `${subject} must be ${complaint.replaceAll('`', '')}`
}

/** The names of the settings, each with its default. */
export function settingDefaults() {
  return defaultsOf(settings)
}

/** The settings as a Markdown table; the one in README.md is this. */
export function settingsTable(): string {
  return tableOf(settings)
}

/** What seals the signing keys, for `serve` and for commands that do with them what it does. */
export function readKeyEncryptionKeys(env: Environment): Reading<KeyEncryptionKeysConfig> {
  const twice = (['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEY_PREVIOUS'] as const).filter(
    (name) => isSet(env[name]) && isSet(env[`${name}_FILE`]),
  )
  const [problem] = twice.map((name) => ({
    name,
    given: notShown,
    complaint: `left out where ${name}_FILE is set`,
  }))
  if (problem !== undefined) return refused(problem)
  const given = read(keySettings, env)
  if (!given.ok) return given

  const { KEY_ENCRYPTION_KEY: text, KEY_ENCRYPTION_KEY_FILE: file } = given.value
  const keyEncryptionKey = keySource(text, file)
  if (keyEncryptionKey === undefined) {
    const complaint = `${keyAccepts}, or in the file that KEY_ENCRYPTION_KEY_FILE names`
    return refused({ name: 'KEY_ENCRYPTION_KEY', given: undefined, complaint })
  }
  const { KEY_ENCRYPTION_KEY_PREVIOUS: before, KEY_ENCRYPTION_KEY_PREVIOUS_FILE: beforeFile } =
    given.value
  return accepted({ keyEncryptionKey, previousKeyEncryptionKey: keySource(before, beforeFile) })
}

function keySource(
  text: string | undefined,
  file: string | undefined,
): KeyEncryptionKeySource | undefined {
  if (text !== undefined) return { text }
  return file === undefined ? undefined : { file }
}

function keyTimes(given: z.output<typeof keyTimeSettings>): KeyTimesConfig {
  return {
    maxStaleSeconds: given.MAX_STALE,
    jwksMaxAgeSeconds: given.JWKS_MAX_AGE,
    keyRotationIntervalSeconds: given.KEY_ROTATION_INTERVAL,
    keyRotationMarginSeconds: given.KEY_ROTATION_MARGIN,
  }
}

function serverConfig(given: z.output<typeof devSettings>, itsIssuer: string): ServerConfig {
  return {
    issuer: itsIssuer,
    host: given.HOST,
    port: given.PORT,
    ...callerConfig(given),
    ...keyTimes(given),
    clientsMax: given.CLIENTS_MAX,
    metrics: metricsAddress(given),
    logLevel: given.LOG_LEVEL,
    drainDelayMilliseconds: given.DRAIN_DELAY,
    drainDeadlineMilliseconds: given.DRAIN_DEADLINE,
  }
}

function metricsAddress({ METRICS_HOST: at, METRICS_PORT: port }: z.output<typeof devSettings>) {
  return port === undefined ? undefined : { host: at, port }
}

function databaseConfig(given: z.output<typeof operatorSettings>): DatabaseConfig {
  return { databaseUrl: given.DATABASE_URL, databaseConnections: given.DATABASE_CONNECTIONS }
}

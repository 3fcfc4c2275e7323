/**
 * Every setting of the program: its name, meaning, default and what it accepts. The only reader of
 * the environment; whatever is wrong with it is told at once. A blank variable counts as not set.
 */
import { z } from 'zod'
import { issuerAccepts, issuerComplaint, loopbackIssuer } from './config/issuer.ts'
import { duration, matching, parsed, whole, words } from './config/setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** One thing wrong with the settings. `given` is what was given, but never a secret. */
export type ConfigProblem = {
  readonly name: string
  readonly given: string | undefined
  readonly complaint: string
}

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: readonly ConfigProblem[] }

const secrets: ReadonlySet<string> = new Set(['DATABASE_URL', 'KEY_ENCRYPTION_KEY'])
const notShown = '(not shown)'

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
  HOST: parsed('a host name or an IP address', matching(/^[\w.:-]{1,253}$/))
    .prefault('127.0.0.1')
    .describe('The address to listen on; `0.0.0.0` for all.'),
  PORT: whole(1, 65_535).prefault('8080').describe('The port to listen on.'),
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
  MAX_STALE: duration('s', '0s', '24h')
    .prefault('5m')
    .describe('How long tokens are still issued while the database is away.'),
  JWKS_MAX_AGE: duration('s', '1s', '24h')
    .prefault('5m')
    .describe('How long others may keep the published keys without asking again.'),
  CLIENTS_MAX: whole(1, 10_000_000)
    .prefault('100000')
    .describe('The most clients that are kept in memory; the others are read when they come.'),
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
const theKey = { KEY_ENCRYPTION_KEY: true, KEY_ENCRYPTION_KEY_FILE: true } as const
const theDatabase = { DATABASE_URL: true, DATABASE_CONNECTIONS: true } as const

const keySettings = all.pick(theKey)
const devSettings = all.omit({ ...theKey, ...theDatabase })
const operatorSettings = all
  .pick({ ...theDatabase, ISSUER: true })
  .extend({ DATABASE_URL: databaseUrl })
const verifySettings = all.pick({ ISSUER: true })
const serveSettings = all.omit(theKey).extend({ ISSUER: issuer, DATABASE_URL: databaseUrl })

export type LogLevel = (typeof logLevels)[number]

/** What any process that answers requests is told. */
export type ServerConfig = {
  readonly issuer: string
  readonly host: string
  readonly port: number
  readonly maxStaleSeconds: number
  readonly jwksMaxAgeSeconds: number
  readonly clientsMax: number
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

export type ServeConfig = ServerConfig &
  DatabaseConfig & { readonly keyEncryptionKey: KeyEncryptionKeySource }

/** What commands beside the server are told: they need a database, and few of them an issuer. */
export type OperatorConfig = DatabaseConfig & { readonly issuer: string | undefined }

export function readServeConfig(env: Environment): Reading<ServeConfig> {
  const given = read(serveSettings, env)
  const key = readKeyEncryptionKey(env)
  if (!given.ok) return key.ok ? given : { ok: false, refusal: [...given.refusal, ...key.refusal] }
  if (!key.ok) return key

  const server = serverConfig(given.value, given.value.ISSUER)
  return accepted({ ...server, ...databaseConfig(given.value), keyEncryptionKey: key.value })
}

/** `dev` needs nothing; its issuer is where it listens, unless only others can name that place. */
export function readDevConfig(env: Environment): Reading<ServerConfig> {
  const given = read(devSettings, env)
  if (!given.ok) return given

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

/** The settings as a Markdown table; the one in README.md is this. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, schema]) => {
    const fallback = schema instanceof z.ZodPrefault ? `\`${schema.def.defaultValue}\`` : ''
    const accepts = words.get(schema.unwrap())?.accepts ?? ''
    return `| \`${name}\` | ${fallback} | ${schema.description ?? ''} | ${accepts} |`
  })
  return ['| setting | default | meaning | accepts |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function read<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
): Reading<z.output<Schema>> {
  const given = Object.entries(env).filter(([, value]) => isSet(value))
  const { success, data, error } = schema.safeParse(Object.fromEntries(given))
  if (success) return accepted(data)

  const refusal = error.issues.map(({ path, message }) => {
    const [name, value] = given.find((entry) => entry[0] === path[0]) ?? [String(path[0])]
    const shown = value !== undefined && secrets.has(name) ? notShown : value
    return { name, given: shown, complaint: message }
  })
  return { ok: false, refusal }
}

function isSet(value = ''): boolean {
  return value.trim() !== ''
}

function readKeyEncryptionKey(env: Environment): Reading<KeyEncryptionKeySource> {
  if (isSet(env['KEY_ENCRYPTION_KEY']) && isSet(env['KEY_ENCRYPTION_KEY_FILE'])) {
    const complaint = 'left out where KEY_ENCRYPTION_KEY_FILE is set'
    return refused({ name: 'KEY_ENCRYPTION_KEY', given: notShown, complaint })
  }
  const given = read(keySettings, env)
  if (!given.ok) return given

  const { KEY_ENCRYPTION_KEY: text, KEY_ENCRYPTION_KEY_FILE: file } = given.value
  if (text !== undefined) return accepted({ text })
  if (file !== undefined) return accepted({ file })
  const complaint = `${keyAccepts}, or in the file that KEY_ENCRYPTION_KEY_FILE names`
  return refused({ name: 'KEY_ENCRYPTION_KEY', given: undefined, complaint })
}

function serverConfig(given: z.output<typeof devSettings>, itsIssuer: string): ServerConfig {
  return {
    issuer: itsIssuer,
    host: given.HOST,
    port: given.PORT,
    maxStaleSeconds: given.MAX_STALE,
    jwksMaxAgeSeconds: given.JWKS_MAX_AGE,
    clientsMax: given.CLIENTS_MAX,
    logLevel: given.LOG_LEVEL,
    drainDelayMilliseconds: given.DRAIN_DELAY,
    drainDeadlineMilliseconds: given.DRAIN_DEADLINE,
  }
}

function databaseConfig(given: z.output<typeof operatorSettings>): DatabaseConfig {
  return { databaseUrl: given.DATABASE_URL, databaseConnections: given.DATABASE_CONNECTIONS }
}

function accepted<Value>(value: Value): Reading<Value> {
  return { ok: true, value }
}

function refused(problem: ConfigProblem): Reading<never> {
  return { ok: false, refusal: [problem] }
}

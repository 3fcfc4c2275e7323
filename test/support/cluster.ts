import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { endWithUs } from './children.ts'
import { freePort } from './processes.ts'

/** A PostgreSQL server of our own, which may be treated badly. */
export type Cluster = {
  readonly port: number
  /** The database as the server processes use it, by whatever port leads to it. */
  readonly url: (port?: number) => string
  /** The same for a superuser, who still gets in when all slots are used up. */
  readonly adminUrl: (port?: number) => string
  readonly admin: <Row extends pg.QueryResultRow>(
    statement: string,
    database?: string,
  ) => Promise<readonly Row[]>
  readonly folder: string
  /** Starts it, and waits until it takes connections. */
  readonly start: () => Promise<void>
  readonly isRunning: () => boolean
  /** A fast shutdown: transactions are ended, nothing is lost. */
  readonly shutDown: () => Promise<void>
  /** SIGKILL, to the postmaster alone; its backends end when they notice. */
  readonly kill: () => Promise<void>
  /** SIGSTOP to the postmaster and all backends. */
  readonly pause: () => void
  readonly resume: () => void
  /** Makes a standby the primary. */
  readonly promote: () => Promise<void>
  /** Copies all that it has, while it is shut down for that. */
  readonly backUp: () => Promise<void>
  /** Puts the copy in the place of what it has now. */
  readonly restore: () => Promise<void>
  /** A standby of it, running. */
  readonly standby: () => Promise<Cluster>
  readonly drop: () => Promise<void>
}

/** Where the programs of PostgreSQL are; `undefined` if they are not on this machine. */
export const postgresPrograms = programsFolder()

const owner = clusterOwner()
const database = 'countersign'

/** What every cluster is a copy of, because `initdb` takes a second; in a folder of its own. */
export async function createTemplate(): Promise<string> {
  const folder = await ownedFolder()
  const data = join(folder, 'data')
  runProgram('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
    more: ['--no-sync', '--wal-segsize=1'],
  })
  return folder
}

export async function createCluster(template: string, home?: string): Promise<Cluster> {
  const folder = await ownedFolder(home)
  execFileSync('cp', ['-a', join(template, 'data'), folder], owner)
  const cluster = await clusterAt(folder)
  await cluster.start()
  await cluster.admin(`create role ${database} login`, 'postgres')
  await cluster.admin(`create database ${database} owner ${database}`, 'postgres')
  return cluster
}

// fsync is left out: what is shown here is the loss of processes, not of power.
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'max_connections=40',
  'max_wal_senders=4',
  'shared_buffers=16MB',
  'min_wal_size=2MB',
  'max_wal_size=16MB',
  'wal_keep_size=16MB',
  'log_line_prefix=%m [%p] %a ',
]

async function clusterAt(folder: string): Promise<Cluster> {
  const port = await freePort()
  const data = join(folder, 'data')
  let server: ChildProcess | undefined
  const isRunning = () => server !== undefined && server.exitCode === null && !server.signalCode
  const ended = async () => {
    if (server !== undefined && isRunning()) await once(server, 'exit')
  }
  const signal = (name: NodeJS.Signals) => {
    if (server?.pid === undefined) return
    for (const pid of [server.pid, ...childrenOf(server.pid)]) send(pid, name)
  }
  const admin: Cluster['admin'] = async (statement, name = database) => {
    const client = new pg.Client({
      connectionString: `postgresql://postgres@127.0.0.1:${port}/${name}`,
      connectionTimeoutMillis: 2000,
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }
  const start = async () => {
    const log = openSync(join(folder, 'log'), 'a')
    const options = [...settings, `port=${port}`].flatMap((one) => ['-c', one])
    for (;;) {
      server = spawn(program('postgres'), ['-D', data, ...options], {
        ...owner,
        stdio: ['ignore', log, log],
        cwd: folder,
      })
      endWithUs(server)
      if (await takesConnections(admin, isRunning)) break
      // After SIGKILL the backends hold the shared memory until they have noticed.
      await pause(50)
    }
    closeSync(log)
  }
  const shutDown = async () => {
    server?.kill('SIGINT')
    await ended()
  }
  const copy = async (from: string, to: string) => {
    await shutDown()
    await rm(to, { recursive: true, force: true })
    execFileSync('cp', ['-a', from, to], owner)
    await start()
  }
  const backup = join(folder, 'backup')
  return {
    port,
    folder,
    url: (at = port) => urlOf(database, at),
    adminUrl: (at = port) => urlOf('postgres', at),
    admin,
    start,
    isRunning,
    shutDown,
    kill: async () => {
      server?.kill('SIGKILL')
      await ended()
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    promote: async () => void (await admin('select pg_promote()', 'postgres')),
    backUp: async () => copy(data, backup),
    restore: async () => copy(backup, data),
    standby: async () => standbyOf(port),
    drop: async () => {
      if (isRunning()) {
        signal('SIGCONT')
        server?.kill('SIGQUIT')
        await ended()
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

function urlOf(user: string, port: number): string {
  return `postgresql://${user}@127.0.0.1:${port}/${database}`
}

async function standbyOf(port: number): Promise<Cluster> {
  const folder = await ownedFolder()
  const source = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  runProgram('pg_basebackup', [...source, '-D', join(folder, 'data'), '-R', '-c', 'fast'], {
    more: ['--no-sync', '-X', 'stream'],
  })
  const standby = await clusterAt(folder)
  await standby.start()
  return standby
}

/** False when it ended instead. */
async function takesConnections(
  admin: Cluster['admin'],
  isRunning: () => boolean,
): Promise<boolean> {
  while (isRunning()) {
    const answer = await admin('select', 'postgres').catch(() => undefined)
    if (answer !== undefined) return true
    await pause(20)
  }
  return false
}

/** Runs one of PostgreSQL's programs to its end, as the owner of the cluster. */
function runProgram(
  name: string,
  words: readonly string[],
  { more = [] }: { readonly more?: readonly string[] } = {},
): void {
  execFileSync(program(name), [...words, ...more], { ...owner, stdio: 'pipe', cwd: '/' })
}

function program(name: string): string {
  if (postgresPrograms === undefined) throw new Error('PostgreSQL is not installed')
  return join(postgresPrograms, name)
}

function programsFolder(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = listed(debian).toSorted((a, b) => Number(b) - Number(a))
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.find((folder) => {
    const names = listed(folder)
    return ['initdb', 'postgres', 'pg_basebackup'].every((name) => names.includes(name))
  })
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** PostgreSQL does not run as root, so root gives way to `postgres`, or to nobody. */
function clusterOwner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const line = users.find((user) => user.startsWith('postgres:'))
  const [, , uid, gid] = (line ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

export async function ownedFolder(home = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(home, 'countersign-faults-'))
  if (owner.uid !== undefined && owner.gid !== undefined) {
    await chown(folder, owner.uid, owner.gid)
  }
  return folder
}

/** A backend may have ended meanwhile. */
function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function childrenOf(pid: number): readonly number[] {
  return listed('/proc')
    .map(Number)
    .filter((each) => each > 0 && parentOf(each) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
  } catch {
    return undefined
  }
}

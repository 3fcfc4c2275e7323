import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/support/processes.ts'
import type { Job, Report, StreamResult } from './job.ts'

/** The servers share one core, of which all but the one being measured are idle; the load has another. */
const serverCores = '0'
export const loadCores = '1'
export const bothCores = '0,1'

const startMilliseconds = 30_000
const stopMilliseconds = 5000

export const canPin = existsSync('/proc/self/stat') && spawnSync('taskset', ['-V']).status === 0

/** Since its start, in milliseconds, all threads: on a core, and ready but waiting for one. */
export type Spent = { readonly cpu: number; readonly waiting: number }

/** What is measured while load is on it: a server, or several that share it. */
export type RunningServer = {
  readonly ports: readonly number[]
  readonly spent: () => Promise<Spent>
  /** Resident memory in MiB. */
  readonly memory: () => Promise<number>
  readonly stop: () => Promise<void>
}

export type ServerStart = {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cores?: string
  /** Whether it answers yet: that it listens, if nothing else is asked. */
  readonly isUp?: (port: number) => Promise<boolean>
}

/** Starts a server and waits until it is up on the port it is told in PORT. */
export async function startServer(
  script: string,
  { args = [], env = {}, cores = serverCores, isUp = accepts }: ServerStart,
): Promise<RunningServer> {
  const port = await freePort()
  const own = { ...env, PORT: String(port), NODE_ENV: 'production' }
  const { child, ended, stop } = start(
    cores,
    [path.resolve(import.meta.dirname, script), ...args],
    own,
  )
  try {
    await Promise.race([until(async () => isUp(port), script), ended])
  } catch (error) {
    await stop()
    throw error
  }
  const { pid } = child
  return { ports: [port], spent: () => spentBy(pid), memory: () => memoryOf(pid), stop }
}

export type Load = {
  readonly run: (job: Job) => Promise<readonly StreamResult[]>
  readonly spent: () => Promise<Spent>
  readonly stop: () => Promise<void>
}

/** Starts a load generator. */
export function startLoad(cores = loadCores): Load {
  const { child, ended, stop } = start(cores, [path.resolve(import.meta.dirname, 'load.ts')], {})
  return {
    run: async (job) => {
      child.send(job)
      const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report]
      if (!report.ok) throw new Error(report.refusal)
      return report.value
    },
    spent: async () => spentBy(child.pid),
    stop,
  }
}

type Started = {
  readonly child: ChildProcess
  /** Never resolves. */
  readonly ended: Promise<never>
  readonly stop: () => Promise<void>
}

const running = new Set<Started>()
let isOver = false

/** Ends every process that was started here and still runs. No other can be started after it. */
export async function stopAll(): Promise<void> {
  isOver = true
  await Promise.all([...running].map(async ({ stop }) => stop()))
}

function start(cores: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  if (isOver) throw new Error('it is over')
  const child = spawn('taskset', ['-c', cores, process.execPath, ...args], {
    env: { ...process.env, ...env },
    // Logs are written, as in production, and thrown away.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Apart from the terminal, whose Ctrl-C is for the bench: it ends them itself.
    detached: true,
  })
  const ended = once(child, 'exit').then(async () => {
    running.delete(started)
    throw new Error(`${args[0]} has ended`)
  })
  ended.catch(() => undefined)
  const started = { child, ended, stop: async () => stopped(child) }
  running.add(started)
  return started
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds)
  await ended
  clearTimeout(timer)
}

const betweenLooksMilliseconds = 2

async function until(isDone: () => Promise<boolean>, script: string): Promise<void> {
  const deadline = performance.now() + startMilliseconds
  while (performance.now() < deadline) {
    if (await isDone()) return
    await pause(betweenLooksMilliseconds)
  }
  throw new Error(`${script} is not up after ${startMilliseconds / 1000} s`)
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

/** The kernel's counts, in nanoseconds: proc(5), /proc/PID/task/TID/schedstat. */
async function spentBy(pid: number | undefined): Promise<Spent> {
  const tasks = `/proc/${String(pid)}/task`
  let [cpu, waiting] = [0, 0]
  for (const task of await readdir(tasks)) {
    const [onCore, ready] = (await readFile(`${tasks}/${task}/schedstat`, 'utf8')).split(' ')
    cpu += Number(onCore) / 1e6
    waiting += Number(ready) / 1e6
  }
  return { cpu, waiting }
}

async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

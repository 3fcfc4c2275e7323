import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { createServer, connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Job, JobResult, Report } from './load.ts'

/** The servers share one core, of which all but the one being measured are idle; the load has another. */
const serverCore = 0
const loadCore = 1
const startMilliseconds = 15_000
const stopMilliseconds = 5000

export const canPin = existsSync('/proc/self/stat') && spawnSync('taskset', ['-V']).status === 0

type Started = { readonly child: ChildProcess; readonly stop: () => Promise<void> }

export type RunningServer = {
  readonly port: number
  /** Since its start, in milliseconds, all threads: on a core, and ready but waiting for one. */
  readonly spent: () => Promise<{ readonly cpu: number; readonly waiting: number }>
  /** Resident memory in MiB. */
  readonly memory: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts a server on the servers' core and waits until it listens on the port it is told in PORT. */
export async function startServer(
  script: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv },
): Promise<RunningServer> {
  const port = await freePort()
  const own = { ...env, PORT: String(port), NODE_ENV: 'production' }
  const { child, stop } = start(serverCore, [join(import.meta.dirname, script), ...args], own)
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${script} has ended`)))
  ended.catch(() => undefined)
  try {
    await Promise.race([listens(port), ended])
  } catch (error) {
    await stop()
    throw error
  }
  const { pid } = child
  return { port, spent: () => spentBy(pid), memory: () => memoryOf(pid), stop }
}

export type Load = {
  readonly run: (job: Job) => Promise<JobResult>
  readonly stop: () => Promise<void>
}

/** Starts the load generator on its own core. */
export function startLoad(): Load {
  const { child, stop } = start(loadCore, [join(import.meta.dirname, 'load.ts')], {})
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the load has ended')))
  ended.catch(() => undefined)
  return {
    run: async (job) => {
      child.send(job)
      const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report]
      if (!report.ok) throw new Error(report.refusal)
      return report.value
    },
    stop,
  }
}

function start(core: number, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const pinned = canPin ? ['taskset', '-c', String(core), process.execPath] : [process.execPath]
  const [command = '', ...first] = pinned
  const child = spawn(command, [...first, ...args], {
    env: { ...process.env, ...env },
    // Logs are written, as in production, and thrown away.
    stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'ipc'],
  })
  return { child, stop: () => stopped(child) }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds)
  await ended
  clearTimeout(timer)
}

async function listens(port: number): Promise<void> {
  const deadline = performance.now() + startMilliseconds
  while (performance.now() < deadline) {
    if (await accepts(port)) return
    await pause(50)
  }
  throw new Error(`nothing listens on port ${port}`)
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}

/** The kernel's counts, in nanoseconds: proc(5), /proc/PID/task/TID/schedstat. */
async function spentBy(pid: number | undefined): ReturnType<RunningServer['spent']> {
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

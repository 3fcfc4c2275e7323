import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { endWithUs } from './children.ts'

const bin = join(import.meta.dirname, '../../bin/countersign.js')

/** A `countersign serve` of its own, over a database that others use too. */
export type ServerProcess = {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** All that it has written so far. */
  readonly output: () => string
  /** The log lines among that. */
  readonly log: () => readonly Record<string, unknown>[]
  /** Asks it to end (SIGTERM) and waits until it has; returns its exit code. */
  readonly stop: () => Promise<number | null>
}

export type ServerWishes = {
  readonly databaseUrl: string
  /** All processes of one server share an issuer; tokens say it, whichever made them. */
  readonly issuer: string
  readonly keyEncryptionKey: string
  /** Another version of the program. */
  readonly bin?: string
  /** Any that is free, unless it is told. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a process and waits until it is ready. Whoever starts one stops it. */
export async function startServerProcess(wishes: ServerWishes): Promise<ServerProcess> {
  const server = await spawnServer(wishes)
  while (!(await isReady(server.url))) {
    if (server.process.exitCode !== null) throw new Error(`the server ended: ${server.output()}`)
    await pause(50)
  }
  return server
}

/** Starts a process, which may never become ready. */
export async function spawnServer(wishes: ServerWishes): Promise<ServerProcess> {
  const port = wishes.port ?? (await freePort())
  const child = spawn(process.execPath, [wishes.bin ?? bin, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: wishes.databaseUrl,
      ISSUER: wishes.issuer,
      KEY_ENCRYPTION_KEY: wishes.keyEncryptionKey,
      PORT: String(port),
      DRAIN_DELAY: '0s',
      ...wishes.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithUs(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    process: child,
    output: () => output,
    log: () => linesOf(output),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await once(child, 'exit')
      return child.exitCode
    },
  }
}

/** Waits until a process has written a line that fits; it writes them a little after it answers. */
export async function lineOf(
  { log, output }: Pick<ServerProcess, 'log' | 'output'>,
  fits: (line: Readonly<Record<string, unknown>>) => boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const giveUpAt = performance.now() + 10_000
  for (;;) {
    const line = log().find(fits)
    if (line !== undefined) return line
    if (performance.now() > giveUpAt) throw new Error(`it did not write that: ${output()}`)
    await pause(5)
  }
}

/** Whether requests may be sent there. */
export async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok
  } catch {
    return false
  }
}

function linesOf(output: string): readonly Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

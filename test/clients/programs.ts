import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { endWithUs } from '../support/children.ts'

/** The system's own Python, with what its packages brought, whatever others are on the machine. */
export const python = ['/usr/bin/python3', '-I'] as const

export const curl = '/usr/bin/curl'

/** No proxy between a program and the house, and plain http allowed where it has to be. */
const environment = { NO_PROXY: '127.0.0.1', OAUTHLIB_INSECURE_TRANSPORT: '1' }

/** Whether the system's own Python has these modules. */
export function pythonHas(...modules: readonly string[]): boolean {
  const [command, ...first] = python
  if (!existsSync(command)) return false
  return spawnSync(command, [...first, '-c', `import ${modules.join(', ')}`]).status === 0
}

type RunOptions = {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** Runs a program to its end. */
export async function run(
  [command, ...args]: readonly [string, ...string[]],
  { input = '', env = {}, cwd }: RunOptions = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(command, args, { cwd, env: { ...environment, ...env } })
  const ended = once(child, 'close')
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await ended
  return { code: child.exitCode, stdout, stderr }
}

/**
 * A script in `python/` that answers each line of JSON with a line of JSON. It starts with the first
 * question, serves every file of tests and ends with them; one question at a time.
 */
export function pythonScript(name: string): (question: object) => Promise<unknown> {
  let running: ReturnType<typeof start> | undefined
  return async (question) => (running ??= start(name)).ask(question)
}

function start(name: string) {
  const [command, ...first] = python
  const script = join(import.meta.dirname, 'python', name)
  const child = spawn(command, [...first, script], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  endWithUs(child)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    ask: async (question: object): Promise<unknown> => {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { done, value } = await lines.next()
      if (done === true) throw new Error(`${name} ended without an answer`)
      return JSON.parse(value)
    },
  }
}

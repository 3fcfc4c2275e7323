import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { After } from './stage.ts'

const commandMilliseconds = 120_000

/** Runs a command in a folder, and fails with what it said. It and all it started end with the bench. */
export async function runCommand(
  [command = '', ...args]: readonly string[],
  folder: string,
  after: After,
): Promise<void> {
  // A process group of its own can be ended whole.
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  ended.catch(() => undefined)
  const end = () => {
    const { pid, exitCode, signalCode } = child
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
  }
  after(async () => {
    end()
    await ended.catch(() => undefined)
  })
  const timer = setTimeout(end, commandMilliseconds)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  }
  await ended
  clearTimeout(timer)
  if (child.exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')} failed\n${said.slice(0, 500)}`)
}

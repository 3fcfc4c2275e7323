import { createInterface } from 'node:readline'
import { accept, refuse } from '../domain/result.ts'
import type { Desk } from './command.ts'
import type { Io } from './io.ts'
import { safeText } from './print.ts'

/**
 * Asks the person at the terminal before something that cannot be undone, or stops much. Where there is none, in a
 * script, only `--yes` answers.
 */
export function confirmation(io: Io, yes: boolean): Desk['confirm'] {
  return async (consequence) => {
    if (yes) return accept(undefined)
    if (io.stdin.isTTY !== true) return refuse({ reason: 'confirmation_needed', consequence })
    io.stderr.write(`${safeText(consequence)}\nGo on? [y/N] `)
    const answer = await nextLine(io)
    return /^y(?:es)?$/i.test(answer.trim())
      ? accept(undefined)
      : refuse({ reason: 'not_confirmed' })
  }
}

/** The next line; empty if there is none, or if the process is asked to end. */
async function nextLine({ stdin, ended }: Io): Promise<string> {
  const lines = createInterface({ input: stdin })
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => resolve(''))
    ended.addEventListener('abort', () => lines.close(), { once: true })
  })
}

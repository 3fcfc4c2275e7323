/**
 * Listens to what happened, and tells the operator. Nothing here decides anything, and nothing that
 * goes wrong here reaches a caller.
 */
import type { LevelWithSilent, Logger } from 'pino'
import pino from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** Where the lines go: a file descriptor, or a function that is given each line. */
export type LogOutput = 1 | 2 | ((line: string) => void)

// What a reader that has stopped reading may cost; lines beyond it are dropped.
const unwrittenCharactersMax = 4 * 1024 * 1024

/** One line of JSON for each thing told. Lines still unwritten are written when the process exits. */
export function openLog(level: LevelWithSilent, output: LogOutput): Log {
  const write = typeof output === 'number' ? descriptor(output) : output
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(withoutSecrets(line)) },
  )
}

function descriptor(fd: 1 | 2): (line: string) => void {
  const stream = pino.destination({ dest: fd, sync: false, maxLength: unwrittenCharactersMax })
  // A full disk costs log lines, not the server.
  stream.on('error', () => {})
  return (line) => {
    stream.write(line)
  }
}

/** What is never shown, and what is shown instead: secrets, tokens, what follows a scheme of HTTP. */
const masks: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/csk(?:_|%5f)[A-Za-z0-9_%]+/gi, 'csk_(not shown)'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'eyJ(not shown)'],
  [/\b(basic|bearer|dpop)( |%20|\+)+[\w+/=.~%-]{8,}/gi, '$1 (not shown)'],
]
const mayHoldSecret = /csk|eyJ|basic|bearer|dpop/i

/**
 * No event has a field for a secret. But a caller can put one where it does not belong, such as
 * `scope` or the User-Agent, and what it put there may be logged.
 */
function withoutSecrets(line: string): string {
  if (!mayHoldSecret.test(line)) return line
  return masks.reduce((text, [pattern, shown]) => text.replaceAll(pattern, shown), line)
}

import { PassThrough } from 'node:stream'
import { afterAll, beforeAll } from 'vitest'
import type { CommandHouse } from '../../src/cli/command-house.ts'
import { sealing } from '../../src/cli/command-house.ts'
import { run } from '../../src/cli/commands.ts'
import type { ExitCode, Io } from '../../src/cli/io.ts'
import { random } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { KeyEncryptionKeys } from '../../src/crypto/key-vault.ts'
import { accept } from '../../src/domain/result.ts'
import type { Database } from '../../src/storage/database.ts'
import type { TestClock } from '../support/clock.ts'
import { testClock } from '../support/clock.ts'
import { openTestDatabase } from '../support/database.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'

export type Said = {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export type Terminal = {
  readonly db: Database
  readonly house: CommandHouse
  readonly clock: TestClock
  /** Gives the commands other key-encryption keys, the one to seal with first. */
  readonly hold: (...keys: KeyEncryptionKeys) => void
  /** Runs a command line without a person: standard input is no terminal. */
  readonly run: (line: string) => Promise<Said>
  /** The same with a person who answers every question in this way. */
  readonly answering: (answer: string, line: string) => Promise<Said>
  /** Runs with `--json`, must be done, and gives the document. */
  readonly json: (line: string) => Promise<Answered>
}

/** A document that a test knows its way around in. */
// oxlint-disable-next-line typescript/no-explicit-any -- what JSON.parse gives
export type Answered = any

/** One database for a file of tests, and the whole program in front of it. */
export function useTerminal(): () => Terminal {
  let terminal: Terminal
  beforeAll(async () => {
    terminal = await openTerminal(await openTestDatabase(), testClock(), 'https://id.example.com')
  })
  afterAll(async () => terminal.db.close())
  return () => terminal
}

/** The program in front of a database, or, with the environment for that, of a server. */
export async function openTerminal(
  db: Database,
  clock: TestClock,
  issuer: string,
  env: Io['env'] = besideDatabase,
): Promise<Terminal> {
  let held: KeyEncryptionKeys = [testKeyEncryptionKey]
  const house: CommandHouse = {
    db,
    random: random(clock),
    secrets: await openSecrets(),
    issuer,
    now: clock.now,
    keyRules: () => accept(testKeyRules()),
    ...sealing(async () => accept(held)),
    close: async () => {},
  }
  const world = { open: async () => accept(house), clock }
  const say = async (line: string, answer?: string) => {
    const { io, said } = heard(env, answer)
    return said(await run(wordsOf(line), io, world))
  }
  return {
    db,
    house,
    clock,
    hold: (...keys) => void (held = keys),
    run: async (line) => say(line),
    answering: async (answer, line) => say(line, answer),
    json: async (line) => {
      const { code, stdout, stderr } = await say(`${line} --json`)
      if (code !== 0 || stderr !== '') throw new Error(`exit ${code}: ${stderr}`)
      return JSON.parse(stdout)
    },
  }
}

/** An environment by which commands work beside a database; which one, says the world. */
export const besideDatabase = { DATABASE_URL: 'postgresql://countersign@nowhere/countersign' }

/** The words of a line as a shell reads them: apart at spaces, together within single quotes. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? []
  return words.map((word) => word.replaceAll("'", ''))
}

/** Streams that are remembered. With an answer, standard input is a terminal. */
export function heard(env: Io['env'], answer?: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined })
  stdin.end(answer === undefined ? '' : `${answer}\n`)
  const texts = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => void (texts[name] += text),
  })
  const io: Io = {
    stdin,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env,
    ended: new AbortController().signal,
  }
  return { io, said: (code: ExitCode): Said => ({ code, ...texts }) }
}

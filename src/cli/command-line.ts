import { unreachable } from '../domain/brand.ts'
import { Unavailable } from '../domain/fault.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { readProgram } from '../program.ts'
import type { Bound, Command, Outcome, Output } from './command.ts'
import { confirmation } from './confirm.ts'
import { databaseRefusal } from './database-fault.ts'
import type { World } from './desks.ts'
import { withApi, withHouse } from './desks.ts'
import { unknownWord } from './given.ts'
import type { NounCommands } from './help.ts'
import { commandHelp, mainHelp, nounHelp, programHelp } from './help.ts'
import type { ExitCode, Io } from './io.ts'
import { operatorAct } from './operator.ts'
import { safeJson, safeText } from './print.ts'
import { serverNamed } from './place.ts'
import type { Program } from './program.ts'
import type { CommandRefusal } from './refusal-text.ts'
import { refusalText } from './refusal-text.ts'
import { textReader } from './text-file.ts'

/** Everything that can be said. */
export type Commands = {
  readonly programs: readonly Program[]
  readonly nouns: readonly NounCommands[]
}

export async function runCommandLine(
  commands: Commands,
  argv: readonly string[],
  terminal: Io,
  world: World,
): Promise<ExitCode> {
  const io = { ...terminal, isJson: argv.includes('--json') }
  const { programs, nouns } = commands
  const [word, ...args] = argv
  if (word === undefined) return told(io.stderr, mainHelp(programs, nouns), 2)
  if (word === 'help') return runCommandLine(commands, [...args, '--help'], io, world)
  if (isHelp(word)) return told(io.stdout, mainHelp(programs, nouns), 0)
  if (word === '--version') return told(io.stdout, `${(await readProgram()).version}\n`, 0)

  const program = programs.find(({ name }) => name === word)
  if (program) return runProgram(program, args, io, world)
  const noun = nouns.find((one) => one.noun === word)
  if (noun) return runNoun(noun, args, io, world)
  const known = [...programs.map(({ name }) => name), ...nouns.map((one) => one.noun), 'help']
  return failed(io, args, misunderstood(unknownWord('command', word, known)), '')
}

async function runProgram(
  program: Program,
  args: readonly string[],
  io: Io,
  world: World,
): Promise<ExitCode> {
  if (args.some(isHelp)) return told(io.stdout, programHelp(program), 0)
  const bound = program.bind(args, world.clock.now())
  if (!bound.ok) return failed(io, args, bound.refusal, program.name)
  try {
    const outcome = await bound.value(io, world)
    return outcome.ok ? 0 : failed(io, args, outcome.refusal, program.name)
  } catch (error) {
    return failed(io, args, whyAway(error), program.name)
  }
}

async function runNoun(
  noun: NounCommands,
  [word, ...args]: readonly string[],
  io: Io,
  world: World,
): Promise<ExitCode> {
  if (word === undefined) return told(io.stderr, nounHelp(noun), 2)
  if (isHelp(word)) return told(io.stdout, nounHelp(noun), 0)
  const command = noun.commands.find(({ verb }) => verb === word)
  if (command === undefined) return failed(io, args, noSuchVerb(noun, word), noun.noun)
  if (args.some(isHelp)) return told(io.stdout, commandHelp(noun.noun, command), 0)
  const outcome = await attempted(command, args, io, world)
  if (!outcome.ok) return failed(io, args, outcome.refusal, `${noun.noun} ${word}`)
  const { json, document, text, exitCode = 0 } = outcome.value
  const isJson = json && document !== undefined
  return told(io.stdout, isJson ? safeJson(document) : safeText(text), exitCode)
}

function noSuchVerb({ noun, commands, elsewhere }: NounCommands, word: string): CommandRefusal {
  if (elsewhere?.verbs.includes(word) === true) {
    return { reason: 'done_elsewhere', how: elsewhere.how }
  }
  const known = commands.map(({ verb }) => verb)
  return misunderstood(unknownWord(`verb for ${noun}`, word, known))
}

type Answer = Output & Pick<Bound, 'json'>

/** Understands the words first, so that a mistake in them is told without a database. */
async function attempted(
  command: Command,
  args: readonly string[],
  io: Io,
  world: World,
): Promise<Result<Answer, CommandRefusal>> {
  const bound = command.bind(args, world.clock.now())
  if (!bound.ok) return bound
  try {
    const outcome = await worked(bound.value, io, world)
    return outcome.ok ? accept({ json: bound.value.json, ...outcome.value }) : outcome
  } catch (error) {
    return refuse(whyAway(error))
  }
}

async function worked({ work, yes }: Bound, io: Io, world: World): Outcome {
  const manners = {
    confirm: confirmation(io, yes),
    print: (text: string) => void io.stdout.write(text),
    readText: textReader(io),
  }
  switch (work.needs) {
    case 'nothing':
      return work.run()
    case 'database': {
      const wished = work.wished ?? serverNamed(io.env)
      if (wished !== undefined) return refuse({ reason: 'database_needed', wished })
      return withHouse(io, world, async (house) =>
        work.run({ house, act: operatorAct(house), ...manners }),
      )
    }
    case 'api':
      return withApi(work.at, io, world, async (api, now) => work.run({ api, now, ...manners }))
    default:
      return unreachable(work)
  }
}

/** The terminal is an edge like HTTP: a database that is away is told here, other faults go on. */
function whyAway(error: unknown): CommandRefusal {
  if (error instanceof Unavailable) return databaseRefusal(error)
  throw error
}

const exitCodes: Partial<Record<CommandRefusal['reason'], ExitCode>> = {
  usage_wrong: 2,
  organization_needed: 2,
  several_named: 2,
  settings_wrong: 2,
  database_away: 3,
  issuer_unreachable: 3,
  server_away: 3,
  answer_cut: 3,
  answer_lost: 4,
  secret_lost: 4,
  login_needed: 2,
  home_unknown: 2,
  profile_unknown: 2,
  place_needed: 2,
  place_ambiguous: 2,
  database_needed: 2,
}

/** A server that cannot answer just now may be asked again, whatever it says about that. */
function exitCodeOf(refusal: CommandRefusal): ExitCode {
  if (refusal.reason === 'call_refused' && refusal.status >= 500) return 3
  return exitCodes[refusal.reason] ?? 1
}

/** Says what went wrong; to a script as JSON, if it asked for that. */
function failed(
  { stderr }: Io,
  args: readonly string[],
  refusal: CommandRefusal,
  where: string,
): ExitCode {
  const message = refusalText(refusal)
  const exitCode = exitCodeOf(refusal)
  if (args.includes('--json')) {
    return told(stderr, safeJson({ error: errorDocument(refusal, message) }), exitCode)
  }
  const lines = message.split('\n').map((line) => `countersign: ${line}\n`)
  const more = refusal.reason === 'usage_wrong' ? `Try ${helpFor(where)}\n` : ''
  return told(stderr, safeText(lines.join('') + more), exitCode)
}

/** What the API said comes with its own reason, and with the id by which an operator finds it. */
function errorDocument(refusal: CommandRefusal, message: string) {
  if (refusal.reason !== 'call_refused') return { reason: refusal.reason, message }
  const { code: reason, status, traceId } = refusal
  return { reason, message, status, trace_id: traceId }
}

function misunderstood(...problems: readonly string[]): CommandRefusal {
  return { reason: 'usage_wrong', problems }
}

function helpFor(where: string): string {
  return ['countersign', ...where.split(' '), '--help'].filter((word) => word !== '').join(' ')
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

function told(stream: Io['stderr'], text: string, exitCode: ExitCode): ExitCode {
  stream.write(text)
  return exitCode
}

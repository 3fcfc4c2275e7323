import type { Command } from './command.ts'
import type { Inputs } from './inputs.ts'
import { optionName } from './inputs.ts'
import type { Program } from './program.ts'

/** What can be done with one noun. */
export type NounCommands = {
  readonly noun: string
  /** What it is, to follow its name. */
  readonly meaning: string
  readonly commands: readonly Command[]
  /** What people look for here and do in another way. */
  readonly elsewhere?: { readonly verbs: readonly string[]; readonly how: string }
}

const columns = 80

export function mainHelp(programs: readonly Program[], nouns: readonly NounCommands[]): string {
  return [
    'Countersign: identity for machines. An OAuth 2.0 token server.\n',
    pairs([
      ['countersign <command>', ''],
      ['countersign <noun> <verb> …', ''],
      ['countersign --version', ''],
    ]),
    'To run it',
    pairs(programs.filter(({ afar }) => afar === undefined).map(programPair)),
    'To speak to a server from afar',
    pairs(programs.filter(({ afar }) => afar).map(programPair)),
    'To manage what it knows, from afar or beside its database',
    pairs(nouns.map(({ noun, meaning }) => [noun, meaning])),
    paragraph(
      'These work at a server, as the client of --profile or COUNTERSIGN_ISSUER; or as its operator on the database that DATABASE_URL names, or that dev keeps in ./.countersign. keys, audit verify and audit checkpoint need the database. Things are named by their name or their id. --json answers with one JSON document.',
    ),
    paragraph('Every command explains itself: countersign account create --help.'),
    'Exit codes',
    pairs([
      ['0', 'done'],
      ['1', 'refused, and nothing was changed'],
      ['2', 'not understood: the command line or a setting'],
      ['3', 'the database or the server did not answer; try again'],
      ['4', 'the answer was lost or could not be written; what was asked may be done'],
    ]).trimEnd(),
    '',
  ].join('\n')
}

function programPair({ name, summary }: Program): Pair {
  return [name, summary]
}

export function nounHelp({ noun, meaning, commands }: NounCommands): string {
  return [
    `countersign ${noun}: ${meaning}\n`,
    pairs(commands.map((command) => [usage(command), command.summary])),
    `More of each: countersign ${noun} <verb> --help\n`,
  ].join('\n')
}

export function commandHelp(noun: string, command: Command): string {
  const { summary, notes, examples } = command
  return [
    `countersign ${noun} ${usage(command)} [options]\n`,
    `${summary}.\n`,
    ...section('Arguments', argumentPairs(command.arguments)),
    ...section('Options', optionPairs(command.options)),
    ...explanations(command),
    ...notes.map(paragraph),
    ...(examples.length === 0 ? [] : ['Examples', exampleLines(examples)]),
  ].join('\n')
}

export function programHelp(program: Program): string {
  const { name, summary, notes, examples = [], options, settings = [] } = program
  const words = Object.values(program.arguments).map(({ placeholder = '' }) => ` ${placeholder}`)
  const hasOptions = Object.keys(options).length > 0
  return [
    `countersign ${name}${words.join('')}${hasOptions ? ' [options]' : ''}\n`,
    `${summary}.\n`,
    ...section('Arguments', argumentPairs(program.arguments)),
    ...section('Options', optionPairs(options)),
    ...notes.map(paragraph),
    ...(examples.length === 0 ? [] : ['Examples', exampleLines(examples)]),
    ...section('Settings and their defaults; README.md says what they mean', settings),
  ].join('\n')
}

function usage(command: Command): string {
  const words = Object.values(command.arguments).map(({ placeholder = '', needed }) =>
    needed ? placeholder : `[${placeholder}]`,
  )
  const needed = Object.entries(command.options).filter(([, input]) => input.needed)
  const options = needed.map(([key, { placeholder = '' }]) => `--${optionName(key)} ${placeholder}`)
  return [command.verb, ...words, ...options].join(' ')
}

/** What the placeholders of a command stand for, each once. */
function explanations(command: Command): readonly string[] {
  const inputs = [...Object.values(command.arguments), ...Object.values(command.options)]
  const known = new Map<string, string>()
  for (const { placeholder = '', explanation } of inputs) {
    if (explanation !== undefined) known.set(placeholder, explanation)
  }
  return [...known].map(([placeholder, meaning]) => paragraph(`${placeholder} is ${meaning}.`))
}

function argumentPairs(inputs: Inputs): readonly Pair[] {
  return Object.values(inputs).map(({ placeholder = '', about }) => [placeholder, about])
}

function optionPairs(options: Inputs): readonly Pair[] {
  return Object.entries(options).map(([key, { placeholder, about, repeats }]) => [
    placeholder === undefined ? `--${optionName(key)}` : `--${optionName(key)} ${placeholder}`,
    repeats ? `${about}; repeatable` : about,
  ])
}

type Pair = readonly [string, string]

function section(title: string, all: readonly Pair[]): readonly string[] {
  return all.length === 0 ? [] : [title, pairs(all)]
}

/** Two columns; a right one that does not fit goes on below itself. */
function pairs(all: readonly Pair[]): string {
  const width = Math.max(...all.map(([left]) => left.length))
  return all
    .map(([left, right]) => {
      const lines = wrapped(right, columns - width - 4)
      const indent = ' '.repeat(width + 4)
      return `  ${left.padEnd(width)}  ${lines.join(`\n${indent}`)}`.trimEnd() + '\n'
    })
    .join('')
}

function paragraph(text: string): string {
  return `${wrapped(text, columns).join('\n')}\n`
}

/** An example that is too long goes on in the next line, as a shell reads it. */
function exampleLines(examples: readonly string[]): string {
  return examples
    .map((example) => {
      const parts = `countersign ${example}`.split(/ (?=--|\|)/)
      return `  ${packed(parts, columns - 6).join(' \\\n    ')}\n`
    })
    .join('')
}

function wrapped(text: string, width: number): readonly string[] {
  return packed(text.split(' '), width)
}

/** Puts as many parts into each line as it holds. */
function packed(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + part.length > width) lines.push(part)
    else lines[lines.length - 1] = `${last} ${part}`
  }
  return lines
}

import type { Commands } from '../command-line.ts'
import type { Inputs } from '../inputs.ts'
import { optionName } from '../inputs.ts'

/** What can come next once some words were said. */
export type Level = {
  /** The words before, without the name of the program. */
  readonly said: readonly string[]
  readonly next: readonly Word[]
  /** Whether these are its options, which come in any order, and words of the caller between them. */
  readonly isCommand: boolean
}

export type Word = {
  readonly word: string
  readonly about: string
  /** Of an option: whether a value follows, and which ones there are, if those are few. */
  readonly takesValue: boolean
  readonly values: readonly string[]
}

/** All levels of the command line, from the tables that it is read by. */
export function levelsOf({ programs, nouns }: Commands): readonly Level[] {
  const first = [
    ...programs.map(({ name, summary }) => plain(name, summary)),
    ...nouns.map(({ noun, meaning }) => plain(noun, meaning)),
  ]
  const help = { said: ['help'], next: first, isCommand: false }
  return [
    { said: [], next: [...first, plain('help', 'Explain a command')], isCommand: false },
    help,
    ...programs.map(({ name, arguments: args, options }) => ({
      said: [name],
      next: [...choicesOf(args), ...optionsOf(options)],
      isCommand: true,
    })),
    ...nouns.map(({ noun, commands }) => ({
      said: [noun],
      next: commands.map(({ verb, summary }) => plain(verb, summary)),
      isCommand: false,
    })),
    ...nouns.flatMap(({ noun, commands }) =>
      commands.map(({ verb, arguments: args, options }) => ({
        said: [noun, verb],
        next: [...choicesOf(args), ...optionsOf(options)],
        isCommand: true,
      })),
    ),
  ]
}

function plain(word: string, about: string): Word {
  return { word, about, takesValue: false, values: [] }
}

function choicesOf(args: Inputs): readonly Word[] {
  return Object.values(args).flatMap(({ choices, about }) =>
    choices.map((word) => plain(word, about)),
  )
}

function optionsOf(options: Inputs): readonly Word[] {
  const own = Object.entries(options).map(([key, { placeholder, about, choices }]) => ({
    word: `--${optionName(key)}`,
    about,
    takesValue: placeholder !== undefined,
    values: choices,
  }))
  return [...own, plain('--help', 'Explain this command')]
}

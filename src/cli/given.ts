import { parseArgs } from 'node:util'
import { parseKid } from '../domain/key-ring.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Inputs } from './inputs.ts'
import { optionName } from './inputs.ts'
import { nearest } from './nearest.ts'

/** The texts that were given for each input, and what to call it in a complaint. */
export type Given = {
  readonly argument: (key: string) => GivenTexts
  readonly option: (key: string) => GivenTexts
}

type GivenTexts = { readonly label: string; readonly texts: readonly string[] }

type Token = NonNullable<ReturnType<typeof tokensOf>>[number]
type ParsedToken = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]
type OptionToken = Extract<Token, { kind: 'option' }>

/** Sorts the words of a command line, or says everything about them that cannot be understood. */
export function readGiven(
  args: readonly string[],
  taken: Inputs,
  options: Inputs,
): Result<Given, readonly string[]> {
  const tokens = tokensOf(args, options)
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const chosen = tokens.filter((token) => token.kind === 'option')
  const names = Object.keys(taken)
  const problems = [
    ...chosen.flatMap((token) => complaint(token, options)),
    ...words.slice(names.length).map((word) => `${JSON.stringify(word)} is one word too many`),
  ]
  if (problems.length > 0) return refuse(problems)
  return accept({
    argument: (key) => ({
      label: taken[key]?.placeholder ?? key,
      texts: words.slice(names.indexOf(key)).slice(0, 1),
    }),
    option: (key) => {
      const name = optionName(key)
      const texts = chosen.flatMap((token) => (token.name === name ? [token.value ?? ''] : []))
      return { label: `--${name}`, texts }
    },
  })
}

function tokensOf(args: readonly string[], options: Inputs) {
  const types = Object.entries(options).map(([key, { placeholder }]) => [
    optionName(key),
    { type: placeholder === undefined ? 'boolean' : 'string' } as const,
  ])
  const { tokens } = parseArgs({
    args: args.map((word) => (parseKid(word) === undefined ? word : unread)),
    options: Object.fromEntries(types),
    // What is wrong is said below, in our words and all at once.
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  return tokens.map((token) => asWritten(token, args))
}

/**
 * Stands for a key id while the words are sorted: one in thirty-two begins with a hyphen, and would
 * be taken for options. No option is as long.
 */
const unread = 'kid'

function asWritten<Sorted extends ParsedToken>(token: Sorted, args: readonly string[]): Sorted {
  if (token.kind === 'positional') return { ...token, value: args[token.index] }
  const isNextWord = token.kind === 'option' && token.value !== undefined && !token.inlineValue
  return isNextWord ? { ...token, value: args[token.index + 1] } : token
}

function complaint(token: OptionToken, options: Inputs): readonly string[] {
  const { rawName, name, value } = token
  const known = Object.keys(options).map(optionName)
  const key = Object.keys(options).find((one) => optionName(one) === name)
  if (key === undefined)
    return [
      unknownWord(
        'option',
        rawName,
        known.map((one) => `--${one}`),
      ),
    ]
  const takesValue = options[key]?.placeholder !== undefined
  if (!takesValue) return value === undefined ? [] : [`${rawName} takes no value`]
  const isMissing = value === undefined || (!token.inlineValue && value.startsWith('--'))
  return isMissing ? [`${rawName} needs a value: ${options[key]?.placeholder ?? ''}`] : []
}

/** Says that a word is not known, and which one was probably meant. */
export function unknownWord(what: string, word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `there is no ${what} ${JSON.stringify(word)}${hint}`
}

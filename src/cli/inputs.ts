import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'

/** How one text of the command line becomes a value. */
export type Field<Value> = {
  /** What stands for it in help, such as `<when>`. */
  readonly placeholder: string
  /** What is asked for, to follow "must be". */
  readonly accepts: string
  /** Whether help says so; a name explains itself. */
  readonly explained?: true
  /** All that it can be, where those are few. */
  readonly choices?: readonly string[]
  readonly parse: (text: string, now: NumericDate) => Value | undefined
}

/** An argument or an option of a command: how often it may be given, and what it means. */
export type Input<Value> = {
  /** None for a switch, which takes no value. */
  readonly placeholder: string | undefined
  /** What its placeholder stands for, where help has to say so. */
  readonly explanation: string | undefined
  /** All that it can be, where those are few. */
  readonly choices: readonly string[]
  readonly about: string
  readonly needed: boolean
  readonly repeats: boolean
  /** Reads the texts that were given, or says what they must be. */
  readonly read: (texts: readonly string[], now: NumericDate) => Result<Value, string>
}

export type Inputs = Readonly<Record<string, Input<unknown>>>

export type Values<Of extends Inputs> = {
  readonly [Name in keyof Of]: Of[Name] extends Input<infer Value> ? Value : never
}

export function required<Value>(field: Field<Value>, about: string): Input<Value> {
  return {
    ...described(field),
    about,
    needed: true,
    repeats: false,
    read: ([text], now) => (text === undefined ? refuse('given') : one(field, text, now)),
  }
}

export function optional<Value>(field: Field<Value>, about: string): Input<Value | undefined> {
  return {
    ...described(field),
    about,
    needed: false,
    repeats: false,
    read: ([text], now) => (text === undefined ? accept(undefined) : one(field, text, now)),
  }
}

/** Without one, as if this text had been given. */
export function defaulted<Value>(field: Field<Value>, text: string, about: string): Input<Value> {
  return {
    ...described(field),
    about,
    needed: false,
    repeats: false,
    read: ([given = text], now) => one(field, given, now),
  }
}

export function repeated<Value>(field: Field<Value>, about: string): Input<readonly Value[]> {
  return {
    ...described(field),
    about,
    needed: false,
    repeats: true,
    read: (texts, now) => {
      const values: Value[] = []
      for (const text of texts) {
        const value = one(field, text, now)
        if (!value.ok) return value
        values.push(value.value)
      }
      return accept(values)
    },
  }
}

export function flag(about: string): Input<boolean> {
  return {
    placeholder: undefined,
    explanation: undefined,
    choices: [],
    about,
    needed: false,
    repeats: false,
    read: (texts) => accept(texts.length > 0),
  }
}

/** `tokenLifetime` is `--token-lifetime` on the command line. */
export function optionName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Reads every input, and says everything that is wrong with them at once. */
export function readInputs<Of extends Inputs>(
  inputs: Of,
  given: (key: string) => { readonly label: string; readonly texts: readonly string[] },
  now: NumericDate,
): Result<Values<Of>, readonly string[]> {
  const complaints: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, input] of Object.entries(inputs)) {
    const { label, texts } = given(key)
    const value = input.read(texts, now)
    if (value.ok) values[key] = value.value
    else complaints.push(`${label} must be ${value.refusal}`)
    if (texts.length > 1 && !input.repeats) complaints.push(`${label} must be given once`)
  }
  if (complaints.length > 0) return refuse(complaints)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each key was read by its own input
  return accept(values as Values<Of>)
}

function described({ placeholder, accepts, explained, choices = [] }: Field<unknown>) {
  return { placeholder, explanation: explained ? accepts : undefined, choices }
}

function one<Value>(field: Field<Value>, text: string, now: NumericDate): Result<Value, string> {
  const value = field.parse(text, now)
  if (value !== undefined) return accept(value)
  // Whoever puts a secret in a wrong place has it in enough places already.
  const given = text.includes('csk_') ? 'a secret (not shown)' : JSON.stringify(text)
  return refuse(`${field.accepts}, not ${given}`)
}

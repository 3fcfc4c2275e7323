import type { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

/** One thing wrong with the settings. `given` is what was given, but never a secret. */
export type ConfigProblem = {
  readonly name: string
  readonly given: string | undefined
  readonly complaint: string
}

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: readonly ConfigProblem[] }

const secrets: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'KEY_ENCRYPTION_KEY',
  'KEY_ENCRYPTION_KEY_PREVIOUS',
  'COUNTERSIGN_CLIENT_SECRET',
])
export const notShown = '(not shown)'

export function read<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
): Reading<z.output<Schema>> {
  const given = Object.entries(env).filter(([, value]) => isSet(value))
  const { success, data, error } = schema.safeParse(Object.fromEntries(given))
  if (success) return accepted(data)

  const refusal = error.issues.map(({ path, message }) => {
    const [name, value] = given.find((entry) => entry[0] === path[0]) ?? [String(path[0])]
    const shown = value !== undefined && secrets.has(name) ? notShown : value
    return { name, given: shown, complaint: message }
  })
  return { ok: false, refusal }
}

export function isSet(value = ''): boolean {
  return value.trim() !== ''
}

export function accepted<Value>(value: Value): Reading<Value> {
  return { ok: true, value }
}

export function bothRefused(...readings: readonly Reading<unknown>[]): Reading<never> {
  return { ok: false, refusal: readings.flatMap((one) => (one.ok ? [] : one.refusal)) }
}

export function refused(problem: ConfigProblem): Reading<never> {
  return { ok: false, refusal: [problem] }
}

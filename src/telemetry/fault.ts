import { Unavailable } from '../domain/fault.ts'

const causesMax = 4
const stackCharactersMax = 4000

/**
 * What is told of a fault: fields chosen by name. Errors of the database driver also carry the
 * statement's values (`detail`, `where`, parameters), and errors about URLs the URL (`input`).
 */
export function faultFields(error: unknown): Readonly<Record<string, unknown>> {
  return { error: described(error, causesMax) }
}

function described(error: unknown, causesLeft: number): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error, reason: member(error, 'reason') }
  const { cause } = error
  return {
    type: error.name,
    message: withoutPasswords(error.message),
    code: member(error, 'code'),
    // An outage is many faults, and where in the code one was noticed says nothing of its cause.
    stack:
      error instanceof Unavailable
        ? undefined
        : withoutPasswords(error.stack ?? '').slice(0, stackCharactersMax),
    cause: cause === undefined || causesLeft === 0 ? undefined : described(cause, causesLeft - 1),
  }
}

/** A member that is a word, such as PostgreSQL's `23505` or Node's `ECONNREFUSED`. */
function member(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : undefined
}

/** `postgresql://user:password@host` without the password. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(:\/\/[^\s:/@]*):[^\s@]*@/g, '$1:(not shown)@')
}

import { userInfo } from 'node:os'
import type { Actor } from '../domain/audit.ts'

/** Whoever holds the command line beside the database is an operator, by the name of their login. */
export function operatorActor(): Actor {
  const name = loginName()
  return { type: 'operator', id: `operator:${name}`, name }
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user can be a number without a name.
    return String(process.getuid?.() ?? 'unknown')
  }
}

import { userInfo } from 'node:os'
import type { Actor } from '../domain/audit.ts'
import type { Act } from '../storage/tx.ts'
import type { CommandHouse } from './command-house.ts'

/** What an operator does now, as the database has the time. */
export function operatorAct({ now, random }: Pick<CommandHouse, 'now' | 'random'>): Act {
  return { actor: operatorActor(), at: now(), traceId: random.traceId() }
}

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

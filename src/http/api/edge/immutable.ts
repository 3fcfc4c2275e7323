import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { EdgeRefusal } from './edge-refusal.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * Tools send one body to make a thing and to replace it. What never changes may be in it, as it is;
 * saying it differently is refused, because it would be another thing.
 */
export function sameAsMade(made: Members, given: Members): Result<void, EdgeRefusal> {
  const members = Object.keys(given).filter((name) => given[name] !== made[name])
  return members.length === 0 ? accept(undefined) : refuse({ reason: 'member_immutable', members })
}

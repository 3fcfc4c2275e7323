/** Values of the domain to try rules with, and arbitraries of them. */
import fc from 'fast-check'
import type { ResourceName } from '../../src/domain/binding.ts'
import { parseResourceName } from '../../src/domain/binding.ts'
import type { Audience } from '../../src/domain/api.ts'
import { parseAudience } from '../../src/domain/api.ts'
import type { Id, Noun } from '../../src/domain/id.ts'
import { encodeId } from '../../src/domain/id.ts'
import type { Name } from '../../src/domain/name.ts'
import { parseName } from '../../src/domain/name.ts'
import type { Permission } from '../../src/domain/permission.ts'
import { parsePermission } from '../../src/domain/permission.ts'

/** What a parser must have accepted for the test to make sense. */
export function made<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a specimen was refused')
  return value
}

/** The id whose number is `index`. */
export function idOf<N extends Noun>(noun: N, index: number): Id<N> {
  const uuid = new Uint8Array(16)
  new DataView(uuid.buffer).setUint32(12, index)
  return encodeId(noun, uuid)
}

export const uuids = fc.uint8Array({ minLength: 16, maxLength: 16 })

export function name(text: string): Name {
  return made(parseName(text))
}

export function permission(text: string): Permission {
  return made(parsePermission(text))
}

export function resource(text: string): ResourceName {
  return made(parseResourceName(text))
}

export function audience(text: string): Audience {
  return made(parseAudience(text))
}

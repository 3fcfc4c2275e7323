import { expect, it } from 'vitest'
import { parseDescription, parseName } from '../../src/domain/name.ts'
import { ownerRole } from '../../src/domain/role.ts'

it('the built-in role of the owners has a name and a description that anything may have', () => {
  expect(parseName(ownerRole.name)).toBe('Owner')
  expect(parseDescription(ownerRole.description)).toBe(ownerRole.description)
})

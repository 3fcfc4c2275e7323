import { describe, expect, it } from 'vitest'
import {
  describedPermissionField,
  lifetimeField,
  lifetimeOrDefaultField,
  permissionReferenceField,
  roleReferenceField,
  whenField,
  whenOrNeverField,
} from '../../src/cli/fields.ts'
import { numericDate } from '../../src/domain/time.ts'

const now = numericDate(1_900_000_000)

describe('<when>', () => {
  it.each([
    ['30m', 1_900_001_800],
    ['12h', 1_900_043_200],
    ['90d', 1_907_776_000],
    ['2w', 1_901_209_600],
    ['2031-01-31', 1_927_584_000],
    ['2031-01-31T12:00:00Z', 1_927_627_200],
    ['2031-01-31T12:00:00+01:00', 1_927_623_600],
  ])('takes %s', (text, expected) => {
    expect(whenField.parse(text, now)).toBe(expected)
  })

  it.each(['', '12', 'h', '1.5h', '-1d', '1y', '100000d', 'tomorrow', '31.01.2031', '2031-02-30'])(
    'refuses %j',
    (text) => {
      expect(whenField.parse(text, now)).toBeUndefined()
    },
  )

  it('can be never, where an end can be taken away', () => {
    expect(whenOrNeverField.parse('never', now)).toBeNull()
    expect(whenOrNeverField.parse('1h', now)).toBe(1_900_003_600)
    expect(whenField.parse('never', now)).toBeUndefined()
  })
})

describe('<duration>', () => {
  it('is a token lifetime, from a minute to an hour', () => {
    expect(lifetimeField.parse('60s')).toBe(60)
    expect(lifetimeField.parse('15m')).toBe(900)
    expect(lifetimeField.parse('1h')).toBe(3600)
    for (const text of ['59s', '61m', '15', '1d', '']) {
      expect(lifetimeField.parse(text)).toBeUndefined()
    }
    expect(lifetimeOrDefaultField.parse('default', now)).toBeNull()
  })
})

describe('a permission', () => {
  it('may have a meaning', () => {
    expect(describedPermissionField.parse('a:read', now)).toEqual({
      permission: 'a:read',
      description: '',
    })
    expect(describedPermissionField.parse('a:read=x=y', now)).toEqual({
      permission: 'a:read',
      description: 'x=y',
    })
    expect(describedPermissionField.parse('a=x', now)).toBeUndefined()
    expect(describedPermissionField.parse('a:read=\u001B', now)).toBeUndefined()
  })

  it('may name its API', () => {
    expect(permissionReferenceField.parse('a:read', now)).toEqual({
      permission: 'a:read',
      api: undefined,
    })
    expect(permissionReferenceField.parse('a:read@b@c', now)).toEqual({
      permission: 'a:read',
      api: 'b@c',
    })
    expect(permissionReferenceField.parse('@b', now)).toBeUndefined()
  })
})

describe('a role', () => {
  it('may be held on one resource', () => {
    expect(roleReferenceField.parse('Operator', now)).toEqual({
      role: 'Operator',
      resource: undefined,
    })
    expect(roleReferenceField.parse('Op@work@cluster/a', now)).toEqual({
      role: 'Op@work',
      resource: 'cluster/a',
    })
    expect(roleReferenceField.parse('Op@work', now)).toEqual({
      role: 'Op@work',
      resource: undefined,
    })
    expect(roleReferenceField.parse('@cluster/a', now)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { parsePermission } from '../../src/domain/permission.ts'
import { parseScope } from '../../src/domain/scope.ts'

describe('a permission', () => {
  it.each([
    'orders:read',
    'o:r',
    '0:9',
    'Orders.v1/items-a_b:Read.all-x_y',
    `${'a'.repeat(63)}:${'b'.repeat(63)}`,
  ])('can be %j, which is one scope-token', (text) => {
    expect(parsePermission(text)).toBe(text)
    expect(parseScope(text)).toEqual([text])
  })

  it.each([
    '',
    ':',
    'orders',
    'orders:',
    ':read',
    'orders:read:all',
    'orders:read/all',
    '.orders:read',
    '/orders:read',
    '-orders:read',
    'orders:-read',
    'orders: read',
    ' orders:read',
    'orders:read ',
    'orders:read\n',
    'or"ders:read',
    'ördérs:read',
    '*:read',
    `${'a'.repeat(64)}:b`,
    `a:${'b'.repeat(64)}`,
  ])('cannot be %j', (text) => {
    expect(parsePermission(text)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { parseResourceName } from '../../src/domain/binding.ts'

describe('a resource name', () => {
  it.each([
    'cluster/prod-eu',
    'c/p',
    'cluster-2/Prod.eu_1:a/b-c',
    `${'c'.repeat(63)}/${'p'.repeat(191)}`,
  ])('can be %j', (text) => {
    expect(parseResourceName(text)).toBe(text)
  })

  it.each([
    '',
    'cluster',
    'cluster/',
    '/prod',
    'Cluster/prod',
    '1cluster/prod',
    'clu_ster/prod',
    'cluster/.prod',
    'cluster//prod',
    'cluster/prod eu',
    ' cluster/prod',
    'cluster/prod\n',
    'cluster/prod*',
    `${'c'.repeat(64)}/p`,
    `c/${'p'.repeat(192)}`,
  ])('cannot be %j', (text) => {
    expect(parseResourceName(text)).toBeUndefined()
  })
})

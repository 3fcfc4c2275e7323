import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/cli/nearest.ts'

const verbs = ['create', 'list', 'show', 'change', 'disable', 'enable', 'remove']

describe('the word that was probably meant', () => {
  it.each([
    ['lst', 'list'],
    ['lisst', 'list'],
    ['lost', 'list'],
    ['chnage', 'change'],
    ['enabled', 'enable'],
    ['rem', 'remove'],
    ['dis', 'disable'],
  ])('for %j is near to it, or goes on where it ends: %j', (word, meant) => {
    expect(nearest(word, verbs)).toBe(meant)
  })

  it.each([
    ['delete', 'remove'],
    ['rm', 'remove'],
    ['add', 'create'],
    ['ls', 'list'],
    ['get', 'show'],
    ['update', 'change'],
  ])('for %j is what others call %j', (word, meant) => {
    expect(nearest(word, verbs)).toBe(meant)
  })

  it('for "add" is a verb that begins so, where there is one', () => {
    expect(nearest('add', ['create', 'add-member', 'remove-member', 'remove'])).toBe('add-member')
  })

  it('is the nearest of several', () => {
    expect(nearest('account', ['accounts', 'amount', 'account'])).toBe('account')
    expect(nearest('--jsn', ['--yes', '--json'])).toBe('--json')
  })

  it.each(['xyzzy', 'organization', 'lo'])('for %j is none', (word) => {
    expect(nearest(word, verbs)).toBeUndefined()
  })
})

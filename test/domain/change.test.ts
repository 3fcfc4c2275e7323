import { describe, expect, it } from 'vitest'
import { changeKinds, parseChangeKind } from '../../src/domain/change.ts'

describe('the kind of a change', () => {
  it('is one of those that this program remembers things of', () => {
    expect(changeKinds).toEqual([
      'principal',
      'group',
      'role',
      'api',
      'organization',
      'signing_key',
      'person',
      'server',
    ])
    for (const kind of changeKinds) expect(parseChangeKind(kind)).toBe(kind)
  })

  it.each(['', 'status_list', 'Principal', 'constructor'])(
    'is told apart when a newer program wrote it: %j',
    (text) => {
      expect(parseChangeKind(text)).toBe('unknown')
    },
  )
})

import { describe, expect, it } from 'vitest'
import { safeJson, safeText, table } from '../../src/cli/print.ts'

const escape = '\u001B[31m'
const rightToLeft = '\u202E'

describe('what is printed', () => {
  it('holds no character that moves the cursor or turns text around', () => {
    expect(safeText(`a${escape}b\n${rightToLeft}c\u0085\r`)).toBe(
      'a\uFFFD[31mb\n\uFFFDc\uFFFD\uFFFD',
    )
  })

  it('is the same JSON, with such characters escaped', () => {
    const document = { name: `a${escape}${rightToLeft}\u0085\u{E0001}\u2028` }
    const text = safeJson(document)
    expect(JSON.parse(text)).toEqual(document)
    expect(text).toMatch(/^[\n\u0020-\u007E]*$/)
  })

  it('stands in columns', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['xxx', 'y'],
          ['ü', 'z'],
        ],
      ),
    ).toBe('  A    B\n  xxx  y\n  ü    z\n')
    expect(table(['A'], [])).toBe('  none\n')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScope } from '../../src/domain/scope.ts'

const allowed = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) =>
  String.fromCodePoint(0x21 + index),
).filter((character) => character !== '"' && character !== '\\')
const token = fc.string({ unit: fc.constantFrom(...allowed), minLength: 1, maxLength: 12 })

describe('a scope, RFC 6749 §3.3', () => {
  it('is its tokens, each once, in the order they were written', () => {
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 30 }), (tokens) => {
        expect(parseScope(tokens.join(' '))).toEqual([...new Set(tokens)])
      }),
    )
  })

  it('takes every character of the grammar', () => {
    expect(parseScope(allowed.join(''))).toEqual([allowed.join('')])
  })

  it('tells upper case from lower case', () => {
    expect(parseScope('read READ')).toEqual(['read', 'READ'])
  })

  it('is refused with any character outside the grammar, wherever it stands', () => {
    const foreign = fc
      .integer({ min: 0, max: 0x1_ff })
      .map((code) => String.fromCodePoint(code))
      .filter((character) => character !== ' ' && !allowed.includes(character))
    fc.assert(
      fc.property(token, foreign, token, (before, character, after) => {
        expect(parseScope(`${character}${after}`)).toBeUndefined()
        expect(parseScope(`${before}${character}`)).toBeUndefined()
        expect(parseScope(`${before}${character}${after}`)).toBeUndefined()
        expect(parseScope(`${before} ${character} ${after}`)).toBeUndefined()
      }),
    )
  })

  it.each(['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\n'])('is refused when written %j', (text) => {
    expect(parseScope(text)).toBeUndefined()
  })

  it('has at most 200 different tokens', () => {
    const tokens = Array.from({ length: 201 }, (_, index) => `t${String(index)}`)
    expect(parseScope(tokens.slice(0, 200).join(' '))).toHaveLength(200)
    expect(parseScope([...tokens.slice(0, 200), 't0'].join(' '))).toHaveLength(200)
    expect(parseScope(tokens.join(' '))).toBeUndefined()
  })
})

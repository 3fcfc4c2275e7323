import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDescription, parseName } from '../../src/domain/name.ts'

const visible = fc.string({
  unit: fc.constantFrom('a', 'Z', '7', '-', '"', '<', 'é', 'ß', '日', '😀', ' '),
  minLength: 1,
  maxLength: 98,
})
const traps = {
  'a null': '\u0000',
  'a tab': '\t',
  'a line feed': '\n',
  'a carriage return': '\r',
  'a delete': '\u007F',
  'a C1 control': '\u0085',
  'a soft hyphen': '\u00AD',
  'a zero-width space': '\u200B',
  'a right-to-left override': '\u202E',
  'a byte order mark': '\uFEFF',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'half a surrogate pair': '\uD800',
}
/** What shows as nothing, or as a space, or as each font likes. */
const lookAlikes = {
  'a combining grapheme joiner': '\u034F',
  'a variation selector': '\uFE0F',
  'a supplementary variation selector': '\u{E0100}',
  'a Hangul filler': '\u3164',
  'a halfwidth Hangul filler': '\uFFA0',
  'a default-ignorable place that is not assigned yet': '\u{E0080}',
  'a braille pattern without dots': '\u2800',
  'a private character': '\uE000',
  'a private character of a higher plane': '\u{10FFFD}',
  'a noncharacter': '\uFFFF',
  'a noncharacter among the Arabic forms': '\uFDD0',
  'a no-break space': '\u00A0',
  'an ideographic space': '\u3000',
  'a hair space': '\u200A',
}

describe('a name', () => {
  it('is kept as it was written, in the composed form of Unicode', () => {
    fc.assert(
      fc.property(visible, (text) => {
        const written = `x${text}x`
        expect(parseName(written)).toBe(written)
        expect(parseName(written.normalize('NFD'))).toBe(written.normalize('NFC'))
      }),
    )
  })

  it('has 1 to 100 characters, however many bytes each takes', () => {
    expect(parseName('')).toBeUndefined()
    expect(parseName('a')).toBe('a')
    expect(parseName('😀'.repeat(100))).toBe('😀'.repeat(100))
    expect(parseName('😀'.repeat(101))).toBeUndefined()
    expect(parseName('a'.repeat(101))).toBeUndefined()
  })

  it('is counted in the composed form', () => {
    expect(parseName('e\u0301'.repeat(100))).toBe('é'.repeat(100))
  })

  it.each([' a', 'a ', '\u00A0a', 'a\u3000', ' '])('has no space at its ends: %j', (text) => {
    expect(parseName(text)).toBeUndefined()
  })

  it.each(Object.entries({ ...traps, ...lookAlikes }))('does not hide %s', (_, trap) => {
    expect(parseName(`a${trap}b`)).toBeUndefined()
    expect(parseName(`Owner${trap}`)).toBeUndefined()
  })
})

describe('a description', () => {
  it('may be empty and may have several lines', () => {
    expect(parseDescription('')).toBe('')
    expect(parseDescription('One.\n\nTwo. ')).toBe('One.\n\nTwo. ')
  })

  it('has at most 500 characters, counted in the composed form', () => {
    expect(parseDescription('😀'.repeat(500))).toBe('😀'.repeat(500))
    expect(parseDescription('😀'.repeat(501))).toBeUndefined()
    expect(parseDescription('e\u0301'.repeat(500))).toBe('é'.repeat(500))
  })

  it.each(Object.entries(traps).filter(([, trap]) => !['\n', '\u2028', '\u2029'].includes(trap)))(
    'does not hide %s',
    (_, trap) => {
      expect(parseDescription(`a${trap}b`)).toBeUndefined()
    },
  )
})

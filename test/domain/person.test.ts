import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmail } from '../../src/domain/person.ts'

describe('an email address', () => {
  it.each([
    'ada@example.com',
    "o'brien+countersign@mail.example.co.uk",
    'root@localhost',
    'jürgen@bücher.example',
    '用户@例子.广告',
    `${'a'.repeat(64)}@${'b'.repeat(63)}.example`,
  ])('may be %s', (text) => {
    expect(parseEmail(text)).toBe(text)
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'ada@one@two',
    'ada lovelace@example.com',
    ' ada@example.com',
    'ada@example.com\n',
    '.ada@example.com',
    'ada..l@example.com',
    'ada@-example.com',
    'ada@example-.com',
    'ada@example..com',
    'ada@[127.0.0.1]',
    '"ada l"@example.com',
    'ada(comment)@example.com',
    'ada\u202E@example.com',
    'ada\u200B@example.com',
    'ada\0@example.com',
    '\uD800@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'b'.repeat(64)}.example`,
    `ada@${'bbbbbbb.'.repeat(31)}example`,
    `${'ü'.repeat(33)}@example.com`,
  ])('is not %j', (text) => {
    expect(parseEmail(text)).toBeUndefined()
  })

  it('is the same however it is typed', () => {
    expect(parseEmail('Ada@Example.COM')).toBe('ada@example.com')
    expect(parseEmail('JU\u0308RGEN@example.com')).toBe('j\u00FCrgen@example.com')
  })

  it('once read, reads back as itself', () => {
    const letters = ['a', 'Z', '1', '.', '-', 'İ', 'ẞ', 'Σ', '\u212A', 'e', '\u0301', '\u0130']
    const part = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(part, part, (localPart, domain) => {
        const email = parseEmail(`${localPart}@${domain}`)
        fc.pre(email !== undefined)
        expect(parseEmail(email)).toBe(email)
      }),
    )
  })
})

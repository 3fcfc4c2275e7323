import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseName } from '../../src/domain/name.ts'
import {
  decidePassword,
  passwordCharacters,
  readPassword,
  whyPersonal,
} from '../../src/domain/password.ts'
import { parseEmail } from '../../src/domain/person.ts'

const refused = (reason: string) => ({ ok: false, refusal: expect.objectContaining({ reason }) })

describe('a password', () => {
  it.each([
    'correct horse battery staple',
    'tr0mb0ne-in-the-attic',
    'ein langes Wort: Überraschung',
    '密码可以是中文的十二个字',
    'monkey-4829301-82-giraffe',
  ])('may be %s', (text) => {
    expect(decidePassword(text)).toEqual({ ok: true, value: text.normalize('NFKC') })
  })

  it('has 12 to 128 characters, as people count them', () => {
    const { min, max } = passwordCharacters
    expect(decidePassword('tr0mb0ne-in')).toEqual({
      ok: false,
      refusal: { reason: 'password_too_short', min },
    })
    const long = 'tr0mb0ne-in-the-attic '.repeat(6)
    expect(decidePassword(long.slice(0, max)).ok).toBe(true)
    expect(decidePassword(long.slice(0, max + 1))).toEqual(refused('password_too_long'))
    expect(decidePassword('x'.repeat(100_000))).toEqual(refused('password_too_long'))
    expect(decidePassword('😀😃😄😁😆😅🤣😂🙂🙃😉')).toEqual(refused('password_too_short'))
    expect(decidePassword('😀😃😄😁😆😅🤣😂🙂🙃😉😊').ok).toBe(true)
  })

  it.each([
    '1qaz2wsx3edc',
    'QWERTY123456',
    'Password2024!',
    '123password!',
    'passwordpassword',
    'Countersign1!',
    'aaaaaaaaaaaa',
    'abababababab',
    '123456789012',
    '987654321098',
    'abcdefghijkl',
  ])('is not one that many people choose: %s', (text) => {
    expect(decidePassword(text)).toEqual(refused('password_common'))
  })

  it('has no characters that cannot be typed', () => {
    expect(decidePassword('tr0mb0ne\0in-the-attic')).toEqual(refused('password_malformed'))
    expect(decidePassword('tr0mb0ne\uD800in-the-attic')).toEqual(refused('password_malformed'))
  })

  it.each([
    ['ada.lovelace@example.com', true],
    ['  Ada.Lovelace@EXAMPLE.com ', true],
    ['ADA.LOVELACE', true],
    ['Ada King of Lovelace', true],
    ['ada king of lovelace  ', true],
    ['\uFF21da King of Lovelace', true],
    ['ada.lovelace@example.org', false],
    ['ada king of lovelace, countess', false],
    ['Charles Babbage', false],
  ])('is known of its person: %s (%s)', (text, isPersonal) => {
    const [email, name] = [
      parseEmail('Ada.Lovelace@example.com'),
      parseName('Ada King of Lovelace'),
    ]
    const password = readPassword(text)
    if (!email || !name || !password) throw new Error('not what it should be')
    const refusal = { reason: 'password_personal' }
    expect(whyPersonal(password, { email, name })).toEqual(isPersonal ? refusal : undefined)
  })

  it('is the same from every keyboard', () => {
    expect(readPassword('U\u0308berraschung')).toBe(readPassword('\u00DCberraschung'))
    expect(readPassword('ﬁne')).toBe('fine')
  })

  it('that was taken is read as it was', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 140 })
    fc.assert(
      fc.property(text, (wanted) => {
        const decided = decidePassword(wanted)
        expect(decided.ok ? decided.value : readPassword(wanted)).toBe(readPassword(wanted))
      }),
    )
  })

  it('is not read when it is longer than any can be', () => {
    expect(readPassword('x'.repeat(129))).toBeUndefined()
    expect(readPassword('x'.repeat(100_000))).toBeUndefined()
  })
})

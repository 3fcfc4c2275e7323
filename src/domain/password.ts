import type { Brand } from './brand.ts'
import { commonPasswords, commonWords } from './common-passwords.ts'
import type { Person } from './person.ts'
import type { Result } from './result.ts'
import { accept, refuse } from './result.ts'

/**
 * A password as it is hashed and compared: in NFKC, so that it is the same from every keyboard
 * (NIST SP 800-63B §5.1.1.2). There are no rules of composition: length is what counts.
 */
export type Password = Brand<string, 'Password'>

export const passwordCharacters = { min: 12, max: 128 } as const

export type PasswordRefusal =
  | { readonly reason: 'password_too_short'; readonly min: number }
  | { readonly reason: 'password_too_long'; readonly max: number }
  /** One that many people choose, or that is made like those. */
  | { readonly reason: 'password_common' }
  /** It has characters that cannot be typed. */
  | { readonly reason: 'password_malformed' }

/** Reads a password that somebody wants to have. */
export function decidePassword(text: string): Result<Password, PasswordRefusal> {
  const { min, max } = passwordCharacters
  if (text.length > unitsMax) return refuse({ reason: 'password_too_long', max })
  const password = text.normalize('NFKC')
  if (/[\p{Cc}\p{Cs}]/u.test(password)) return refuse({ reason: 'password_malformed' })
  const { length } = Array.from(password)
  if (length < min) return refuse({ reason: 'password_too_short', min })
  if (length > max) return refuse({ reason: 'password_too_long', max })
  return isCommon(password) ? refuse({ reason: 'password_common' }) : accept(password as Password)
}

/** What everybody knows of a person, and so what guesses begin with. */
export type PasswordPersonal = { readonly reason: 'password_personal' }

/**
 * Why somebody cannot have a password that others can: it is their own email, the part before its `@`,
 * or their name, however it is written (NIST SP 800-63B §5.1.1.2, context-specific words).
 */
export function whyPersonal(
  password: Password,
  { email, name }: Pick<Person, 'email' | 'name'>,
): PasswordPersonal | undefined {
  const known = [email, email.slice(0, email.indexOf('@')), name].map(folded)
  return known.includes(folded(password)) ? { reason: 'password_personal' } : undefined
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}

/** Reads a password that somebody shows; what nobody can have is `undefined`. */
export function readPassword(text: string): Password | undefined {
  if (text.length > unitsMax) return undefined
  const password = text.normalize('NFKC')
  return Array.from(password).length <= passwordCharacters.max ? (password as Password) : undefined
}

// Before NFKC, which can make text longer and, by composing, shorter.
const unitsMax = 4 * passwordCharacters.max

const differentCharactersMin = 5
const fillingCharactersMax = 6

function isCommon(password: string): boolean {
  const plain = password.toLowerCase()
  if (new Set(plain).size < differentCharactersMin || isRun(plain)) return true
  return commonPasswords.has(plain) || isFilledUp(plain)
}

/** `123456789012`, `abcdefghijkl`: each character follows the one before. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  const steps = new Set(codes.slice(1).map((code, index) => (code - (codes[index] ?? 0) + 10) % 10))
  return steps.size === 1 && /^(?:\d+|[a-z]+)$/.test(text)
}

/** `Password2024!`: a common word, once or more, and a few digits and signs around it. */
function isFilledUp(text: string): boolean {
  const word = text.replaceAll(/^[^a-z]+|[^a-z]+$/g, '')
  if (text.length - word.length > fillingCharactersMax) return false
  const [, once = word] = /^(.+?)\1+$/.exec(word) ?? []
  return commonWords.has(once)
}

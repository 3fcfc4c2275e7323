import type { Brand } from './brand.ts'
import type { Created } from './created.ts'
import type { PersonId } from './id.ts'
import type { Name } from './name.ts'

/**
 * What a person signs in with: an email address, internationalized ones too (RFC 6531), in lower case
 * and NFC, so that one address is one person however it is typed. Nothing is ever sent to it.
 */
export type Email = Brand<string, 'Email'>

/**
 * Somebody who can sign in, apart from any organization they are a member of. A person exists for as
 * long as they are an operator or a member of an organization.
 */
export type Person = Created & {
  readonly id: PersonId
  readonly email: Email
  readonly name: Name
  readonly isOperator: boolean
}

/** RFC 5321 §4.5.3.1.3, less the angle brackets; §4.5.3.1.1 and RFC 1035 §2.3.4 for its parts. */
const emailBytesMax = 254
const localPartBytesMax = 64
const labelBytesMax = 63

// A dot-atom (RFC 5322 §3.2.3) and a domain: no quoting, no comments, no address literals.
const atom = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+"
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]*[\\p{L}\\p{M}\\p{N}])?'
const emailForm = new RegExp(`^(${atom}(?:\\.${atom})*)@(${label}(?:\\.${label})*)$`, 'u')

export function parseEmail(text: string): Email | undefined {
  // No address is longer, and lower case can be longer than upper case only by little.
  if (text.length > emailBytesMax) return undefined
  const email = text.normalize('NFC').toLowerCase().normalize('NFC')
  const [, localPart = '', domain = ''] = emailForm.exec(email) ?? []
  if (localPart === '' || bytes(localPart) > localPartBytesMax) return undefined
  if (bytes(email) > emailBytesMax) return undefined
  return domain.split('.').every((part) => bytes(part) <= labelBytesMax)
    ? (email as Email)
    : undefined
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

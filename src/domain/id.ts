import type { Brand } from './brand.ts'

/** What an id names, and the prefix that says so to whoever reads it. */
export const idPrefixes = {
  organization: 'org',
  service_account: 'sa',
  member: 'mem',
  group: 'grp',
  role: 'rol',
  api: 'api',
  binding: 'bnd',
  credential: 'crd',
  application_key: 'key',
  person: 'per',
  invitation: 'inv',
  session: 'ses',
  audience_approval: 'apr',
} as const

export type Noun = keyof typeof idPrefixes

/** A typed, opaque identifier: a prefix and a UUIDv7 (RFC 9562 §5.7) in base32, 26 characters. */
export type Id<N extends Noun> = Brand<string, N>

export type OrganizationId = Id<'organization'>
export type ServiceAccountId = Id<'service_account'>
export type MemberId = Id<'member'>
export type PrincipalId = ServiceAccountId | MemberId
export type GroupId = Id<'group'>
export type RoleId = Id<'role'>
export type ApiId = Id<'api'>
export type BindingId = Id<'binding'>
export type CredentialId = Id<'credential'>
export type ApplicationKeyId = Id<'application_key'>
export type PersonId = Id<'person'>
export type InvitationId = Id<'invitation'>
export type SessionId = Id<'session'>
export type AudienceApprovalId = Id<'audience_approval'>

/** The client ID of a service account is the account's id; of an application key, the key's. */
export type ClientId = ServiceAccountId | ApplicationKeyId

// Crockford's alphabet: no i, l, o or u, so that ids survive being read aloud.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const body = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

export function parseId<N extends Noun>(noun: N, text: string): Id<N> | undefined {
  const prefix = `${idPrefixes[noun]}_`
  if (!text.startsWith(prefix)) return undefined
  return body.test(text.slice(prefix.length)) ? (text as Id<N>) : undefined
}

export function parseClientId(text: string): ClientId | undefined {
  return parseId('service_account', text) ?? parseId('application_key', text)
}

/** Writes the 16 bytes of a UUID as an id. The order of ids is the order of their bytes. */
export function encodeId<N extends Noun>(noun: N, uuid: Uint8Array): Id<N> {
  let value = 0n
  for (const byte of uuid) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let digit = 0; digit < 26; digit += 1) {
    text = alphabet.charAt(Number(value & 31n)) + text
    value >>= 5n
  }
  return `${idPrefixes[noun]}_${text}` as Id<N>
}

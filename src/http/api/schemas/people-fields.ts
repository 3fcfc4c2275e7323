import { z } from '@hono/zod-openapi'
import type { Invitation } from '../../../domain/invitation.ts'
import { parseLinkToken } from '../../../domain/link.ts'
import type { NamedMember } from '../../../domain/member.ts'
import type { Person } from '../../../domain/person.ts'
import { parseEmail } from '../../../domain/person.ts'
import type { Session } from '../../../domain/session.ts'
import { endOfSession } from '../../../domain/session.ts'
import { isoText } from '../../../domain/time.ts'
import { parseTotpCode } from '../../../domain/totp.ts'
import { created } from './documents.ts'
import { createdMembers, idText, momentText, nameText, parsed } from './fields.ts'

// What people send and see of themselves and of each other.

const emailCharactersMax = 254
const linkTokenCharacters = 53
/** Longer than any password can be: which it is, is said by its refusal. */
const passwordTextMax = 1000
const codeCharactersMax = 12

export const emailText = z
  .string()
  .min(3)
  .max(emailCharactersMax)
  .openapi({ example: 'ada@example.com' })

export const emailField = parsed(emailText, parseEmail, 'an email address')

/** Exactly this email, however it is typed. */
export const emailFilter = emailField
  .optional()
  .openapi({ description: 'Only whoever has this email.' })

/** Any text at all: what is shown when somebody signs in need not be of any form. */
export const shownText = z.string().max(passwordTextMax)

export const passwordField = shownText.openapi({
  description:
    '12 to 128 characters; none that many people choose, and neither your email, the part before its @, nor your name.',
  format: 'password',
})

export const linkTokenField = parsed(
  z.string().max(linkTokenCharacters),
  parseLinkToken,
  'the token from the fragment of a link',
).openapi({ description: 'What stands after `#` in the link.' })

export const codeField = parsed(
  z.string().max(codeCharactersMax),
  parseTotpCode,
  'the six digits of an authenticator',
).openapi({ description: 'Six digits of the authenticator.', example: '492039' })

export const personSchema = z
  .strictObject({
    id: idText('person'),
    email: emailText,
    name: nameText,
    is_operator: z.boolean(),
    ...createdMembers,
  })
  .openapi('Person')

export function personDocument(person: Person) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    is_operator: person.isOperator,
    ...created(person),
  }
}

export const memberSchema = z
  .strictObject({
    id: idText('member'),
    organization_id: idText('organization'),
    person_id: idText('person'),
    name: nameText,
    email: emailText,
    ...createdMembers,
  })
  .openapi('Member', { description: "A person's place in an organization." })

export function memberDocument(member: NamedMember) {
  return {
    id: member.id,
    organization_id: member.organization,
    person_id: member.person,
    name: member.name,
    email: member.email,
    ...created(member),
  }
}

export const invitationMembers = {
  id: idText('invitation'),
  organization_id: idText('organization'),
  email: emailText,
  role_ids: z.array(idText('role')),
  group_ids: z.array(idText('group')),
  expires_at: momentText,
  ...createdMembers,
}

export function invitationDocument(invitation: Invitation) {
  return {
    id: invitation.id,
    organization_id: invitation.organization,
    email: invitation.email,
    role_ids: [...invitation.roles],
    group_ids: [...invitation.groups],
    expires_at: isoText(invitation.expiresAt),
    ...created(invitation),
  }
}

export const sessionMembers = {
  id: idText('session'),
  created_at: momentText,
  last_seen_at: momentText,
  ends_at: momentText.openapi({ description: 'If it is not used any more.' }),
  network: z.string(),
  user_agent: z.string(),
}

export function sessionDocument(session: Session) {
  return {
    id: session.id,
    created_at: isoText(session.createdAt),
    last_seen_at: isoText(session.lastSeenAt),
    ends_at: isoText(endOfSession(session)),
    network: session.network,
    user_agent: session.userAgent,
  }
}

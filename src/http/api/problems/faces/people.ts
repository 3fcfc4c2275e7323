import type { PasswordRefusal } from '../../../../domain/password.ts'
import type { AcceptanceRefusal } from '../../../../management/invitation-acceptance.ts'
import type { InvitationRefusal, UnknownInvitation } from '../../../../management/invitations.ts'
import type { MemberRefusal } from '../../../../management/members.ts'
import type { OperatorRefusal } from '../../../../management/operators.ts'
import type { PasswordChangeRefusal } from '../../../../management/passwords.ts'
import type { RecoveryLinkRefusal, RecoveryRefusal } from '../../../../management/recovery.ts'
import type { SessionRefusal } from '../../../../management/sessions.ts'
import type { SetupLinkRefusal, SetupRefusal } from '../../../../management/setup.ts'
import type { SignInRefusal } from '../../../../management/sign-in.ts'
import type { TotpRefusal } from '../../../../management/totp.ts'
import type { EdgeRefusal } from '../../edge/edge-refusal.ts'
import type { AuthorityRefusal } from './authority.ts'
import type { Faces } from './face.ts'
import { unknown } from './face.ts'
import type { IdempotencyRefusal } from './idempotency.ts'
import type { NounRefusal } from './nouns.ts'

type VerbRefusal =
  | AcceptanceRefusal
  | InvitationRefusal
  | UnknownInvitation
  | MemberRefusal
  | OperatorRefusal
  | PasswordChangeRefusal
  | PasswordRefusal
  | RecoveryLinkRefusal
  | RecoveryRefusal
  | SessionRefusal
  | SetupLinkRefusal
  | SetupRefusal
  | SignInRefusal
  | TotpRefusal

/** What is refused of people, and of how they come in. */
export type PeopleRefusal = Exclude<
  VerbRefusal,
  {
    readonly reason: (AuthorityRefusal | NounRefusal | IdempotencyRefusal | EdgeRefusal)['reason']
  }
>

export const peopleFaces: Faces<PeopleRefusal> = {
  link_unknown: [
    404,
    'The link opens nothing',
    () => 'the link was used already, is older than a day, or was replaced: ask for a new one',
  ],
  link_lapsed: [
    409,
    'The link has lapsed',
    () => 'whoever made the link could not make it now: ask for a new one',
  ],
  recovery_of_oneself: [
    403,
    'Somebody else has to do this',
    () => 'a recovery link is made by somebody else: while you are signed in, change your password',
  ],
  operator_exists: [
    409,
    'The server is set up',
    () => 'there is an operator already: ask them for an invitation',
  ],
  person_exists: [
    409,
    'The person exists',
    ({ email }) => `there is somebody with the email ${email} already`,
  ],
  sign_in_refused: [
    401,
    'Signing in was refused',
    () => 'the email, the password or the code is not right',
  ],
  totp_needed: [
    401,
    'A code is needed',
    () => 'a code of your authenticator has to come with the password',
  ],
  sign_in_limited: [
    429,
    'Too many tries',
    ({ retryAfter }) => `there were too many tries: come again in ${retryAfter} seconds`,
  ],
  sign_in_too_old: [
    403,
    'The sign-in is too old',
    ({ max }) => `this takes a sign-in of the last ${max / 60} minutes: sign in again`,
  ],
  sign_in_needed: [
    409,
    'Somebody has this email',
    () => 'you are known here: sign in as yourself, and accept the invitation then',
  ],
  password_too_short: [
    422,
    'The password is too short',
    ({ min }) =>
      `a password has at least ${min} characters: four or five words are easy to remember`,
  ],
  password_too_long: [
    422,
    'The password is too long',
    ({ max }) => `a password has at most ${max} characters`,
  ],
  password_common: [
    422,
    'Many people choose this password',
    () => 'this is a password that many people choose, or made like one: choose another',
  ],
  password_personal: [
    422,
    'Everybody knows this of you',
    () => 'this is your email, the part before its @, or your name: choose another',
  ],
  password_malformed: [
    422,
    'The password cannot be typed',
    () => 'the password has characters that cannot be typed',
  ],
  password_mismatch: [403, 'The password is another', () => 'your present password is another'],
  totp_exists: [
    409,
    'There is an authenticator',
    () => 'you have an authenticator already: remove it first',
  ],
  totp_unknown: [
    409,
    'There is no authenticator',
    () => 'you have no authenticator to do this with',
  ],
  totp_mismatch: [422, 'The code is not right', () => 'this is not the code of the authenticator'],
  session_unknown: [
    404,
    'The session does not exist',
    ({ session }) => `you have no session ${session}`,
  ],
  membership_unknown: [404, 'The member does not exist', ({ member }) => unknown('member', member)],
  member_exists: [
    409,
    'They are a member',
    ({ member }) => `whoever has this email is the member ${member} already`,
  ],
  invitation_unknown: [
    404,
    'The invitation does not exist',
    ({ invitation }) => unknown('invitation', invitation),
  ],
  invitation_exists: [
    409,
    'They are invited',
    ({ invitation }) => `there is the invitation ${invitation} for this email: withdraw it first`,
  ],
  invitation_lapsed: [
    409,
    'The invitation has lapsed',
    () => 'whoever invited you may not give any more what the invitation gives: ask for a new one',
  ],
  invitation_of_another: [
    403,
    'The invitation is for somebody else',
    () => 'the invitation is for another email than yours',
  ],
  invitations_too_many: [
    422,
    'There are too many invitations',
    ({ max }) => `an organization can have at most ${max} open invitations`,
  ],
  invitation_roles_too_many: [
    422,
    'There are too many roles',
    ({ max }) => `an invitation can give at most ${max} roles`,
  ],
  invitation_groups_too_many: [
    422,
    'There are too many groups',
    ({ max }) => `an invitation can give at most ${max} groups`,
  ],
  person_unknown: [
    404,
    'The person does not exist',
    ({ person }) => `there is no person ${person}`,
  ],
  operator_unknown: [
    404,
    'The operator does not exist',
    ({ person }) => `there is no operator ${person}`,
  ],
  last_operator: [
    409,
    'The server needs an operator',
    () => 'the server would have no operator left: add another one first',
  ],
}

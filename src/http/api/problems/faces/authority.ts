import type {
  AuthorityInsufficient,
  LastOwner,
  OperatorNeeded,
  PermissionMissing,
  PermissionNotHeld,
  SessionNeeded,
} from '../../../../domain/authority.ts'
import type { AudienceApprovalRefusal } from '../../../../management/audience-approvals.ts'
import type { OrganizationDisabled } from '../../../../management/permitted.ts'
import type { Faces } from './face.ts'

/** What is refused because of who asks, not of what is asked for. */
export type AuthorityRefusal =
  | PermissionMissing
  | OrganizationDisabled
  | PermissionNotHeld
  | AuthorityInsufficient
  | LastOwner
  | OperatorNeeded
  | SessionNeeded
  | Extract<AudienceApprovalRefusal, { readonly reason: 'audience_approval_unknown' }>

export const authorityFaces: Faces<AuthorityRefusal> = {
  permission_missing: [
    403,
    'A permission is missing',
    ({ permission }) => `this takes the permission ${permission}, on the whole organization`,
  ],
  organization_disabled: [
    403,
    'The organization is disabled',
    () =>
      'the organization is disabled: what its members hold counts again when an operator has enabled it',
  ],
  permission_not_held: [
    403,
    'Nobody gives more than they hold',
    ({ permission, audience, resource = 'the whole organization' }) =>
      `you do not hold the permission ${permission} of ${audience} on ${resource}, or not for as long`,
  ],
  authority_insufficient: [
    403,
    'They hold more than you',
    () => 'somebody would lose permissions who holds more of the management API than you do',
  ],
  last_owner: [
    409,
    'The organization needs an Owner',
    () => 'the organization would have no Owner left: give the role to another member first',
  ],
  operator_needed: [
    403,
    'An operator has to do this',
    () => 'only an operator of the server can do this',
  ],
  session_needed: [403, 'A session is needed', () => 'this takes a person who is signed in'],
  audience_approval_unknown: [
    404,
    'The approval does not exist',
    ({ approval }) => `there is no approval of an audience ${approval}`,
  ],
}

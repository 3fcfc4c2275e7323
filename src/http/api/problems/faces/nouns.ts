import type { SessionNeeded } from '../../../../domain/authority.ts'
import type { NumericDate } from '../../../../domain/time.ts'
import { isoText } from '../../../../domain/time.ts'
import type { ApiRefusal } from '../../../../management/apis.ts'
import type { ApplicationKeyRefusal } from '../../../../management/application-keys.ts'
import type { BindingRefusal } from '../../../../management/bindings.ts'
import type { CredentialRefusal } from '../../../../management/credentials.ts'
import type { GroupRefusal, MembershipRefusal } from '../../../../management/groups.ts'
import type { RewrapRefusal } from '../../../../management/key-encryption-key.ts'
import type { OrganizationRefusal } from '../../../../management/organizations.ts'
import type { RoleRefusal } from '../../../../management/roles.ts'
import type { ServiceAccountRefusal } from '../../../../management/service-accounts.ts'
import type { SigningKeyRefusal } from '../../../../management/signing-keys.ts'
import type { EdgeRefusal } from '../../edge/edge-refusal.ts'
import type { AuthorityRefusal } from './authority.ts'
import type { Faces } from './face.ts'
import type { IdempotencyRefusal } from './idempotency.ts'
import { atMost, principalNoun, taken, unknown } from './face.ts'

type VerbRefusal =
  | OrganizationRefusal
  | ServiceAccountRefusal
  | CredentialRefusal
  | Exclude<ApplicationKeyRefusal, SessionNeeded>
  | ApiRefusal
  | RoleRefusal
  | GroupRefusal
  | MembershipRefusal
  | BindingRefusal
  | SigningKeyRefusal
  | RewrapRefusal

export type NounRefusal = Exclude<VerbRefusal, AuthorityRefusal | IdempotencyRefusal | EdgeRefusal>

export const nounFaces: Faces<NounRefusal> = {
  organization_unknown: [
    404,
    'The organization does not exist',
    ({ organization }) => `there is no organization ${organization}`,
  ],
  organization_name_taken: [409, 'The name is taken', taken('organization')],
  audience_unknown: [
    422,
    'The audience is of no API here',
    ({ audience }) => `no API of this organization has the audience ${audience}`,
  ],

  service_account_unknown: [
    404,
    'The service account does not exist',
    ({ account }) => unknown('service account', account),
  ],
  service_account_name_taken: [409, 'The name is taken', taken('service account')],
  principal_unknown: [
    404,
    'The principal does not exist',
    ({ principal }) => unknown(principalNoun(principal), principal),
  ],

  credential_unknown: [
    404,
    'The credential does not exist',
    ({ credential }) => unknown('secret', credential),
  ],
  credential_name_taken: [409, 'The name is taken', taken('secret of this account')],
  handle_taken: [
    409,
    'The handle is taken',
    ({ handle }) => `a secret with the handle ${handle} is registered already: make another one`,
  ],
  credentials_too_many: [422, 'There are too many credentials', atMost('an account', 'secrets')],

  application_key_unknown: [
    404,
    'The application key does not exist',
    ({ applicationKey }) => unknown('application key', applicationKey),
  ],
  application_keys_too_many: [
    422,
    'There are too many application keys',
    atMost('a member', 'application keys'),
  ],

  api_unknown: [404, 'The API does not exist', ({ api }) => unknown('API', api)],
  api_built_in: [
    409,
    'The API is built in',
    () => 'the management API can be neither changed nor removed, and is no default audience',
  ],
  api_name_taken: [409, 'The name is taken', taken('API')],
  audience_taken: [
    409,
    'The audience is taken',
    ({ audience }) => `the audience ${audience} is registered already`,
  ],
  audience_reserved: [
    422,
    'The audience is reserved',
    ({ audience }) =>
      `${audience} is below the issuer, where an organization may only use its own part`,
  ],
  audience_needs_operator: [
    403,
    'An operator has to approve the audience',
    ({ audience }) =>
      `an operator has to approve ${audience} for this organization first: countersign audience-approval create, beside the database, or POST /api/v1/audience-approvals, signed in`,
  ],
  api_in_use: [
    409,
    'The API is in use',
    ({ roles, isDefault }) =>
      [
        ...(isDefault
          ? ['the API is the default audience of the organization: change that first']
          : []),
        ...(roles.length > 0
          ? [`permissions of the API are held by ${someOf(roles)}: take them from there first`]
          : []),
      ].join('\n'),
  ],
  permission_unknown: [
    422,
    'The permission does not exist',
    ({ permission }) => `there is no permission ${permission} there`,
  ],
  permission_not_in_role: [
    422,
    'The role does not hold the permission',
    ({ permission }) => `the role does not hold the permission ${permission}`,
  ],
  permission_in_use: [
    409,
    'The permission is in use',
    ({ roles }) => `the permission is held by ${someOf(roles)}: take it from there first`,
  ],
  permissions_too_many: [
    422,
    'There are too many permissions',
    atMost('an API or a role', 'permissions'),
  ],

  role_unknown: [404, 'The role does not exist', ({ role }) => unknown('role', role)],
  role_name_taken: [409, 'The name is taken', taken('role')],
  role_built_in: [
    409,
    'The role is built in',
    () => 'a built-in role can be neither changed nor removed',
  ],
  role_in_use: [
    409,
    'The role is in use',
    ({ bindings }) =>
      `the role is granted ${bindings === 1 ? 'once' : `${bindings} times`}: withdraw it first`,
  ],

  group_unknown: [404, 'The group does not exist', ({ group }) => unknown('group', group)],
  group_name_taken: [409, 'The name is taken', taken('group')],
  groups_too_many: [422, 'There are too many groups', atMost('an account or a member', 'groups')],
  members_too_many: [422, 'The group is full', atMost('a group', 'members')],
  member_unknown: [
    404,
    'The principal is not in the group',
    ({ principal }) => `the ${principalNoun(principal)} is not in the group`,
  ],

  binding_unknown: [
    404,
    'The granted role does not exist',
    ({ binding }) => unknown('granted role', binding),
  ],
  binding_exists: [
    409,
    'The role is granted already',
    ({ binding }) => `the role is granted there already (${binding}); its end can be changed`,
  ],
  bindings_too_many: [
    422,
    'There are too many granted roles',
    atMost('an account, a member or a group', 'granted roles'),
  ],

  signing_key_unknown: [
    404,
    'The signing key does not exist',
    ({ kid }) => `there is no signing key ${kid}`,
  ],
  signing_alg_unused: [
    422,
    'No API uses the algorithm',
    ({ alg }) => `no API uses ${alg}, so there are no keys of it`,
  ],
  signing_key_not_opened: [
    409,
    'The signing key cannot be opened',
    ({ kid, why }) => `the signing key ${kid} cannot be opened (${why}): revoke it first`,
  ],
  key_encryption_key_not_held: [
    409,
    'The key-encryption key is not held',
    ({ sealedUnder, held }) =>
      `the signing keys are sealed under the key-encryption key ${sealedUnder}; the settings give ${held.join(' and ')} (see Signing keys in docs/operations.md)`,
  ],

  version_mismatched: [
    412,
    'It was changed in the meantime',
    ({ version }) => `it is at version ${version} by now: look at it again first`,
  ],
  expiry_past: [422, 'The end is in the past', past],
}

function past({ expiresAt }: { readonly expiresAt: NumericDate }): string {
  return `${isoText(expiresAt)} is not in the future`
}

const namesShownMax = 5

function someOf(roles: readonly string[]): string {
  const shown = roles.slice(0, namesShownMax).map((role) => `"${role}"`)
  const rest = roles.length - shown.length
  return `the ${roles.length === 1 ? 'role' : 'roles'} ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

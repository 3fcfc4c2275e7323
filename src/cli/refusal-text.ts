import type { VerifyRefusal } from '../crypto/verify-token.ts'
import { isoText } from '../domain/time.ts'
import type { ApiRefusal } from '../management/apis.ts'
import type { BindingRefusal } from '../management/bindings.ts'
import type { CredentialRefusal } from '../management/credentials.ts'
import type { GroupRefusal, MembershipRefusal } from '../management/groups.ts'
import type { RewrapRefusal } from '../management/key-encryption-key.ts'
import type { OrganizationRefusal } from '../management/organizations.ts'
import type { RoleRefusal } from '../management/roles.ts'
import type { ServiceAccountRefusal } from '../management/service-accounts.ts'
import type { SigningKeyRefusal } from '../management/signing-keys.ts'
import type { SchemaRefusal } from '../storage/migrate.ts'
import type { ListenRefusal } from './address.ts'
import { listenRefusalText } from './address.ts'
import type { HouseRefusal } from './command-house.ts'
import type { DatabaseRefusal } from './database-fault.ts'
import type { DemoRefusal } from './demo-file.ts'
import { devFolder } from './embedded.ts'
import type { FolderLockRefusal } from './folder-lock.ts'

/** What only a command line can refuse. */
export type CommandLineRefusal =
  | { readonly reason: 'usage_wrong'; readonly problems: readonly string[] }
  | { readonly reason: 'confirmation_needed'; readonly consequence: string }
  | { readonly reason: 'not_confirmed' }
  | { readonly reason: 'organization_needed'; readonly names: readonly string[] }
  | { readonly reason: 'nothing_named'; readonly noun: string; readonly text: string }

export type CommandRefusal =
  | CommandLineRefusal
  | HouseRefusal
  | DatabaseRefusal
  | DemoRefusal
  | SchemaRefusal
  | FolderLockRefusal
  | ListenRefusal
  | VerifyRefusal
  | OrganizationRefusal
  | ServiceAccountRefusal
  | CredentialRefusal
  | ApiRefusal
  | RoleRefusal
  | GroupRefusal
  | MembershipRefusal
  | BindingRefusal
  | SigningKeyRefusal
  | RewrapRefusal

type Facts = {
  [Reason in CommandRefusal['reason']]: Extract<CommandRefusal, { readonly reason: Reason }>
}

type Words = { readonly [Reason in keyof Facts]: (facts: Facts[Reason]) => string }

/** What a refusal means, in words for the person at the terminal. */
export function refusalText(refusal: CommandRefusal): string {
  return say(refusal.reason, refusal)
}

function say<Reason extends keyof Facts>(reason: Reason, facts: Facts[Reason]): string {
  return words[reason](facts)
}

const atMost = (who: string, what: string) => (facts: { readonly max: number }) =>
  `${who} can have at most ${facts.max} ${what}`
const unknown = (noun: string, id: string) => `there is no ${noun} ${id} in this organization`
const taken = (noun: string) => (facts: { readonly name: string }) =>
  `another ${noun} is called "${facts.name}" already`

const words: Words = {
  usage_wrong: ({ problems }) => problems.join('\n'),
  confirmation_needed: ({ consequence }) => `${consequence}\nSay --yes if that is what you want.`,
  not_confirmed: () => 'nothing was changed',
  organization_needed: ({ names }) =>
    names.length === 0
      ? 'there is no organization yet: countersign organization create <name>'
      : `say which organization: --organization ${choiceOf(names)}`,
  nothing_named: ({ noun, text }) => `there is no ${noun} ${JSON.stringify(text)}`,
  database_away: ({ why }) => `the database does not answer${why === undefined ? '' : `: ${why}`}`,
  settings_wrong: ({ problems }) => problems.join('\n'),
  database_not_ready: ({ problem }) => problem,
  migration_altered: ({ name }) =>
    `${name} was altered after it had been applied. Restore the file as it was; a change of the schema is a new migration.`,
  schema_too_new: ({ name, leastProgram, program }) =>
    `the database has ${name}, which needs program ${leastProgram} or later; this is ${program}.`,
  postgres_too_old: ({ version }) =>
    `the database is PostgreSQL ${version}; 15 or later is needed.`,
  folder_in_use: ({ holder }) =>
    `process ${holder} is using ./${devFolder}: stop it first, start in another folder, or use PostgreSQL`,
  demo_unusable: ({ problem }) => `${problem}: remove ./${devFolder} to start anew`,
  address_unavailable: listenRefusalText,

  token_invalid: ({ what }) => `not a good token: ${what}`,
  metadata_mismatched: ({ issuer }) => `the metadata found there is of another issuer: ${issuer}`,
  issuer_unreachable: ({ url }) => `no answer from ${url}`,

  organization_unknown: ({ organization }) => `there is no organization ${organization}`,
  organization_name_taken: taken('organization'),
  audience_unknown: ({ audience }) => `no API of this organization has the audience ${audience}`,

  service_account_unknown: ({ account }) => unknown('service account', account),
  service_account_name_taken: taken('service account'),
  principal_unknown: ({ principal }) => unknown('account', principal),

  credential_unknown: ({ credential }) => unknown('secret', credential),
  credential_name_taken: taken('secret of this account'),
  credentials_too_many: atMost('an account', 'secrets'),

  api_unknown: ({ api }) => unknown('API', api),
  api_name_taken: taken('API'),
  audience_taken: ({ audience }) => `the audience ${audience} is registered already`,
  audience_reserved: ({ audience }) =>
    `${audience} is below the issuer, where an organization may only use its own part`,
  audience_needs_operator: ({ audience }) => `only an operator can register ${audience}`,
  api_in_use: ({ roles, isDefault }) =>
    [
      ...(isDefault
        ? [
            'the API is the default audience of the organization: change that first (countersign organization change <organization> --default-api none)',
          ]
        : []),
      ...(roles.length > 0
        ? [
            `permissions of the API are held by ${someOf(roles)}: take them from there first (countersign role change <role> --remove-permission …)`,
          ]
        : []),
    ].join('\n'),
  permission_unknown: ({ permission }) => `there is no permission ${permission} there`,
  permission_not_held: ({ permission }) => `the role does not hold the permission ${permission}`,
  permission_in_use: ({ roles }) =>
    `the permission is held by ${someOf(roles)}: take it from there first (countersign role change <role> --remove-permission …)`,
  permissions_too_many: atMost('an API or a role', 'permissions'),

  role_unknown: ({ role }) => unknown('role', role),
  role_name_taken: taken('role'),
  role_built_in: () => 'a built-in role can be neither changed nor removed',
  role_in_use: ({ bindings }) =>
    `the role is granted ${bindings === 1 ? 'once' : `${bindings} times`}: withdraw it first (countersign binding list --role …)`,

  group_unknown: ({ group }) => unknown('group', group),
  group_name_taken: taken('group'),
  groups_too_many: atMost('an account', 'groups'),
  members_too_many: atMost('a group', 'members'),
  member_unknown: () => 'the account is not in the group',

  binding_unknown: ({ binding }) => unknown('granted role', binding),
  binding_exists: ({ binding }) =>
    `the role is granted there already (${binding}); its end can be changed`,
  bindings_too_many: atMost('an account or a group', 'granted roles'),
  signing_key_unknown: ({ kid }) => `there is no signing key ${kid}`,
  signing_alg_unused: ({ alg }) => `no API uses ${alg}, so there are no keys of it`,
  signing_key_not_opened: ({ kid, why }) =>
    `the signing key ${kid} cannot be opened (${why}): revoke it first (countersign keys revoke ${kid})`,
  key_encryption_key_not_held: ({ sealedUnder, held }) =>
    `the signing keys are sealed under the key-encryption key ${sealedUnder}; the settings give ${held.join(' and ')} (see Signing keys in docs/operations.md)`,

  expiry_past: ({ expiresAt }) => `${isoText(expiresAt)} is not in the future`,
}

const namesShownMax = 5

function choiceOf(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map((name) => JSON.stringify(name))
  return [...shown, ...(names.length > namesShownMax ? ['…'] : [])].join(' | ')
}

function someOf(roles: readonly string[]): string {
  const shown = roles.slice(0, namesShownMax).map((role) => `"${role}"`)
  const rest = roles.length - shown.length
  return `the ${roles.length === 1 ? 'role' : 'roles'} ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

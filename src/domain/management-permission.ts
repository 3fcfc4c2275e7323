import type { ApiPermission, ApiTerms, Audience } from './api.ts'
import { tokenLifetimeDefault } from './api.ts'
import type { OrganizationId } from './id.ts'
import type { Description, Name } from './name.ts'
import type { Permission } from './permission.ts'
import { signingAlgDefault } from './signing-alg.ts'

/**
 * The management API: an API like any other, with an audience and permissions, that every
 * organization has from its first second and that nobody can change. Its audience is written relative
 * to the issuer, so that nothing at rest depends on what the server is called; no request can name it
 * like that, because what a request names is absolute.
 */
export const managementApi = {
  audience: '/api' as Audience,
  name: 'Management API' as Name,
}

/** The audience of the management API, as tokens and requests have it. */
export function managementAudience(issuer: string): Audience {
  return `${issuer.replace(/\/$/, '')}${managementApi.audience}` as Audience
}

/** An audience as others know it. */
export function absoluteAudience(issuer: string, audience: Audience): Audience {
  return audience === managementApi.audience ? managementAudience(issuer) : audience
}

/** An audience that somebody named, as we know it. */
export function ownAudience(issuer: string, audience: Audience): Audience {
  return audience === managementAudience(issuer) ? managementApi.audience : audience
}

/** What a token needs to know of it. Nobody can change that, so nobody has to read or remember it. */
export function managementApiTerms(organization: OrganizationId): ApiTerms {
  return {
    organization,
    audience: managementApi.audience,
    tokenLifetime: tokenLifetimeDefault,
    signingAlg: signingAlgDefault,
    signingAlgBefore: undefined,
    applicationKeys: true,
  }
}

/** Every permission of the management API, and what it lets its holder do. */
export const managementPermissions = {
  'organization:read': 'See the organization',
  'organization:manage': 'Rename the organization and choose its default audience',
  'members:read': 'See members and invitations',
  'members:manage': 'Invite, recover and remove members',
  'service-accounts:read': 'See service accounts, what they may do and why they were refused',
  'service-accounts:manage': 'Create, change, disable and remove service accounts',
  'credentials:read': 'See the credentials of service accounts, never their secrets',
  'credentials:manage': 'Create, change, disable and remove credentials',
  'groups:read': 'See groups and who is in them',
  'groups:manage': 'Create, change and remove groups, and put principals into them',
  'roles:read': 'See roles',
  'roles:manage': 'Create, change and remove roles',
  'bindings:read': 'See granted roles',
  'bindings:manage': 'Grant and withdraw roles',
  'apis:read': 'See APIs and their permissions',
  'apis:manage': 'Register, change and remove APIs',
  'audit:read': 'Read the audit trail and the calls that were denied',
} as const

export type ManagementPermission = keyof typeof managementPermissions

/** The same as an API has them. */
export const managementApiPermissions: readonly ApiPermission[] = Object.entries(
  managementPermissions,
).map(([permission, description]) => ({
  permission: permission as Permission,
  description: description as Description,
}))

export function asPermission(permission: ManagementPermission): Permission {
  return permission as string as Permission
}

const all = Object.keys(managementPermissions) as ManagementPermission[]
const reading = all.filter((permission) => permission.endsWith(':read'))

/** The roles that every organization has from its first second; nobody can change them. */
export const builtInRoles = {
  owner: {
    name: 'Owner' as Name,
    description: 'The role of those who own the organization.' as Description,
    permissions: all,
  },
  memberManager: {
    name: 'Member manager' as Name,
    description: 'Looks after members, service accounts and what they hold.' as Description,
    permissions: [
      ...reading,
      'members:manage',
      'service-accounts:manage',
      'credentials:manage',
      'groups:manage',
      'bindings:manage',
    ],
  },
  viewer: {
    name: 'Viewer' as Name,
    description: 'Sees everything and changes nothing.' as Description,
    permissions: reading,
  },
} as const satisfies Readonly<Record<string, BuiltInRole>>

export type BuiltInRole = {
  readonly name: Name
  readonly description: Description
  readonly permissions: readonly ManagementPermission[]
}

/**
 * What an operation of management needs inside its organization. One table for the verbs, which check
 * it under the lock, and for the routes, which document it.
 */
export const permissionFor = {
  showOrganization: 'organization:read',
  changeOrganization: 'organization:manage',
  listMembers: 'members:read',
  showMember: 'members:read',
  removeMember: 'members:manage',
  createRecoveryLink: 'members:manage',
  listInvitations: 'members:read',
  showInvitation: 'members:read',
  createInvitation: 'members:manage',
  removeInvitation: 'members:manage',
  listServiceAccounts: 'service-accounts:read',
  showServiceAccount: 'service-accounts:read',
  createServiceAccount: 'service-accounts:manage',
  changeServiceAccount: 'service-accounts:manage',
  removeServiceAccount: 'service-accounts:manage',
  listRefusals: 'service-accounts:read',
  listCredentials: 'credentials:read',
  showCredential: 'credentials:read',
  createCredential: 'credentials:manage',
  changeCredential: 'credentials:manage',
  removeCredential: 'credentials:manage',
  listGroups: 'groups:read',
  showGroup: 'groups:read',
  createGroup: 'groups:manage',
  changeGroup: 'groups:manage',
  removeGroup: 'groups:manage',
  listGroupMembers: 'groups:read',
  addGroupMember: 'groups:manage',
  removeGroupMember: 'groups:manage',
  listRoles: 'roles:read',
  showRole: 'roles:read',
  createRole: 'roles:manage',
  changeRole: 'roles:manage',
  removeRole: 'roles:manage',
  listBindings: 'bindings:read',
  showBinding: 'bindings:read',
  createBinding: 'bindings:manage',
  changeBinding: 'bindings:manage',
  removeBinding: 'bindings:manage',
  showEffectiveAccess: 'bindings:read',
  previewRemoval: 'bindings:read',
  listApis: 'apis:read',
  showApi: 'apis:read',
  registerApi: 'apis:manage',
  changeApi: 'apis:manage',
  removeApi: 'apis:manage',
  listAuditEntries: 'audit:read',
  listDeniedCalls: 'audit:read',
} as const satisfies Readonly<Record<string, ManagementPermission>>

export type PermittedOperation = keyof typeof permissionFor

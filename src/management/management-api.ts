import type { Api } from '../domain/api.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Change } from '../domain/change.ts'
import {
  asPermission,
  builtInRoles,
  managementApi,
  managementApiTerms,
  managementApiPermissions,
} from '../domain/management-permission.ts'
import type { BuiltInRole } from '../domain/management-permission.ts'
import type { Organization } from '../domain/organization.ts'
import type { Role } from '../domain/role.ts'
import { firstVersion } from '../domain/version.ts'
import type { Random } from '../ports/random.ts'
import { addApi } from '../storage/apis.ts'
import { addRole } from '../storage/roles.ts'
import type { Tx } from '../storage/tx.ts'

type Traces = { readonly audit: readonly AuditEvent[]; readonly changes: readonly Change[] }

/**
 * Gives a new organization the management API and the built-in roles over it. Memory needs to learn
 * nothing of the API: it is the same in every organization, for ever.
 */
export async function addManagementApi(
  tx: Tx,
  random: Pick<Random, 'id'>,
  organization: Organization,
): Promise<Traces> {
  const api = apiOf(organization, random)
  await addApi(tx, api)
  const roles: Role[] = []
  for (const builtIn of Object.values(builtInRoles)) {
    const role = roleOf(organization, random, builtIn)
    const permissions = builtIn.permissions.map(asPermission)
    await addRole(
      tx,
      role,
      permissions.map((permission) => ({ api: api.id, permission })),
    )
    roles.push(role)
  }
  return {
    audit: [created('api', api), ...roles.map((role) => created('role', role))],
    changes: roles.map(({ id }) => ({ kind: 'role', organization: organization.id, subject: id })),
  }
}

function apiOf({ id, createdAt, createdBy }: Organization, random: Pick<Random, 'id'>): Api {
  return {
    ...managementApiTerms(id),
    id: random.id('api'),
    name: managementApi.name,
    builtIn: true,
    permissions: managementApiPermissions,
    version: firstVersion,
    createdAt,
    createdBy,
  }
}

function roleOf(
  { id, createdAt, createdBy }: Organization,
  random: Pick<Random, 'id'>,
  { name, description, permissions }: BuiltInRole,
): Role {
  return {
    id: random.id('role'),
    organization: id,
    name,
    description,
    builtIn: true,
    permissions: new Map([[managementApi.audience, permissions.map(asPermission)]]),
    version: firstVersion,
    createdAt,
    createdBy,
  }
}

function created(type: 'api' | 'role', { id, name, organization }: Api | Role): AuditEvent {
  return {
    kind: `${type}.created`,
    target: { type, id, name },
    after: { organization, built_in: true },
  }
}

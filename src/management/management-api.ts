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
import { addRole, addRolePermissions, changeRole } from '../storage/roles.ts'
import type { Tx } from '../storage/tx.ts'

export type Traces = { readonly audit: readonly AuditEvent[]; readonly changes: readonly Change[] }

/**
 * Gives a new organization the management API and the built-in roles over it. Memory needs to learn
 * nothing of the API: it is the same in every organization, for ever.
 */
export async function addManagementApi(
  tx: Tx,
  random: Pick<Random, 'id'>,
  organization: Organization,
  /** The one built-in role that it has already, if it was made by a program that knew no other. */
  owner?: Role,
): Promise<Traces> {
  const api = apiOf(organization, random)
  await addApi(tx, api)
  const audit = [created('api', api)]
  const roles: Role[] = []
  for (const builtIn of Object.values(builtInRoles)) {
    const role = roleOf(organization, random, builtIn)
    const held = builtIn.permissions.map((one) => ({ api: api.id, permission: asPermission(one) }))
    if (owner?.name === builtIn.name) {
      await changeRole(tx, owner)
      await addRolePermissions(tx, owner, held)
      audit.push(filled(owner, role))
      roles.push(owner)
    } else {
      await addRole(tx, role, held)
      audit.push(created('role', role))
      roles.push(role)
    }
  }
  return {
    audit,
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

function filled({ id, name }: Role, { permissions }: Role): AuditEvent {
  return {
    kind: 'role.changed',
    target: { type: 'role', id, name },
    before: { permissions: {} },
    after: { permissions: Object.fromEntries(permissions) },
  }
}

function created(type: 'api' | 'role', { id, name, organization }: Api | Role): AuditEvent {
  return {
    kind: `${type}.created`,
    target: { type, id, name },
    after: { organization, built_in: true },
  }
}

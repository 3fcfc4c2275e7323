/** Two organizations with people and accounts of several strengths, for escalation to be tried in. */
import type { Actor, PrincipalActor } from '../../../src/domain/audit.ts'
import type { BindingSubject } from '../../../src/domain/binding.ts'
import type {
  ApplicationKeyId,
  CredentialId,
  MemberId,
  OrganizationId,
  PrincipalId,
  RoleId,
  ServiceAccountId,
} from '../../../src/domain/id.ts'
import { managementPermissions } from '../../../src/domain/management-permission.ts'
import type { Permission } from '../../../src/domain/permission.ts'
import type { Role } from '../../../src/domain/role.ts'
import { listApis } from '../../../src/management/apis.ts'
import { createApplicationKey } from '../../../src/management/application-keys.ts'
import { createBinding } from '../../../src/management/bindings.ts'
import { changeServiceAccount } from '../../../src/management/service-accounts.ts'
import { createClientSecret } from '../../../src/management/credentials.ts'
import { addGroupMember } from '../../../src/management/groups.ts'
import { listRoles } from '../../../src/management/roles.ts'
import type { Desk } from '../desk.ts'
import {
  accepted,
  description,
  inDays,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  permission,
  resource,
} from '../desk.ts'

export const allOfManagement = Object.keys(managementPermissions)

const wholeScope: readonly Permission[] = allOfManagement.map(permission)

type Given = { readonly resource?: string; readonly days?: number }

/** An organization, and who is in it, by what they are. */
export type Tenant = Awaited<ReturnType<typeof newTenant>>

export async function newTenant(desk: Desk) {
  const { id: organization } = await newOrganization(desk)
  const api = await newApi(desk, organization, ['a:read', 'a:write', 'b:read'])
  const { items } = await listRoles(desk, organization)
  const builtIn = (wanted: string) => {
    const found = items.find((role) => String(role.name) === wanted)
    if (found === undefined) throw new Error(`no role ${wanted}`)
    return found
  }
  const roles = {
    owner: builtIn('Owner'),
    manager: builtIn('Member manager'),
    viewer: builtIn('Viewer'),
    reader: await newRole(desk, organization, [[api, 'a:read']]),
    writer: await newRole(desk, organization, [[api, 'a:write']]),
    granter: await managing(desk, organization, ['bindings:manage', 'groups:manage']),
    editor: await managing(desk, organization, ['roles:manage', 'apis:manage']),
    keeper: await managing(desk, organization, ['service-accounts:manage', 'credentials:manage']),
  }
  const give = async (principal: PrincipalId, role: Role, given: Given = {}) =>
    bind(desk, organization, { type: 'principal', id: principal }, { ...given, role: role.id })
  const member = async (...held: readonly (readonly [Role, Given?])[]) => {
    const { id } = await newMember(desk, organization)
    for (const [role, given] of held) await give(id, role, given)
    return id
  }
  const secrets = new Map<ServiceAccountId, CredentialId>()
  const account = async (...held: readonly (readonly [Role, Given?])[]) => {
    const { id } = await newAccount(desk, { organization })
    for (const [role, given] of held) await give(id, role, given)
    const input = { organization, principal: id, name: name('one') }
    secrets.set(id, accepted(await createClientSecret(desk, desk.act, input)).credential.id)
    return id
  }
  const [strong, weak] = [await newGroup(desk, organization), await newGroup(desk, organization)]
  await bind(desk, organization, { type: 'group', id: strong.id }, { role: roles.manager.id })
  await bind(desk, organization, { type: 'group', id: strong.id }, { role: roles.writer.id })
  await bind(desk, organization, { type: 'group', id: weak.id }, { role: roles.reader.id, days: 5 })

  const who = {
    owner: await member([roles.owner]),
    second: await member([roles.owner]),
    manager: await member([roles.manager], [roles.reader]),
    granter: await member([roles.granter], [roles.reader]),
    editor: await member([roles.editor], [roles.reader, { days: 9 }]),
    keeper: await member([roles.keeper], [roles.granter, { days: 1 }]),
    forNow: await member([roles.owner, { days: 2 }]),
    somewhere: await member([roles.owner, { resource: 'cluster/one' }], [roles.granter]),
    viewer: await member([roles.viewer]),
    inGroup: await member([roles.keeper]),
    machine: await account([roles.owner]),
    robot: await account([roles.manager], [roles.writer, { resource: 'cluster/one' }]),
    ending: await account([roles.owner]),
  }
  const membership = { organization, group: strong.id, principal: who.inGroup }
  accepted(await addGroupMember(desk, desk.act, membership))
  const ending = { organization, account: who.ending, expiresAt: inDays(desk, 3) }
  accepted(await changeServiceAccount(desk, desk.act, ending))
  const { key } = accepted(
    await createApplicationKey(desk, desk.act, {
      organization,
      member: who.owner,
      description: description(''),
    }),
  )
  return { organization, api, roles, groups: { strong, weak }, who, secrets, key: key.id }
}

export function bySession(
  desk: Desk,
  organization: OrganizationId,
  id: MemberId,
  isOperator = false,
): PrincipalActor {
  const by = { type: 'session', session: desk.random.id('session'), isOperator } as const
  return { type: 'member', id, organization, name: 'member', by }
}

/** An account by a token that it got with this credential. */
export function byToken(
  organization: OrganizationId,
  id: ServiceAccountId,
  gotWith: CredentialId,
  scope: readonly Permission[] = wholeScope,
): PrincipalActor {
  const by = { type: 'token', client: id, gotWith, jti: 'jti', scope } as const
  return { type: 'service_account', id, organization, name: 'account', by }
}

/** A member by one of their application keys. */
export function byKey(organization: OrganizationId, id: MemberId, key: ApplicationKeyId): Actor {
  const by = { type: 'token', client: key, gotWith: key, jti: 'jti', scope: wholeScope } as const
  return { type: 'member', id, organization, name: 'member', by }
}

async function managing(
  desk: Desk,
  organization: OrganizationId,
  held: readonly string[],
): Promise<Role> {
  const { items } = await listApis(desk, organization)
  const api = items.find(({ builtIn }) => builtIn)
  if (api === undefined) throw new Error('no management API')
  return newRole(
    desk,
    organization,
    held.map((one) => [api, one] as const),
  )
}

async function bind(
  desk: Desk,
  organization: OrganizationId,
  subject: BindingSubject,
  { role, resource: on, days }: Given & { readonly role: RoleId },
): Promise<void> {
  accepted(
    await createBinding(desk, desk.act, {
      organization,
      role,
      subject,
      ...(on === undefined ? {} : { resource: resource(on) }),
      ...(days === undefined ? {} : { expiresAt: inDays(desk, days) }),
    }),
  )
}

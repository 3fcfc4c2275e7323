import { z } from '@hono/zod-openapi'
import type { Audience } from '../../domain/api.ts'
import type { OrganizationId } from '../../domain/id.ts'
import { ownAudience } from '../../domain/management-permission.ts'
import type { Permission } from '../../domain/permission.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import type { Role, RolePermission } from '../../domain/role.ts'
import { listApis } from '../../management/apis.ts'
import type { OrganizationRefusal } from '../../management/organizations.ts'
import {
  changeRole,
  createRole,
  listRoles,
  permissionsOfRoleMax,
  removeRole,
  showRole,
} from '../../management/roles.ts'
import { roleDocument } from './schemas/documents.ts'
import {
  createdMembers,
  descriptionField,
  descriptionText,
  idText,
  nameField,
  nameFilter,
  nameText,
} from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  audienceField,
  audienceText,
  permissionField,
  permissionText,
} from './schemas/permission-fields.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Roles'
const collection = '/organizations/{organization_id}/roles'
const item = `${collection}/{role_id}` as const

/** APIs that one role can have permissions of. */
const apisOfRoleMax = 50

const roleSchema = z
  .strictObject({
    id: idText('role'),
    organization_id: idText('organization'),
    name: nameText,
    description: descriptionText,
    built_in: z.boolean(),
    permissions: z.array(
      z.strictObject({ audience: audienceText, permissions: z.array(permissionText) }),
    ),
    ...createdMembers,
  })
  .openapi('Role', {
    description: 'A named set of permissions of one or several APIs. Built-in ones never change.',
  })

const permissionsField = z
  .array(
    z.strictObject({
      audience: audienceField,
      permissions: z.array(permissionField).max(permissionsOfRoleMax),
    }),
  )
  .max(apisOfRoleMax)
  .openapi({ description: 'All that it holds, API by API.' })

const whole = z
  .strictObject({
    name: nameField,
    description: descriptionField.prefault(''),
    permissions: permissionsField.default([]),
  })
  .openapi('RoleCreation')

const change = z
  .strictObject({
    name: nameField.optional(),
    description: descriptionField.optional(),
    permissions: permissionsField.optional(),
  })
  .openapi('RoleChange')

const permissionRefusals = [
  'audience_unknown',
  'api_unknown',
  'permission_unknown',
  'permissions_too_many',
  'permission_not_held',
] as const

const list = route({
  operationId: 'listRoles',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List roles',
  query: z.strictObject({ ...pageQuery, name: nameFilter }),
  status: 200,
  answer: pageOf(roleSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('role', call)
    if (!asked.ok) return asked
    const wanted = { ...asked.value, name: call.query.name }
    const page = await listRoles(call.ports, call.params.organization_id, wanted)
    const document = (role: Role) => roleDocument(call.ports.issuer, role)
    return accept({ body: pageDocument(call, page, document) })
  },
})

const show = route({
  operationId: 'showRole',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a role',
  status: 200,
  answer: roleSchema,
  versioned: true,
  refusals: ['role_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showRole(ports, placeOf(params))
    return outcome.ok ? accept(shown(ports, outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createRole',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Create a role',
  body: whole,
  status: 201,
  answer: roleSchema,
  versioned: true,
  refusals: ['role_name_taken', ...permissionRefusals],
  inBody: ['api_unknown'],
  handle: async ({ ports, act, params, body: { permissions: named, ...rest } }) => {
    const { organization_id: organization } = params
    const permissions = await permissionsIn(ports, organization, named)
    if (!permissions.ok) return permissions
    const input = { organization, ...rest, permissions: permissions.value }
    const outcome = await createRole(ports, act, input)
    return outcome.ok ? accept({ ...shown(ports, outcome.value), id: outcome.value.id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: roleSchema,
  versioned: true,
  refusals: [
    'role_unknown',
    'role_built_in',
    'version_mismatched',
    'role_name_taken',
    'authority_insufficient',
    ...permissionRefusals,
  ],
  inBody: ['api_unknown'],
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const place = placeOf(params)
    const { permissions: named, ...rest } = body
    const permissions = await permissionsIn(ports, place.organization, named ?? [])
    if (!permissions.ok) return permissions
    const given = named === undefined ? {} : { permissions: permissions.value }
    const outcome = await changeRole(ports, act, { ...place, ...rest, ...given, ifMatch })
    return outcome.ok ? accept(shown(ports, outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeRole',
  method: 'patch',
  summary: 'Change a role',
  description:
    'Only what is given changes; permissions are given as a whole. Whoever holds the role holds what it becomes.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceRole',
  method: 'put',
  summary: 'Replace a role',
  description: 'Whoever holds the role holds what it becomes.',
  body: whole,
})

const remove = route({
  operationId: 'removeRole',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove a role',
  description: 'One that is granted to nobody.',
  status: 204,
  answer: nothing,
  refusals: ['role_unknown', 'role_built_in', 'version_mismatched', 'role_in_use'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeRole(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const roleRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

type Named = readonly {
  readonly audience: Audience
  readonly permissions: readonly Permission[]
}[]

/** Finds the APIs by their audiences, which never change. */
async function permissionsIn(
  ports: ApiPorts,
  organization: OrganizationId,
  named: Named,
): Promise<Result<readonly RolePermission[], OrganizationRefusal>> {
  const found: RolePermission[] = []
  for (const { audience, permissions } of named) {
    const wanted = { audience: ownAudience(ports.issuer, audience) }
    const [api] = (await listApis(ports, organization, wanted)).items
    if (api === undefined) return refuse({ reason: 'audience_unknown', audience })
    found.push(...permissions.map((permission) => ({ api: api.id, permission })))
  }
  return accept(found)
}

function placeOf({ organization_id: organization, role_id: role }: Params<typeof item>) {
  return { organization, role }
}

function shown({ issuer }: ApiPorts, role: Role) {
  return { body: roleDocument(issuer, role), version: role.version }
}

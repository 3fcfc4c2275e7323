import { z } from '@hono/zod-openapi'
import type { Group } from '../../domain/group.ts'
import { accept } from '../../domain/result.ts'
import {
  changeGroup,
  createGroup,
  listGroups,
  removeGroup,
  showGroup,
} from '../../management/groups.ts'
import { groupDocument } from './schemas/documents.ts'
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
import { principalFilter } from './schemas/permission-fields.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Groups'
const collection = '/organizations/{organization_id}/groups'
const item = `${collection}/{group_id}` as const

const groupSchema = z
  .strictObject({
    id: idText('group'),
    organization_id: idText('organization'),
    name: nameText,
    description: descriptionText,
    ...createdMembers,
  })
  .openapi('Group', {
    description: 'Principals that receive the same roles: service accounts and members.',
  })

const whole = z
  .strictObject({ name: nameField, description: descriptionField.prefault('') })
  .openapi('GroupCreation')

const change = z
  .strictObject({ name: nameField.optional(), description: descriptionField.optional() })
  .openapi('GroupChange')

const list = route({
  operationId: 'listGroups',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List groups',
  query: z.strictObject({ ...pageQuery, name: nameFilter, principal_id: principalFilter }),
  status: 200,
  answer: pageOf(groupSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('group', call)
    if (!asked.ok) return asked
    const { name, principal_id: principal } = call.query
    const wanted = { ...asked.value, name, principal }
    const page = await listGroups(call.ports, call.params.organization_id, wanted)
    return accept({ body: pageDocument(call, page, groupDocument) })
  },
})

const show = route({
  operationId: 'showGroup',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a group',
  status: 200,
  answer: groupSchema,
  versioned: true,
  refusals: ['group_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showGroup(ports, placeOf(params))
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createGroup',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Create a group',
  body: whole,
  status: 201,
  answer: groupSchema,
  versioned: true,
  refusals: ['group_name_taken'],
  handle: async ({ ports, act, params, body }) => {
    const input = { organization: params.organization_id, ...body }
    const outcome = await createGroup(ports, act, input)
    return outcome.ok ? accept({ ...shown(outcome.value), id: outcome.value.id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: groupSchema,
  versioned: true,
  refusals: ['group_unknown', 'version_mismatched', 'group_name_taken'],
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const outcome = await changeGroup(ports, act, { ...placeOf(params), ...body, ifMatch })
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeGroup',
  method: 'patch',
  summary: 'Change a group',
  description: 'Only what is given changes.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceGroup',
  method: 'put',
  summary: 'Replace a group',
  description: 'Its members and granted roles stay.',
  body: whole,
})

const remove = route({
  operationId: 'removeGroup',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove a group',
  description: 'For good; its members lose at once what they hold through it.',
  status: 204,
  answer: nothing,
  refusals: ['group_unknown', 'version_mismatched', 'authority_insufficient'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeGroup(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const groupRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

function placeOf({ organization_id: organization, group_id: group }: Params<typeof item>) {
  return { organization, group }
}

function shown(group: Group) {
  return { body: groupDocument(group), version: group.version }
}

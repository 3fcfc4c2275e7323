import { z } from '@hono/zod-openapi'
import { parseId } from '../../domain/id.ts'
import { accept } from '../../domain/result.ts'
import { addGroupMember, listGroupMembers, removeGroupMember } from '../../management/groups.ts'
import { groupMemberDocument } from './schemas/documents.ts'
import { nameText } from './schemas/fields.ts'
import { pageDocument, pageOf, pageQuery, startFrom } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import { principalText } from './schemas/permission-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Groups'
const collection = '/organizations/{organization_id}/groups/{group_id}/members'
const item = `${collection}/{principal_id}` as const

const groupMemberSchema = z
  .strictObject({
    id: principalText,
    type: z.enum(['service_account', 'member']),
    name: nameText.nullable(),
  })
  .openapi('GroupMember', { description: 'A service account or a member as one of a group.' })

const list = route({
  operationId: 'listGroupMembers',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List who is in a group',
  query: z.strictObject(pageQuery),
  status: 200,
  answer: pageOf(groupMemberSchema),
  refusals: ['group_unknown'],
  handle: async (call) => {
    const start = startFrom(
      call,
      (text) => parseId('service_account', text) ?? parseId('member', text),
    )
    if (!start.ok) return start
    const { organization_id: organization, group_id: group } = call.params
    const asked = { start: start.value, limit: call.query.limit }
    const outcome = await listGroupMembers(call.ports, { organization, group }, asked)
    if (!outcome.ok) return outcome
    return accept({ body: pageDocument(call, outcome.value, groupMemberDocument) })
  },
})

const add = route({
  operationId: 'addGroupMember',
  method: 'put',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Put a principal into a group',
  description: 'It holds at once what the group holds. Who is in it already stays.',
  status: 204,
  answer: nothing,
  refusals: [
    'group_unknown',
    'principal_unknown',
    'groups_too_many',
    'members_too_many',
    'permission_not_held',
  ],
  handle: async ({ ports, act, params }) => {
    const outcome = await addGroupMember(ports, act, placeOf(params))
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

const remove = route({
  operationId: 'removeGroupMember',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Take a principal out of a group',
  description: 'It loses at once what it holds through the group.',
  status: 204,
  answer: nothing,
  refusals: ['group_unknown', 'member_unknown', 'authority_insufficient'],
  handle: async ({ ports, act, params }) => {
    const outcome = await removeGroupMember(ports, act, placeOf(params))
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const groupMemberRoutes: readonly ApiRoute[] = [list, add, remove]

function placeOf(params: Params<typeof item>) {
  const { organization_id: organization, group_id: group, principal_id: principal } = params
  return { organization, group, principal }
}

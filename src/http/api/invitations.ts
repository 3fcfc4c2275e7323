import { z } from '@hono/zod-openapi'
import { parseId } from '../../domain/id.ts'
import { accept, refuse } from '../../domain/result.ts'
import {
  createInvitation,
  invitationGroupsMax,
  invitationRolesMax,
  listInvitations,
  removeInvitation,
  showInvitation,
} from '../../management/invitations.ts'
import { idField } from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  emailField,
  emailFilter,
  invitationDocument,
  invitationMembers,
} from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Invitations'
const collection = '/organizations/{organization_id}/invitations'
const item = `${collection}/{invitation_id}` as const

const invitationSchema = z.strictObject(invitationMembers).openapi('Invitation')

const list = route({
  operationId: 'listInvitations',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List invitations',
  description: 'Those that nobody has accepted yet. One that has ended stays for a while.',
  query: z.strictObject({ ...pageQuery, email: emailFilter }),
  status: 200,
  answer: pageOf(invitationSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('invitation', call)
    if (!asked.ok) return asked
    const wanted = { ...asked.value, email: call.query.email }
    const page = await listInvitations(call.ports, call.params.organization_id, wanted)
    return accept({ body: pageDocument(call, page, invitationDocument) })
  },
})

const create = route({
  operationId: 'createInvitation',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Invite somebody',
  description:
    'The link is shown this once: hand it to whoever is invited. It is good for a day, once. A replay has `null` in its place.',
  body: z
    .strictObject({
      email: emailField,
      role_ids: z.array(idField('role')).max(invitationRolesMax).default([]),
      group_ids: z.array(idField('group')).max(invitationGroupsMax).default([]),
    })
    .openapi('InvitationCreation'),
  status: 201,
  answer: z
    .strictObject({ ...invitationMembers, link: z.string().nullable() })
    .openapi('CreatedInvitation'),
  refusals: [
    'role_unknown',
    'group_unknown',
    'permission_not_held',
    'member_exists',
    'invitation_exists',
    'invitations_too_many',
  ],
  inBody: ['role_unknown', 'group_unknown'],
  handle: async ({ ports, act, params, body }) => {
    const { email, role_ids: roles, group_ids: groups } = body
    const input = { organization: params.organization_id, email, roles, groups }
    const outcome = await createInvitation(ports, act, input)
    if (!outcome.ok) return outcome
    const { invitation, link } = outcome.value
    return accept({ body: { ...invitationDocument(invitation), link }, id: invitation.id })
  },
  replay: async ({ ports, params: { organization_id: organization } }, id) => {
    const invitation = parseId('invitation', id)
    if (invitation === undefined) return refuse({ reason: 'path_unknown' })
    const outcome = await showInvitation(ports, { organization, invitation })
    if (!outcome.ok) return outcome
    return accept({ body: { ...invitationDocument(outcome.value), link: null }, id })
  },
})

const show = route({
  operationId: 'showInvitation',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show an invitation',
  status: 200,
  answer: invitationSchema,
  refusals: ['invitation_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showInvitation(ports, placeOf(params))
    return outcome.ok ? accept({ body: invitationDocument(outcome.value) }) : outcome
  },
})

const remove = route({
  operationId: 'removeInvitation',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Withdraw an invitation',
  status: 204,
  answer: nothing,
  refusals: ['invitation_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await removeInvitation(ports, act, placeOf(params))
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const invitationRoutes: readonly ApiRoute[] = [list, create, show, remove]

type Place = Params<typeof item>

function placeOf({ organization_id: organization, invitation_id: invitation }: Place) {
  return { organization, invitation }
}

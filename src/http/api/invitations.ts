import { z } from '@hono/zod-openapi'
import { parseId } from '../../domain/id.ts'
import { decidePassword } from '../../domain/password.ts'
import { accept, refuse } from '../../domain/result.ts'
import { acceptInvitation, lookAtInvitation } from '../../management/invitation-acceptance.ts'
import {
  createInvitation,
  invitationGroupsMax,
  invitationRolesMax,
  listInvitations,
  removeInvitation,
  showInvitation,
} from '../../management/invitations.ts'
import { idField, momentText, nameField, nameText } from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  emailField,
  emailFilter,
  emailText,
  invitationDocument,
  invitationMembers,
  linkTokenField,
  memberDocument,
  memberSchema,
  passwordField,
} from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'
import { isoText } from '../../domain/time.ts'
import { passwordRefusals } from './setup.ts'

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

const look = route({
  operationId: 'lookAtInvitation',
  method: 'post',
  path: '/invitations/look',
  needs: 'nobody',
  tag,
  summary: 'Look at an invitation',
  description: 'What it is, for whoever has the link. It is not used up by it.',
  body: z.strictObject({ token: linkTokenField }),
  status: 200,
  answer: z.strictObject({
    email: emailText,
    organization_name: nameText,
    invited_by: z.string(),
    role_names: z.array(nameText),
    group_names: z.array(nameText),
    expires_at: momentText,
    sign_in_needed: z.boolean().openapi({
      description: 'Whether somebody has this email: then they sign in to accept.',
    }),
  }),
  refusals: ['link_unknown'],
  handle: async ({ ports, circumstances, body }) => {
    const outcome = await lookAtInvitation(ports, circumstances, body.token)
    if (!outcome.ok) return outcome
    const { invitation, organization, roles, groups, isKnown } = outcome.value
    return accept({
      body: {
        email: invitation.email,
        organization_name: organization,
        invited_by: invitation.createdBy.name,
        role_names: [...roles],
        group_names: [...groups],
        expires_at: isoText(invitation.expiresAt),
        sign_in_needed: isKnown,
      },
    })
  },
})

const accepting = route({
  operationId: 'acceptInvitation',
  method: 'post',
  path: '/invitations/accept',
  needs: 'nobody',
  tag,
  summary: 'Accept an invitation',
  description:
    'Somebody new gives a name and a password; whoever is known is signed in, and gives neither.',
  body: z.strictObject({
    token: linkTokenField,
    name: nameField.optional(),
    password: passwordField.optional(),
  }),
  status: 201,
  answer: memberSchema,
  refusals: [
    'link_unknown',
    'invitation_lapsed',
    'invitation_of_another',
    'sign_in_needed',
    'session_needed',
    'member_exists',
    ...passwordRefusals,
  ],
  handle: async ({ ports, act, circumstances, body: { token, name, password: chosen } }) => {
    if (name === undefined || chosen === undefined) {
      if (act === undefined) return refuse({ reason: 'sign_in_needed' })
      const known = await acceptInvitation(ports, circumstances, { token, by: act.actor })
      return known.ok ? accept({ body: memberDocument(known.value) }) : known
    }
    const password = decidePassword(chosen)
    if (!password.ok) return password
    const by = { name, password: password.value }
    const outcome = await acceptInvitation(ports, circumstances, { token, by })
    return outcome.ok ? accept({ body: memberDocument(outcome.value) }) : outcome
  },
})

export const invitationRoutes: readonly ApiRoute[] = [list, create, show, remove, look, accepting]

type Place = Params<typeof item>

function placeOf({ organization_id: organization, invitation_id: invitation }: Place) {
  return { organization, invitation }
}

import { z } from '@hono/zod-openapi'
import { accept, refuse } from '../../domain/result.ts'
import { isoText } from '../../domain/time.ts'
import { listMembers, removeMember, showMember } from '../../management/members.ts'
import { createRecoveryLink, showRecoveryLink } from '../../management/recovery.ts'
import { whyTooOld } from '../../management/totp.ts'
import { momentText } from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import { emailFilter, memberDocument, memberSchema } from './schemas/people-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Members'
const collection = '/organizations/{organization_id}/members'
const item = `${collection}/{member_id}` as const

const list = route({
  operationId: 'listMembers',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List members',
  description: 'In the order in which they came in.',
  query: z.strictObject({ ...pageQuery, email: emailFilter }),
  status: 200,
  answer: pageOf(memberSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('member', call)
    if (!asked.ok) return asked
    const wanted = { ...asked.value, email: call.query.email }
    const page = await listMembers(call.ports, call.params.organization_id, wanted)
    return accept({ body: pageDocument(call, page, memberDocument) })
  },
})

const show = route({
  operationId: 'showMember',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a member',
  status: 200,
  answer: memberSchema,
  refusals: ['membership_unknown'],
  handle: async ({ ports, params }) => {
    const member = await showMember(ports, placeOf(params))
    return member.ok ? accept({ body: memberDocument(member.value) }) : member
  },
})

const remove = route({
  operationId: 'removeMember',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove a member',
  description:
    'Their sessions and application keys end at once. What they made goes on: a service account is nobody’s.',
  status: 204,
  answer: nothing,
  refusals: ['membership_unknown', 'authority_insufficient', 'last_owner'],
  handle: async ({ ports, act, params }) => {
    const outcome = await removeMember(ports, act, placeOf(params))
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

const recoveryLink = route({
  operationId: 'createRecoveryLink',
  method: 'post',
  path: `${item}/recovery-link`,
  needs: 'permission',
  tag,
  summary: 'Help a member who cannot sign in',
  description:
    'Makes a link by which they choose a new password; it is shown this once (a replay has `null` in its place), and replaces the one before. Takes all that the member holds; for somebody in several organizations, an operator; and a person who has signed in a moment ago: no token makes one.',
  status: 201,
  answer: z
    .strictObject({ link: z.string().nullable(), expires_at: momentText })
    .openapi('CreatedLink'),
  refusals: [
    'membership_unknown',
    'permission_not_held',
    'operator_needed',
    'link_unknown',
    'recovery_of_oneself',
    'sign_in_too_old',
  ],
  handle: async ({ ports, act, params, signedIn }) => {
    const tooOld = signedIn && whyTooOld(signedIn.session, act.at)
    if (tooOld) return refuse(tooOld)
    const outcome = await createRecoveryLink(ports, act, placeOf(params))
    if (!outcome.ok) return outcome
    const { link, expiresAt } = outcome.value
    return accept({ body: { link, expires_at: isoText(expiresAt) } })
  },
  replay: async ({ ports, act, params }) => {
    const outcome = await showRecoveryLink(ports, placeOf(params), act.at)
    if (!outcome.ok) return outcome
    return accept({ body: { link: null, expires_at: isoText(outcome.value.expiresAt) } })
  },
})

export const memberRoutes: readonly ApiRoute[] = [list, show, remove, recoveryLink]

function placeOf({ organization_id: organization, member_id: member }: Params<typeof item>) {
  return { organization, member }
}

import { z } from '@hono/zod-openapi'
import type { AudienceApproval } from '../../domain/audience-approval.ts'
import { accept } from '../../domain/result.ts'
import {
  approveAudience,
  listAudienceApprovals,
  showAudienceApproval,
  withdrawAudienceApproval,
} from '../../management/audience-approvals.ts'
import { created } from './schemas/documents.ts'
import { createdMembers, idField, idText } from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import { audienceField, audienceText } from './schemas/permission-fields.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Audience approvals'
const collection = '/audience-approvals'
const item = `${collection}/{audience_approval_id}` as const

const audienceApprovalSchema = z
  .strictObject({
    id: idText('audience_approval'),
    organization_id: idText('organization'),
    audience: audienceText,
    ...createdMembers,
  })
  .openapi('AudienceApproval', {
    description:
      'That an organization may register an audience outside its own part of the issuer.',
  })

const creation = z
  .strictObject({ organization_id: idField('organization'), audience: audienceField })
  .openapi('AudienceApprovalCreation')

const list = route({
  operationId: 'listAudienceApprovals',
  method: 'get',
  path: collection,
  needs: 'operator',
  tag,
  summary: 'List approvals of audiences',
  query: z.strictObject(pageQuery),
  status: 200,
  answer: pageOf(audienceApprovalSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('audience_approval', call)
    if (!asked.ok) return asked
    const page = await listAudienceApprovals(call.ports, asked.value)
    return accept({ body: pageDocument(call, page, audienceApprovalDocument) })
  },
})

const show = route({
  operationId: 'showAudienceApproval',
  method: 'get',
  path: item,
  needs: 'operator',
  tag,
  summary: 'Show an approval of an audience',
  status: 200,
  answer: audienceApprovalSchema,
  refusals: ['audience_approval_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showAudienceApproval(ports, params.audience_approval_id)
    return outcome.ok ? accept({ body: audienceApprovalDocument(outcome.value) }) : outcome
  },
})

const approve = route({
  operationId: 'approveAudience',
  method: 'post',
  path: collection,
  needs: 'operator',
  tag,
  summary: 'Approve an audience',
  description: 'What is approved already is answered as it is.',
  body: creation,
  status: 201,
  answer: audienceApprovalSchema,
  refusals: ['organization_unknown', 'audience_reserved'],
  inBody: ['organization_unknown'],
  handle: async ({ ports, act, body: { organization_id: organization, audience } }) => {
    const outcome = await approveAudience(ports, act, { organization, audience })
    if (!outcome.ok) return outcome
    return accept({ body: audienceApprovalDocument(outcome.value), id: outcome.value.id })
  },
  replay: show,
})

const withdraw = route({
  operationId: 'withdrawAudienceApproval',
  method: 'delete',
  path: item,
  needs: 'operator',
  tag,
  summary: 'Withdraw an approval of an audience',
  description: 'An API that was registered by it stays: whoever wants it gone removes it.',
  status: 204,
  answer: nothing,
  refusals: ['audience_approval_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await withdrawAudienceApproval(ports, act, params.audience_approval_id)
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const audienceApprovalRoutes: readonly ApiRoute[] = [list, approve, show, withdraw]

function audienceApprovalDocument(approval: AudienceApproval) {
  const { id, organization, audience } = approval
  return { id, organization_id: organization, audience, ...created(approval) }
}

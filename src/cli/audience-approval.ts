import { accept } from '../domain/result.ts'
import { createdText, moreText } from './answer-text.ts'
import type { AudienceApprovalAnswer } from './answers.ts'
import { audienceApprovalAnswer, pageOf } from './answers.ts'
import type { ApiClient } from './api-client.ts'
import type { HouseDesk, Outcome } from './command.ts'
import { houseCommand, inOrganization } from './command.ts'
import { directApi } from './direct-api.ts'
import { audienceField, idField } from './fields.ts'
import { findOrganization } from './find.ts'
import { required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { facts, table, underHeadline } from './print.ts'

const path = ['audience-approvals']

const create = houseCommand({
  verb: 'create',
  summary: 'Let an organization register an API by this audience',
  notes: [
    'Below <issuer>/o/<organization id>/ an organization needs no approval, nor anywhere while it is the only one of the server. What is approved already stays as it is.',
  ],
  arguments: { audience: required(audienceField, 'An absolute URI') },
  options: inOrganization,
  examples: ['audience-approval create https://orders.example.com --organization Acme'],
  run: async (desk, { audience, organization: text }) =>
    withApi(desk, async (api) => {
      const found = await findOrganization(api, text)
      if (!found.ok) return found
      const { id, name } = found.value
      const call = { method: 'POST', path, body: { organization_id: id, audience } } as const
      const approved = await api.ask(call, audienceApprovalAnswer)
      if (!approved.ok) return approved
      const headline = `The organization "${name}" may register ${audience}.`
      return accept({
        document: approved.value,
        text: underHeadline(headline, shown(approved.value)),
      })
    }),
})

const list = houseCommand({
  verb: 'list',
  summary: 'List the approvals, of all organizations',
  arguments: {},
  options: listInputs,
  run: async (desk, given) =>
    withApi(desk, async (api) => {
      const call = { method: 'GET', path, query: pageQuery(given) } as const
      const page = await api.ask(call, pageOf(audienceApprovalAnswer))
      if (!page.ok) return page
      const rows = page.value.items.map((one) => [one.audience, one.organization_id, one.id])
      const text = table(['AUDIENCE', 'ORGANIZATION', 'ID'], rows) + moreText(page.value)
      return accept({ document: page.value, text })
    }),
})

const remove = houseCommand({
  verb: 'remove',
  summary: 'Withdraw an approval',
  notes: ['An API that was registered by it stays: api remove takes it away.'],
  arguments: { approval: required(idField('audience_approval'), 'Its id') },
  options: {},
  asksFirst: true,
  run: async (desk, { approval }) =>
    withApi(desk, async (api) => {
      const item = [...path, approval]
      const found = await api.ask({ method: 'GET', path: item }, audienceApprovalAnswer)
      if (!found.ok) return found
      const { audience, organization_id: organization } = found.value
      const consequence = `This withdraws the approval of ${audience} for ${organization}.\nAn API that is registered by it stays.`
      const confirmed = await desk.confirm(consequence)
      if (!confirmed.ok) return confirmed
      const removed = await api.tell({ method: 'DELETE', path: item })
      if (!removed.ok) return removed
      return accept({ document: found.value, text: `Withdrew the approval of ${audience}.\n` })
    }),
})

export const audienceApprovalCommands = [create, list, remove]

/** Approvals take an operator: over HTTP one who is signed in, and so no client from afar. */
async function withApi({ house }: HouseDesk, work: (api: ApiClient) => Outcome): Outcome {
  const api = await directApi(house)
  return api.ok ? work(api.value) : api
}

function shown(approval: AudienceApprovalAnswer): string {
  return facts([
    ['audience', approval.audience],
    ['organization', approval.organization_id],
    ['id', approval.id],
    ['created', createdText(approval)],
  ])
}

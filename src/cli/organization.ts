import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { createdText, moreText } from './answer-text.ts'
import type { OrganizationAnswer } from './answers.ts'
import { organizationAnswer, pageOf } from './answers.ts'
import type { Desk, Outcome } from './command.ts'
import { serverCommand } from './command.ts'
import { nameField, reference } from './fields.ts'
import { findApi, findOrganization } from './find.ts'
import type { Field } from './inputs.ts'
import { optional, required } from './inputs.ts'
import { listInputs, pageQuery } from './list-inputs.ts'
import { facts, table, underHeadline } from './print.ts'
import type { CommandRefusal } from './refusal-text.ts'

const which = { organization: required(reference('organization'), 'Its name or id') }

/** `null` for no default audience. */
const apiOrNoneField: Field<string | null> = {
  placeholder: '<api|none>',
  accepts: 'an API or none',
  parse: (text) => (text === 'none' ? null : text),
}

export const organizationCommands = [
  serverCommand({
    verb: 'create',
    summary: 'Create a tenant, with the built-in roles of the management API',
    arguments: { name: required(nameField, 'Unique in the whole server') },
    options: {},
    examples: ['organization create Acme'],
    run: async ({ api }, body) => {
      const call = { method: 'POST', path: ['organizations'], body } as const
      const created = await api.ask(call, organizationAnswer)
      return created.ok ? told(created.value, `Created the ${named(created.value)}.`) : created
    },
  }),
  serverCommand({
    verb: 'list',
    summary: 'List the tenants of this server',
    arguments: {},
    options: listInputs,
    run: async ({ api }, given) => {
      const call = { method: 'GET', path: ['organizations'], query: pageQuery(given) } as const
      const page = await api.ask(call, pageOf(organizationAnswer))
      if (!page.ok) return page
      const rows = page.value.items.map((one) => [one.name, one.id, stateOf(one)])
      return accept({
        document: page.value,
        text: table(['NAME', 'ID', 'STATE'], rows) + moreText(page.value),
      })
    },
  }),
  serverCommand({
    verb: 'show',
    summary: 'Show one tenant',
    arguments: which,
    options: {},
    run: async ({ api }, { organization: text }) => {
      const found = await findOrganization(api, text)
      return found.ok ? told(found.value, '') : found
    },
  }),
  serverCommand({
    verb: 'change',
    summary: 'Change its name or its default audience',
    notes: ['The default audience is the API of a token request that names none.'],
    arguments: which,
    changes: ['name', 'defaultApi'],
    options: {
      name: optional(nameField, 'Its new name'),
      defaultApi: optional(apiOrNoneField, 'One of its own APIs'),
    },
    examples: ['organization change Acme --default-api Orders'],
    run: async (desk, { organization: text, name, defaultApi }) => {
      const found = await findOrganization(desk.api, text)
      if (!found.ok) return found
      const chosen = await audienceOf(desk, found.value, defaultApi)
      if (!chosen.ok) return chosen
      const changed = await changeTo(desk, found.value, { name, default_audience: chosen.value })
      return changed.ok ? told(changed.value, `Changed the ${named(changed.value)}.`) : changed
    },
  }),
  serverCommand({
    verb: 'disable',
    summary: 'Give its accounts no more tokens, until it is enabled',
    arguments: which,
    options: {},
    asksFirst: true,
    run: async (desk, { organization: text }) => {
      const found = await findOrganization(desk.api, text)
      if (!found.ok) return found
      const consequence = `This stops the ${named(found.value)} (${found.value.id}) as a whole, until it is enabled:\nits accounts and application keys get no more tokens, and its members may do nothing in it.`
      const confirmed = await desk.confirm(consequence)
      return confirmed.ok ? turnTo(desk, found.value, false) : confirmed
    },
  }),
  serverCommand({
    verb: 'enable',
    summary: 'Undo disable',
    arguments: which,
    options: {},
    run: async (desk, { organization }) => {
      const found = await findOrganization(desk.api, organization)
      return found.ok ? turnTo(desk, found.value, true) : found
    },
  }),
]

async function audienceOf(
  { api }: Desk,
  { id }: OrganizationAnswer,
  text: string | null | undefined,
): Promise<Result<string | null | undefined, CommandRefusal>> {
  if (typeof text !== 'string') return accept(text)
  const inside = (...path: readonly string[]) => ['organizations', id, ...path]
  const found = await findApi({ api, inside }, text)
  return found.ok ? accept(found.value.audience) : found
}

async function changeTo(
  { api }: Desk,
  { id }: OrganizationAnswer,
  body: Readonly<Record<string, unknown>>,
) {
  return api.ask({ method: 'PATCH', path: ['organizations', id], body }, organizationAnswer)
}

async function turnTo(desk: Desk, found: OrganizationAnswer, enabled: boolean): Outcome {
  const changed = await changeTo(desk, found, { enabled })
  if (!changed.ok) return changed
  return told(changed.value, `The ${named(changed.value)} is ${stateOf(changed.value)}.`)
}

async function told(organization: OrganizationAnswer, headline: string): Outcome {
  const shown = facts([
    ['name', organization.name],
    ['id', organization.id],
    ['state', stateOf(organization)],
    ['default audience', organization.default_audience ?? 'none'],
    ['created', createdText(organization)],
  ])
  return accept({ document: organization, text: underHeadline(headline, shown) })
}

function named({ name }: OrganizationAnswer): string {
  return `organization "${name}"`
}

function stateOf({ enabled }: OrganizationAnswer): string {
  return enabled ? 'enabled' : 'disabled'
}

import type { Audience } from '../domain/api.ts'
import type { OrganizationId } from '../domain/id.ts'
import type { Organization } from '../domain/organization.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import {
  changeOrganization,
  createOrganization,
  disableOrganization,
  enableOrganization,
  listOrganizations,
} from '../management/organizations.ts'
import type { CommandHouse } from './command-house.ts'
import type { Desk, Outcome } from './command.ts'
import { serverCommand } from './command.ts'
import { organizationDocument } from '../http/api/documents.ts'
import { pageDocument } from './page-document.ts'
import { idField, nameField, reference } from './fields.ts'
import type { Field } from './inputs.ts'
import { optional, required } from './inputs.ts'
import { createdText, facts, moreText, table, underHeadline } from './print.ts'
import { findApi, findOrganization } from './references.ts'
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
    summary: 'Create a tenant, with the management API and its roles Owner, Member manager, Viewer',
    arguments: { name: required(nameField, 'Unique in the whole server') },
    options: {},
    examples: ['organization create Acme'],
    run: async ({ house, act }, { name }) => {
      const outcome = await createOrganization(house, act, { name })
      return outcome.ok ? told(outcome.value, `Created the ${named(outcome.value)}.`) : outcome
    },
  }),
  serverCommand({
    verb: 'list',
    summary: 'List the tenants of this server',
    arguments: {},
    options: { after: optional(idField('organization'), 'Begin after this one') },
    run: async ({ house }, { after }) => {
      const page = await listOrganizations(house, { start: after })
      const rows = page.items.map((one) => [one.name, one.id, stateOf(one)])
      return accept({
        document: pageDocument('organizations', page, organizationDocument),
        text: table(['NAME', 'ID', 'STATE'], rows) + moreText(page.next),
      })
    },
  }),
  serverCommand({
    verb: 'show',
    summary: 'Show one tenant',
    arguments: which,
    options: {},
    run: async ({ house }, { organization: text }) => {
      const found = await findOrganization(house, text)
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
    run: async ({ house, act }, { organization: text, name, defaultApi }) => {
      const found = await findOrganization(house, text)
      if (!found.ok) return found
      const { id: organization } = found.value
      const chosen = await audienceOf(house, organization, defaultApi)
      if (!chosen.ok) return chosen
      const change = { organization, name, defaultAudience: chosen.value }
      const outcome = await changeOrganization(house, act, change)
      return outcome.ok ? told(outcome.value, `Changed the ${named(outcome.value)}.`) : outcome
    },
  }),
  serverCommand({
    verb: 'disable',
    summary: 'Give its accounts no more tokens, until it is enabled',
    arguments: which,
    options: {},
    run: async (desk, { organization }) => turn(desk, organization, disableOrganization),
  }),
  serverCommand({
    verb: 'enable',
    summary: 'Undo disable',
    arguments: which,
    options: {},
    run: async (desk, { organization }) => turn(desk, organization, enableOrganization),
  }),
]

async function audienceOf(
  house: CommandHouse,
  organization: OrganizationId,
  api: string | null | undefined,
): Promise<Result<Audience | null | undefined, CommandRefusal>> {
  if (typeof api !== 'string') return accept(api)
  const found = await findApi(house, organization, api)
  return found.ok ? accept(found.value.audience) : found
}

async function turn({ house, act }: Desk, text: string, verb: typeof enableOrganization): Outcome {
  const found = await findOrganization(house, text)
  if (!found.ok) return found
  const outcome = await verb(house, act, found.value.id)
  if (!outcome.ok) return outcome
  return told(outcome.value, `The ${named(outcome.value)} is ${stateOf(outcome.value)}.`)
}

async function told(organization: Organization, headline: string): Outcome {
  const shown = facts([
    ['name', organization.name],
    ['id', organization.id],
    ['state', stateOf(organization)],
    ['default audience', organization.defaultAudience ?? 'none'],
    ['created', createdText(organization)],
  ])
  return accept({
    document: organizationDocument(organization),
    text: underHeadline(headline, shown),
  })
}

function named({ name }: Organization): string {
  return `organization "${name}"`
}

function stateOf({ enabled }: Organization): string {
  return enabled ? 'enabled' : 'disabled'
}

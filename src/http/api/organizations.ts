import { z } from '@hono/zod-openapi'
import type { Actor } from '../../domain/audit.ts'
import { isOperator } from '../../domain/authority.ts'
import { unreachable } from '../../domain/brand.ts'
import type { OrganizationId, PersonId } from '../../domain/id.ts'
import type { Organization } from '../../domain/organization.ts'
import { accept } from '../../domain/result.ts'
import {
  changeOrganization,
  createOrganization,
  listOrganizations,
  showOrganization,
} from '../../management/organizations.ts'
import { organizationDocument } from './schemas/documents.ts'
import {
  createdMembers,
  enabledField,
  idText,
  nameField,
  nameFilter,
  nameText,
} from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import { audienceField, audienceText } from './schemas/permission-fields.ts'
import type { ApiRoute, Changing } from './route.ts'
import { route } from './route.ts'

const tag = 'Organizations'
const collection = '/organizations'
const item = `${collection}/{organization_id}` as const

const organizationSchema = z
  .strictObject({
    id: idText('organization'),
    name: nameText,
    enabled: z.boolean(),
    default_audience: audienceText.nullable(),
    ...createdMembers,
  })
  .openapi('Organization', {
    description: 'A tenant. Everything but people, operators and signing keys belongs to one.',
  })

const creation = z.strictObject({ name: nameField }).openapi('OrganizationCreation')

const defaultAudienceField = audienceField.nullable().openapi({
  description: 'The audience of a token request that names none: one of its own APIs.',
})

const replacement = z
  .strictObject({
    name: nameField,
    default_audience: defaultAudienceField.default(null),
    enabled: enabledField.optional(),
  })
  .openapi('OrganizationReplacement')

const change = z
  .strictObject({
    name: nameField.optional(),
    default_audience: defaultAudienceField.optional(),
    enabled: enabledField.optional(),
  })
  .openapi('OrganizationChange')

const list = route({
  operationId: 'listOrganizations',
  method: 'get',
  path: collection,
  needs: 'authenticated',
  tag,
  summary: 'List organizations',
  description: 'Those that one belongs to; operators see all.',
  query: z.strictObject({ ...pageQuery, name: nameFilter }),
  status: 200,
  answer: pageOf(organizationSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('organization', call)
    if (!asked.ok) return asked
    const wanted = { ...asked.value, name: call.query.name, ...visibleTo(call.act.actor) }
    const page = await listOrganizations(call.ports, wanted)
    return accept({ body: pageDocument(call, page, organizationDocument) })
  },
})

const show = route({
  operationId: 'showOrganization',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show an organization',
  status: 200,
  answer: organizationSchema,
  versioned: true,
  refusals: [],
  handle: async ({ ports, params }) => {
    const outcome = await showOrganization(ports, params.organization_id)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createOrganization',
  method: 'post',
  path: collection,
  needs: 'operator',
  tag,
  summary: 'Create an organization',
  description: 'With the management API and the built-in roles. Invite its first Owner next.',
  body: creation,
  status: 201,
  answer: organizationSchema,
  versioned: true,
  refusals: ['organization_name_taken'],
  handle: async ({ ports, act, body }) => {
    const outcome = await createOrganization(ports, act, body)
    return outcome.ok ? accept({ ...shown(outcome.value), id: outcome.value.id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: organizationSchema,
  versioned: true,
  refusals: [
    'version_mismatched',
    'organization_name_taken',
    'audience_unknown',
    'api_built_in',
    'operator_needed',
  ],
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const { default_audience: defaultAudience, ...rest } = body
    const input = { organization: params.organization_id, ...rest, defaultAudience, ifMatch }
    const outcome = await changeOrganization(ports, act, input)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeOrganization',
  method: 'patch',
  summary: 'Change an organization',
  description:
    'Only what is given changes. A name may be that of another organization; an operator is told so and refused. Operators alone disable and enable; its clients get no tokens then.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceOrganization',
  method: 'put',
  summary: 'Replace an organization',
  description:
    'Name and default audience become as given. Whether it is enabled changes only if that is said.',
  body: replacement,
})

export const organizationRoutes: readonly ApiRoute[] = [list, create, show, patch, put]

/** Operators see all organizations, people those they are in, and principals the one they belong to. */
function visibleTo(actor: Actor): {
  readonly id?: OrganizationId
  readonly person?: PersonId
} {
  switch (actor.type) {
    case 'operator':
    case 'server':
      return {}
    case 'person':
      return isOperator(actor) ? {} : { person: actor.id }
    case 'link_holder':
      return { person: actor.id }
    case 'member':
    case 'service_account':
      return { id: actor.organization }
    default:
      return unreachable(actor)
  }
}

function shown(organization: Organization) {
  return { body: organizationDocument(organization), version: organization.version }
}

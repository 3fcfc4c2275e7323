import { z } from '@hono/zod-openapi'
import { accept } from '../../domain/result.ts'
import type { ServiceAccount } from '../../domain/service-account.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  listServiceAccounts,
  removeServiceAccount,
  showServiceAccount,
} from '../../management/service-accounts.ts'
import { accountDocument } from './schemas/documents.ts'
import {
  booleanFilter,
  createdMembers,
  descriptionField,
  descriptionText,
  enabledField,
  endField,
  idField,
  idText,
  momentText,
  nameField,
  nameFilter,
  nameText,
  resourceField,
  tokenLifetimeField,
  tokenLifetimeSeconds,
} from './schemas/fields.ts'
import { pageDocument, pageOf, pageQuery, pageAsked } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Service accounts'
const atCreationMax = 100
const collection = '/organizations/{organization_id}/service-accounts'
const item = `${collection}/{service_account_id}` as const

const serviceAccountSchema = z
  .strictObject({
    id: idText('service_account'),
    client_id: idText('service_account'),
    organization_id: idText('organization'),
    name: nameText,
    description: descriptionText,
    enabled: z.boolean(),
    expires_at: momentText.nullable(),
    token_lifetime_seconds: tokenLifetimeSeconds.nullable(),
    ...createdMembers,
  })
  .openapi('ServiceAccount', {
    description: 'An identity of its own, tied to no person. Its id is its client ID.',
  })

const nameRefusals = ['service_account_name_taken', 'expiry_past'] as const
const givenRefusals = [
  'role_unknown',
  'group_unknown',
  'binding_exists',
  'bindings_too_many',
  'groups_too_many',
  'members_too_many',
  'permission_not_held',
] as const
const changeRefusals = [
  'service_account_unknown',
  'version_mismatched',
  ...nameRefusals,
  'permission_not_held',
] as const

const grantedRole = z.strictObject({
  role_id: idField('role'),
  resource: resourceField.default(null),
  expires_at: endField.default(null),
})

const creation = z
  .strictObject({
    name: nameField,
    description: descriptionField.prefault(''),
    enabled: enabledField.default(true),
    expires_at: endField.default(null),
    token_lifetime_seconds: tokenLifetimeField.default(null),
    group_ids: z
      .array(idField('group'))
      .max(atCreationMax)
      .default([])
      .openapi({ description: 'The groups it is in from the first second on.' }),
    roles: z
      .array(grantedRole)
      .max(atCreationMax)
      .default([])
      .openapi({ description: 'The roles it holds from the first second on.' }),
  })
  .openapi('ServiceAccountCreation')

const replacement = z
  .strictObject({
    name: nameField,
    description: descriptionField.prefault(''),
    enabled: enabledField.default(true),
    expires_at: endField.default(null),
    token_lifetime_seconds: tokenLifetimeField.default(null),
  })
  .openapi('ServiceAccountReplacement')

const change = z
  .strictObject({
    name: nameField.optional(),
    description: descriptionField.optional(),
    enabled: enabledField.optional(),
    expires_at: endField.optional(),
    token_lifetime_seconds: tokenLifetimeField.optional(),
  })
  .openapi('ServiceAccountChange')

const list = route({
  operationId: 'listServiceAccounts',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List service accounts',
  description: 'In the order in which they were made.',
  query: z.strictObject({ ...pageQuery, name: nameFilter, enabled: booleanFilter.optional() }),
  status: 200,
  answer: pageOf(serviceAccountSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('service_account', call)
    if (!asked.ok) return asked
    const { name, enabled } = call.query
    const filtered = { ...asked.value, name, enabled }
    const page = await listServiceAccounts(call.ports, call.params.organization_id, filtered)
    return accept({ body: pageDocument(call, page, accountDocument) })
  },
})

const show = route({
  operationId: 'showServiceAccount',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a service account',
  status: 200,
  answer: serviceAccountSchema,
  versioned: true,
  refusals: ['service_account_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showServiceAccount(ports, placeOf(params))
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createServiceAccount',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Create a service account',
  description:
    'Together with its groups and roles, or not at all. It has no credential yet, and so no secret.',
  body: creation,
  status: 201,
  answer: serviceAccountSchema,
  versioned: true,
  refusals: [...nameRefusals, ...givenRefusals],
  inBody: ['role_unknown', 'group_unknown'],
  handle: async ({ ports, act, params, body }) => {
    const outcome = await createServiceAccount(ports, act, {
      organization: params.organization_id,
      name: body.name,
      description: body.description,
      enabled: body.enabled,
      expiresAt: body.expires_at ?? undefined,
      tokenLifetime: body.token_lifetime_seconds ?? undefined,
      groups: body.group_ids,
      roles: body.roles.map(({ role_id: role, resource, expires_at: expiresAt }) => ({
        role,
        resource: resource ?? undefined,
        expiresAt: expiresAt ?? undefined,
      })),
    })
    return outcome.ok ? accept({ ...shown(outcome.value), id: outcome.value.id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: serviceAccountSchema,
  versioned: true,
  refusals: changeRefusals,
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const { expires_at: expiresAt, token_lifetime_seconds: tokenLifetime, ...rest } = body
    const input = { ...placeOf(params), ...rest, expiresAt, tokenLifetime, ifMatch }
    const outcome = await changeServiceAccount(ports, act, input)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeServiceAccount',
  method: 'patch',
  summary: 'Change a service account',
  description: 'Only what is given changes. Disabled, it gets no tokens; its credentials stay.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceServiceAccount',
  method: 'put',
  summary: 'Replace a service account',
  description: 'Everything that can be changed becomes as given; what is left out, as at first.',
  body: replacement,
})

const remove = route({
  operationId: 'removeServiceAccount',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove a service account',
  description:
    'For good, with its credentials, memberships and granted roles: its secrets fail at once.',
  status: 204,
  answer: nothing,
  refusals: ['service_account_unknown', 'version_mismatched', 'authority_insufficient'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeServiceAccount(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const serviceAccountRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

type Place = Params<typeof item>

function placeOf({ organization_id: organization, service_account_id: account }: Place) {
  return { organization, account }
}

function shown(account: ServiceAccount) {
  return { body: accountDocument(account), version: account.version }
}

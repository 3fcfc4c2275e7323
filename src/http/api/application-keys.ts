import { z } from '@hono/zod-openapi'
import type { ApplicationKey } from '../../domain/application-key.ts'
import type { MemberId, OrganizationId } from '../../domain/id.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import {
  applicationKeysMax,
  changeApplicationKey,
  createApplicationKey,
  listApplicationKeys,
  removeApplicationKey,
  showApplicationKey,
} from '../../management/application-keys.ts'
import type { Act, ConcernRefusal } from '../../management/ports.ts'
import { applicationKeyDocument } from './schemas/documents.ts'
import {
  createdMembers,
  descriptionField,
  descriptionText,
  enabledField,
  endField,
  idText,
  momentText,
} from './schemas/fields.ts'
import type { Params } from './edge/path-parameters.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Application keys'
const collection = '/organizations/{organization_id}/application-keys'
const item = `${collection}/{application_key_id}` as const

const members = {
  id: idText('application_key'),
  client_id: idText('application_key'),
  organization_id: idText('organization'),
  description: descriptionText,
  handle: z.string().openapi({
    description: 'The public part of the secret, by which a leaked one is recognised.',
  }),
  enabled: z.boolean(),
  expires_at: momentText.nullable(),
  ...createdMembers,
}

const applicationKeySchema = z.strictObject(members).openapi('ApplicationKey', {
  description:
    'Client ID and secret of a member, for programs that act as that member at the APIs that take them.',
})

const createdApplicationKeySchema = z
  .strictObject({
    ...members,
    client_secret: z
      .string()
      .optional()
      .openapi({ description: 'Shown in this one answer and never again.' }),
    client_secret_expires_at: z
      .int()
      .min(0)
      .optional()
      .openapi({ description: 'Seconds since 1970; 0 is never. RFC 7591 §3.2.1.' }),
  })
  .openapi('CreatedApplicationKey')

const whole = { description: descriptionField.prefault(''), expires_at: endField.default(null) }

const change = z
  .strictObject({
    description: descriptionField.optional(),
    expires_at: endField.optional(),
    enabled: enabledField.optional(),
  })
  .openapi('ApplicationKeyChange')

const list = route({
  operationId: 'listApplicationKeys',
  method: 'get',
  path: collection,
  needs: 'authenticated',
  tag,
  summary: 'List your application keys',
  description: 'The oldest first. Your own alone: nobody sees those of anybody else.',
  status: 200,
  answer: z.strictObject({
    items: z.array(applicationKeySchema).max(applicationKeysMax),
    next_cursor: z.null(),
  }),
  refusals: [],
  handle: async ({ ports, act, params: { organization_id: organization } }) => {
    const owner = ownerIn(act, organization)
    const outcome = owner.ok ? await listApplicationKeys(ports, act, owner.value) : owner
    const keys = outcome.ok ? outcome.value : []
    return accept({ body: { items: keys.map(applicationKeyDocument), next_cursor: null } })
  },
})

const show = route({
  operationId: 'showApplicationKey',
  method: 'get',
  path: item,
  needs: 'authenticated',
  tag,
  summary: 'Show an application key of yours',
  status: 200,
  answer: applicationKeySchema,
  versioned: true,
  refusals: ['application_key_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await showApplicationKey(ports, act, placeOf(params))
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createApplicationKey',
  method: 'post',
  path: collection,
  needs: 'session',
  tag,
  summary: 'Create an application key',
  description:
    'Of your own. It may do what you may, at the APIs that take such keys, and ends with your membership.',
  body: z.strictObject(whole).openapi('ApplicationKeyCreation'),
  status: 201,
  answer: createdApplicationKeySchema,
  versioned: true,
  refusals: ['principal_unknown', 'application_keys_too_many', 'expiry_past'],
  handle: async ({ ports, act, params, body: { description, expires_at: expiresAt } }) => {
    const owner = ownerIn(act, params.organization_id)
    if (!owner.ok) return owner
    const input = { ...owner.value, description, expiresAt: expiresAt ?? undefined }
    const outcome = await createApplicationKey(ports, act, input)
    if (!outcome.ok) return outcome
    const { key, secret } = outcome.value
    const { body, version } = shown(key)
    const proof = { client_secret: secret, client_secret_expires_at: key.expiresAt ?? 0 }
    return accept({ body: { ...body, ...proof }, version, id: key.id })
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'session',
  tag,
  status: 200,
  answer: applicationKeySchema,
  versioned: true,
  refusals: ['application_key_unknown', 'principal_unknown', 'version_mismatched', 'expiry_past'],
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const { expires_at: expiresAt, ...rest } = body
    const input = { ...placeOf(params), ...rest, expiresAt, ifMatch }
    const outcome = await changeApplicationKey(ports, act, input)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeApplicationKey',
  method: 'patch',
  summary: 'Change an application key of yours',
  description: 'Only what is given changes. Disabled, it is refused as a proof.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceApplicationKey',
  method: 'put',
  summary: 'Replace what can be changed of an application key of yours',
  description: 'The secret stays: another secret is another key.',
  body: z
    .strictObject({ ...whole, enabled: enabledField.default(true) })
    .openapi('ApplicationKeyReplacement'),
})

const remove = route({
  operationId: 'removeApplicationKey',
  method: 'delete',
  path: item,
  needs: 'session',
  tag,
  summary: 'Remove an application key of yours',
  description: 'For good; it fails at once.',
  status: 204,
  answer: nothing,
  refusals: ['application_key_unknown', 'principal_unknown', 'version_mismatched'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeApplicationKey(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const applicationKeyRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

type Owner = { readonly organization: OrganizationId; readonly member: MemberId }

/** Only members have keys: an operator who is none has no place for one here, and no account does. */
function ownerIn({ actor }: Act, organization: OrganizationId): Result<Owner, ConcernRefusal> {
  return actor.type === 'member'
    ? accept({ organization, member: actor.id })
    : refuse({ reason: 'organization_unknown', organization })
}

function placeOf(params: Params<typeof item>) {
  return { organization: params.organization_id, applicationKey: params.application_key_id }
}

function shown(key: ApplicationKey) {
  return { body: applicationKeyDocument(key), version: key.version }
}

import { z } from '@hono/zod-openapi'
import type { Api } from '../../domain/api.ts'
import { parseTokenLifetime, tokenLifetimeDefault } from '../../domain/api.ts'
import { ownAudience } from '../../domain/management-permission.ts'
import { accept } from '../../domain/result.ts'
import { signingAlgDefault, signingAlgs } from '../../domain/signing-alg.ts'
import { changeApi, listApis, registerApi, removeApi, showApi } from '../../management/apis.ts'
import { apiDocument } from './schemas/documents.ts'
import {
  createdMembers,
  descriptionText,
  idText,
  nameField,
  nameFilter,
  nameText,
  tokenLifetimeSeconds,
} from './schemas/fields.ts'
import { sameAsMade } from './edge/immutable.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  apiPermissionsField,
  audienceField,
  audienceText,
  permissionText,
} from './schemas/permission-fields.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'APIs'
const collection = '/organizations/{organization_id}/apis'
const item = `${collection}/{api_id}` as const

const algText = z.enum(signingAlgs)

const apiSchema = z
  .strictObject({
    id: idText('api'),
    organization_id: idText('organization'),
    audience: audienceText,
    name: nameText,
    built_in: z.boolean(),
    token_lifetime_seconds: tokenLifetimeSeconds,
    signing_alg: algText,
    signing_alg_before: algText.nullable().openapi({
      description: 'What still signs until a key of the new algorithm may; `null` for none.',
    }),
    application_keys: z.boolean().openapi({
      description: 'Whether it takes the tokens of application keys, which act as a member.',
    }),
    permissions: z.array(
      z.strictObject({ permission: permissionText, description: descriptionText }),
    ),
    ...createdMembers,
  })
  .openapi('Api', {
    description: 'A resource server: what tokens are for. The management API is built in.',
  })

const lifetimeField = tokenLifetimeSeconds
  .transform((count, context) => {
    const lifetime = parseTokenLifetime(count)
    if (lifetime !== undefined) return lifetime
    context.addIssue({ code: 'custom', message: 'expected a lifetime' })
    return z.NEVER
  })
  .openapi({ description: 'Its tokens live this long, unless the account says shorter.' })

const algField = algText.openapi({
  description: 'What its tokens are signed with, as soon as a key of it may sign.',
})

/** Also what replaces: the audience is in it as it was registered. */
const whole = z
  .strictObject({
    audience: audienceField,
    name: nameField,
    token_lifetime_seconds: lifetimeField.default(tokenLifetimeDefault),
    signing_alg: algField.default(signingAlgDefault),
    application_keys: z.boolean().default(false),
    permissions: apiPermissionsField.default([]),
  })
  .openapi('ApiRegistration')

const change = z
  .strictObject({
    name: nameField.optional(),
    token_lifetime_seconds: lifetimeField.optional(),
    signing_alg: algField.optional(),
    application_keys: z.boolean().optional(),
    permissions: apiPermissionsField.optional(),
  })
  .openapi('ApiChange')

const list = route({
  operationId: 'listApis',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List APIs',
  query: z.strictObject({
    ...pageQuery,
    name: nameFilter,
    audience: audienceField.optional().openapi({ description: 'Only the one of this audience.' }),
  }),
  status: 200,
  answer: pageOf(apiSchema),
  refusals: [],
  handle: async (call) => {
    const asked = pageAsked('api', call)
    if (!asked.ok) return asked
    const { issuer } = call.ports
    const { name, audience } = call.query
    const own = audience === undefined ? undefined : ownAudience(issuer, audience)
    const wanted = { ...asked.value, name, audience: own }
    const page = await listApis(call.ports, call.params.organization_id, wanted)
    return accept({ body: pageDocument(call, page, (api: Api) => apiDocument(issuer, api)) })
  },
})

const show = route({
  operationId: 'showApi',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show an API',
  status: 200,
  answer: apiSchema,
  versioned: true,
  refusals: ['api_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showApi(ports, placeOf(params))
    return outcome.ok ? accept(shown(ports, outcome.value)) : outcome
  },
})

const register = route({
  operationId: 'registerApi',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Register an API',
  description:
    'Below `<issuer>/o/<organization id>/` an organization is free; any other audience an operator approves.',
  body: whole,
  status: 201,
  answer: apiSchema,
  versioned: true,
  refusals: [
    'api_name_taken',
    'audience_taken',
    'audience_reserved',
    'audience_needs_operator',
    'permissions_too_many',
  ],
  handle: async ({ ports, act, params, body }) => {
    const outcome = await registerApi(ports, act, {
      organization: params.organization_id,
      audience: body.audience,
      ...changedIn(body),
      name: body.name,
    })
    return outcome.ok ? accept({ ...shown(ports, outcome.value), id: outcome.value.id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: apiSchema,
  versioned: true,
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const input = { ...placeOf(params), ...changedIn(body), ifMatch }
    const outcome = await changeApi(ports, act, input)
    return outcome.ok ? accept(shown(ports, outcome.value)) : outcome
  },
} as const
const changeRefusals = [
  'api_unknown',
  'api_built_in',
  'version_mismatched',
  'api_name_taken',
  'permission_in_use',
  'permissions_too_many',
] as const

const patch = route({
  ...changing,
  operationId: 'changeApi',
  method: 'patch',
  summary: 'Change an API',
  description: 'Only what is given changes; permissions are given as a whole.',
  body: change,
  refusals: changeRefusals,
})

const put = route({
  ...changing,
  operationId: 'replaceApi',
  method: 'put',
  summary: 'Replace an API',
  description: 'Its audience stays as it was registered.',
  body: whole,
  refusals: [...changeRefusals, 'member_immutable'],
  handle: async (call) => {
    const known = await showApi(call.ports, placeOf(call.params))
    if (!known.ok) return known
    const { audience } = call.body
    const same = sameAsMade(apiDocument(call.ports.issuer, known.value), { audience })
    return same.ok ? changing.handle(call) : same
  },
})

const remove = route({
  operationId: 'removeApi',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove an API',
  description: 'For good. Its audience is then free for anyone who may have it.',
  status: 204,
  answer: nothing,
  refusals: ['api_unknown', 'api_built_in', 'version_mismatched', 'api_in_use'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeApi(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const resourceServerRoutes: readonly ApiRoute[] = [list, register, show, patch, put, remove]

function changedIn({
  name,
  token_lifetime_seconds: tokenLifetime,
  signing_alg: signingAlg,
  application_keys: applicationKeys,
  permissions,
}: z.output<typeof change>) {
  return { name, tokenLifetime, signingAlg, applicationKeys, permissions }
}

function placeOf({ organization_id: organization, api_id: api }: Params<typeof item>) {
  return { organization, api }
}

function shown({ issuer }: ApiPorts, api: Api) {
  return { body: apiDocument(issuer, api), version: api.version }
}

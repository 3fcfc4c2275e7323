import { z } from '@hono/zod-openapi'
import { accept, refuse } from '../../domain/result.ts'
import {
  changeBinding,
  createBinding,
  listBindings,
  removeBinding,
  showBinding,
} from '../../management/bindings.ts'
import type { NamedBinding } from '../../management/ports.ts'
import { subjectIn, subjectOf, whySubjectsTwo } from './schemas/binding-subject.ts'
import { bindingDocument } from './schemas/documents.ts'
import {
  createdMembers,
  endField,
  idField,
  idText,
  momentText,
  nameText,
  resourceField,
  resourceText,
} from './schemas/fields.ts'
import { sameAsMade } from './edge/immutable.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  principalField,
  principalFilter,
  principalText,
  resourceFilter,
} from './schemas/permission-fields.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Granted roles'
const collection = '/organizations/{organization_id}/bindings'
const item = `${collection}/{binding_id}` as const

export const bindingSchema = z
  .strictObject({
    id: idText('binding'),
    organization_id: idText('organization'),
    role_id: idText('role'),
    role_name: nameText,
    principal_id: principalText.nullable(),
    group_id: idText('group').nullable(),
    subject_name: nameText.nullable(),
    resource: resourceText.nullable(),
    expires_at: momentText.nullable(),
    ...createdMembers,
  })
  .openapi('Binding', {
    description:
      'A role granted to a principal or to a group, on the whole organization or on one resource.',
  })

const subjectFields = {
  principal_id: principalField.nullable().default(null),
  group_id: idField('group').nullable().default(null),
}

/** Also what replaces: what is granted, and to whom, is in it as it was made. */
const whole = z
  .strictObject({
    role_id: idField('role'),
    ...subjectFields,
    resource: resourceField.default(null),
    expires_at: endField.default(null),
  })
  .openapi('BindingCreation', { description: 'To one principal or one group: never both.' })

const change = z.strictObject({ expires_at: endField.optional() }).openapi('BindingChange')

const list = route({
  operationId: 'listBindings',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List granted roles',
  description: 'What a principal holds through its groups stands with the groups.',
  query: z.strictObject({
    ...pageQuery,
    role_id: idField('role').optional(),
    principal_id: principalFilter,
    group_id: idField('group').optional(),
    resource: resourceFilter,
  }),
  status: 200,
  answer: pageOf(bindingSchema),
  refusals: [],
  handle: async (call) => {
    const { principal_id: principal, group_id: group, role_id: role, resource } = call.query
    const asked = pageAsked('binding', call)
    if (!asked.ok) return asked
    if (principal !== undefined && group !== undefined) return refuse(whySubjectsTwo('query'))
    const wanted = { ...asked.value, role, resource, subject: subjectOf(principal, group) }
    const page = await listBindings(call.ports, call.params.organization_id, wanted)
    return accept({ body: pageDocument(call, page, bindingDocument) })
  },
})

const show = route({
  operationId: 'showBinding',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a granted role',
  status: 200,
  answer: bindingSchema,
  versioned: true,
  refusals: ['binding_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showBinding(ports, placeOf(params))
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createBinding',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Grant a role',
  description: 'Nobody grants what they do not hold themselves, there and for as long.',
  body: whole,
  status: 201,
  answer: bindingSchema,
  versioned: true,
  refusals: [
    'role_unknown',
    'principal_unknown',
    'group_unknown',
    'binding_exists',
    'bindings_too_many',
    'expiry_past',
    'permission_not_held',
  ],
  inBody: ['role_unknown', 'principal_unknown', 'group_unknown'],
  handle: async ({ ports, act, params, body }) => {
    const { organization_id: organization } = params
    const subject = subjectIn(body)
    if (!subject.ok) return subject
    const made = await createBinding(ports, act, {
      organization,
      role: body.role_id,
      subject: subject.value,
      resource: body.resource ?? undefined,
      expiresAt: body.expires_at ?? undefined,
    })
    if (!made.ok) return made
    const { id } = made.value
    const outcome = await showBinding(ports, { organization, binding: id })
    return outcome.ok ? accept({ ...shown(outcome.value), id }) : outcome
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: bindingSchema,
  versioned: true,
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const input = { ...placeOf(params), expiresAt: body.expires_at, ifMatch }
    const outcome = await changeBinding(ports, act, input)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const
const changeRefusals = [
  'binding_unknown',
  'version_mismatched',
  'expiry_past',
  'permission_not_held',
  'last_owner',
] as const

const patch = route({
  ...changing,
  operationId: 'changeBinding',
  method: 'patch',
  summary: 'Move the end of a granted role',
  description: 'What it gives, and to whom, never changes.',
  body: change,
  refusals: changeRefusals,
})

const put = route({
  ...changing,
  operationId: 'replaceBinding',
  method: 'put',
  summary: 'Replace a granted role',
  description: 'Only its end can differ from what was created.',
  body: whole,
  refusals: [...changeRefusals, 'member_immutable'],
  handle: async (call) => {
    const known = await showBinding(call.ports, placeOf(call.params))
    if (!known.ok) return known
    const { expires_at: _, ...fixed } = call.body
    const same = sameAsMade(bindingDocument(known.value), fixed)
    return same.ok ? changing.handle(call) : same
  },
})

const remove = route({
  operationId: 'removeBinding',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Withdraw a granted role',
  status: 204,
  answer: nothing,
  refusals: ['binding_unknown', 'version_mismatched', 'authority_insufficient', 'last_owner'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeBinding(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const bindingRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

function placeOf({ organization_id: organization, binding_id: binding }: Params<typeof item>) {
  return { organization, binding }
}

function shown(binding: NamedBinding) {
  return { body: bindingDocument(binding), version: binding.version }
}

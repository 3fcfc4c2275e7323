import { z } from '@hono/zod-openapi'
import type { CredentialRecord } from '../../domain/credential.ts'
import { parseSecretHash } from '../../domain/credential.ts'
import { accept } from '../../domain/result.ts'
import { parseSecretHandle } from '../../domain/secret.ts'
import {
  changeCredential,
  createClientSecret,
  listCredentials,
  registerClientSecret,
  removeCredential,
  showCredential,
} from '../../management/credentials.ts'
import { credentialDocument } from './schemas/documents.ts'
import {
  createdMembers,
  enabledField,
  endField,
  idText,
  momentText,
  nameField,
  nameFilter,
  nameText,
  parsed,
} from './schemas/fields.ts'
import { pageAsked, pageDocument, pageOf, pageQuery } from './edge/pages.ts'
import type { Params } from './edge/path-parameters.ts'
import type { ApiRoute, Changing } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Credentials'
/** A PHC string of either cost has 96 or 97. */
const hashCharactersMax = 128
const collection =
  '/organizations/{organization_id}/service-accounts/{service_account_id}/credentials'
const item = `${collection}/{credential_id}` as const

const members = {
  id: idText('credential'),
  client_id: idText('service_account'),
  kind: z.enum(['client_secret', 'unknown']),
  name: nameText,
  handle: z.string().nullable().openapi({
    description: 'The public part of a secret, by which a leaked one is recognised.',
  }),
  enabled: z.boolean(),
  expires_at: momentText.nullable(),
  ...createdMembers,
}

export const credentialSchema = z.strictObject(members).openapi('Credential', {
  description: 'One way in which an account proves itself. A secret or its hash is never shown.',
})

const createdCredentialSchema = z
  .strictObject({
    ...members,
    client_secret: z
      .string()
      .optional()
      .openapi({ description: 'Shown in this one answer and never again, if the server made it.' }),
    client_secret_expires_at: z
      .int()
      .min(0)
      .optional()
      .openapi({ description: 'Seconds since 1970; 0 is never. RFC 7591 §3.2.1.' }),
  })
  .openapi('CreatedCredential')

const whole = {
  name: nameField,
  expires_at: endField.default(null),
}

const handleField = parsed(
  z.string().regex(/^[0-9A-Za-z]{16}$/),
  parseSecretHandle,
  'the 16 letters and digits of a secret between its underscores',
).openapi({ description: 'Of a secret made elsewhere. Goes together with its hash.' })

const hashField = parsed(
  z.string().max(hashCharactersMax),
  parseSecretHash,
  'Argon2id in PHC form, m=1024,t=1,p=1 or m=19456,t=2,p=1, with 16 bytes of salt and 32 of hash',
).openapi({ description: 'Of a secret made elsewhere, which the server never sees.' })

const creation = z
  .strictObject({ ...whole, handle: handleField.optional(), hash: hashField.optional() })
  .refine(({ handle, hash }) => (handle === undefined) === (hash === undefined), {
    message: 'handle and hash go together',
  })
  .openapi('CredentialCreation')

const replacement = z
  .strictObject({ ...whole, enabled: enabledField.default(true) })
  .openapi('CredentialReplacement')

const change = z
  .strictObject({
    name: nameField.optional(),
    expires_at: endField.optional(),
    enabled: enabledField.optional(),
  })
  .openapi('CredentialChange')

const list = route({
  operationId: 'listCredentials',
  method: 'get',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'List the credentials of a service account',
  query: z.strictObject({ ...pageQuery, name: nameFilter }),
  status: 200,
  answer: pageOf(credentialSchema),
  refusals: ['principal_unknown'],
  handle: async (call) => {
    const asked = pageAsked('credential', call)
    if (!asked.ok) return asked
    const { organization, principal } = ownerOf(call.params)
    const wanted = { ...asked.value, name: call.query.name }
    const outcome = await listCredentials(call.ports, { organization, principal }, wanted)
    if (!outcome.ok) return outcome
    return accept({ body: pageDocument(call, outcome.value, credentialDocument) })
  },
})

const show = route({
  operationId: 'showCredential',
  method: 'get',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Show a credential',
  status: 200,
  answer: credentialSchema,
  versioned: true,
  refusals: ['credential_unknown'],
  handle: async ({ ports, params }) => {
    const outcome = await showCredential(ports, placeOf(params))
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
})

const create = route({
  operationId: 'createCredential',
  method: 'post',
  path: collection,
  needs: 'permission',
  tag,
  summary: 'Create a client secret',
  description:
    'The server makes the secret, shows it in this answer, and keeps its hash alone; or, with handle and hash, it registers one that it never sees.',
  body: creation,
  status: 201,
  answer: createdCredentialSchema,
  versioned: true,
  refusals: [
    'principal_unknown',
    'credential_name_taken',
    'credentials_too_many',
    'handle_taken',
    'expiry_past',
    'permission_not_held',
  ],
  handle: async ({ ports, act, params, body: { name, expires_at: expiresAt, handle, hash } }) => {
    const input = { ...ownerOf(params), name, expiresAt: expiresAt ?? undefined }
    if (handle !== undefined && hash !== undefined) {
      const registered = await registerClientSecret(ports, act, { ...input, handle, hash })
      if (!registered.ok) return registered
      return accept({ ...shown(registered.value), id: registered.value.id })
    }
    const outcome = await createClientSecret(ports, act, input)
    if (!outcome.ok) return outcome
    const { credential, secret } = outcome.value
    const { body, version } = shown(credential)
    const proof = { client_secret: secret, client_secret_expires_at: credential.expiresAt ?? 0 }
    return accept({ body: { ...body, ...proof }, version, id: credential.id })
  },
  replay: show,
})

const changing = {
  path: item,
  needs: 'permission',
  tag,
  status: 200,
  answer: credentialSchema,
  versioned: true,
  refusals: [
    'credential_unknown',
    'version_mismatched',
    'credential_name_taken',
    'expiry_past',
    'permission_not_held',
  ],
  handle: async ({ ports, act, params, body, ifMatch }: Changing<typeof item, typeof change>) => {
    const { expires_at: expiresAt, ...rest } = body
    const input = { ...placeOf(params), ...rest, expiresAt, ifMatch }
    const outcome = await changeCredential(ports, act, input)
    return outcome.ok ? accept(shown(outcome.value)) : outcome
  },
} as const

const patch = route({
  ...changing,
  operationId: 'changeCredential',
  method: 'patch',
  summary: 'Change a credential',
  description: 'Only what is given changes. Disabled, it is refused as a proof.',
  body: change,
})

const put = route({
  ...changing,
  operationId: 'replaceCredential',
  method: 'put',
  summary: 'Replace what can be changed of a credential',
  description: 'The secret stays: another secret is another credential.',
  body: replacement,
})

const remove = route({
  operationId: 'removeCredential',
  method: 'delete',
  path: item,
  needs: 'permission',
  tag,
  summary: 'Remove a credential',
  description: 'For good; it fails at once.',
  status: 204,
  answer: nothing,
  refusals: ['credential_unknown', 'version_mismatched'],
  handle: async ({ ports, act, params, ifMatch }) => {
    const outcome = await removeCredential(ports, act, { ...placeOf(params), ifMatch })
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const credentialRoutes: readonly ApiRoute[] = [list, create, show, patch, put, remove]

function ownerOf({ organization_id, service_account_id }: Params<typeof collection>) {
  return { organization: organization_id, principal: service_account_id }
}

function placeOf(params: Params<typeof item>) {
  return { ...ownerOf(params), credential: params.credential_id }
}

function shown(credential: CredentialRecord) {
  return { body: credentialDocument(credential), version: credential.version }
}

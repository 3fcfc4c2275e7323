import { z } from '@hono/zod-openapi'
import { endsOf, stateOf } from '../../domain/key-ring.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import { signingAlgs } from '../../domain/signing-alg.ts'
import type { NumericDate } from '../../domain/time.ts'
import { isoText } from '../../domain/time.ts'
import type { KeyPorts, Successor } from '../../management/signing-keys.ts'
import { revokeSigningKey } from '../../management/signing-key-revocation.ts'
import { listSigningKeys, rotateSigningKeys } from '../../management/signing-keys.ts'
import type { StoredKey } from '../../ports/signing-keys.ts'
import { moment } from './schemas/documents.ts'
import type { EdgeRefusal } from './edge/edge-refusal.ts'
import { momentText } from './schemas/fields.ts'
import { pathParameters } from './edge/path-parameters.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const tag = 'Signing keys'
const collection = '/signing-keys'

const keyMembers = {
  kid: z
    .string()
    .regex(new RegExp(pathParameters.kid.pattern))
    .openapi({ example: pathParameters.kid.example }),
  use: z.string(),
  alg: z.enum(signingAlgs),
}

const signingKeySchema = z
  .strictObject({
    ...keyMembers,
    state: z.string().openapi({ example: 'active' }),
    announced_at: momentText,
    signs_from: momentText.nullable(),
    retires_at: momentText.nullable(),
    revoked_at: momentText.nullable(),
    gone_at: momentText.nullable(),
    key_encryption_key_id: z.string(),
  })
  .openapi('SigningKey', { description: 'A key that signs for all organizations.' })

const successorSchema = z
  .strictObject({ ...keyMembers, signs_from: momentText })
  .openapi('SuccessorKey', { description: 'A key that signs, or will, and from when.' })

const list = route({
  operationId: 'listSigningKeys',
  method: 'get',
  path: collection,
  needs: 'operator',
  tag,
  summary: 'List the signing keys',
  description: 'All there are: they are few. Never what is private of them.',
  status: 200,
  answer: z.strictObject({ items: z.array(signingKeySchema), next_cursor: z.null() }),
  refusals: [],
  handle: async ({ ports, act }) => {
    const held = keyPortsOf(ports)
    if (!held.ok) return held
    const { keys } = await listSigningKeys(held.value)
    const at = { now: act.at, keptFor: held.value.rules.keptFor }
    const items = keys.map((key) => keyDocument(keys, key, at))
    return accept({ body: { items, next_cursor: null } })
  },
})

const rotate = route({
  operationId: 'rotateSigningKeys',
  method: 'post',
  path: `${collection}/rotate`,
  needs: 'operator',
  tag,
  summary: 'Let the next keys sign as soon as they can',
  description:
    'Keys rotate by themselves; this does it sooner, at the first moment that everyone is ready for. What was planned already stays as it is.',
  body: z
    .strictObject({
      alg: z.enum(signingAlgs).optional().openapi({ description: 'Only the keys of this one.' }),
    })
    .openapi('SigningKeyRotation'),
  status: 200,
  answer: z.strictObject({ items: z.array(successorSchema), next_cursor: z.null() }),
  refusals: ['signing_alg_unused', 'key_encryption_key_not_held'],
  handle: async ({ ports, act, body }) => {
    const held = keyPortsOf(ports)
    if (!held.ok) return held
    const outcome = await rotateSigningKeys(held.value, act, body.alg)
    if (!outcome.ok) return outcome
    return accept({ body: { items: outcome.value.map(successorDocument), next_cursor: null } })
  },
})

const revoke = route({
  operationId: 'revokeSigningKey',
  method: 'post',
  path: `${collection}/{kid}/revoke`,
  needs: 'operator',
  tag,
  summary: 'Revoke a signing key at once',
  description:
    'For a private key that may be known to others: all tokens that it signed become worthless.',
  status: 200,
  answer: z.strictObject({ kid: keyMembers.kid, signs_next: successorSchema.nullable() }),
  refusals: ['signing_key_unknown', 'key_encryption_key_not_held'],
  handle: async ({ ports, act, params: { kid } }) => {
    const held = keyPortsOf(ports)
    if (!held.ok) return held
    const outcome = await revokeSigningKey(held.value, act, kid)
    if (!outcome.ok) return outcome
    const { successor } = outcome.value
    const next = successor === undefined ? null : successorDocument(successor)
    return accept({ body: { kid, signs_next: next } })
  },
})

export const signingKeyRoutes: readonly ApiRoute[] = [list, rotate, revoke]

/** Where there are no keys, these routes are not there. */
function keyPortsOf({ keys }: ApiPorts): Result<KeyPorts, EdgeRefusal> {
  return keys === undefined ? refuse({ reason: 'path_unknown' }) : accept(keys)
}

function keyDocument(
  keys: readonly StoredKey[],
  key: StoredKey,
  at: Pick<KeyPorts['rules'], 'keptFor'> & { readonly now: NumericDate },
) {
  const { retiresAt, goneAt } = endsOf(keys, key, at.keptFor)
  return {
    kid: key.kid,
    use: key.use,
    alg: key.alg,
    state: stateOf(keys, key, at),
    announced_at: isoText(key.announcedAt),
    signs_from: moment(key.signsFrom),
    retires_at: moment(retiresAt),
    revoked_at: moment(key.revokedAt),
    gone_at: moment(goneAt),
    key_encryption_key_id: key.keyEncryptionKeyId,
  }
}

function successorDocument({ kid, use, alg, signsFrom }: Successor) {
  return { kid, use, alg, signs_from: isoText(signsFrom) }
}

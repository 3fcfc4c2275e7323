import { z } from '@hono/zod-openapi'
import { accept, refuse } from '../../domain/result.ts'
import { isoText } from '../../domain/time.ts'
import { createAuditCheckpoint } from '../../management/audit-checkpoints.ts'
import { momentText } from './schemas/fields.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const auditCheckpointSchema = z
  .strictObject({
    checkpoint: z.string().openapi({
      description: 'A JWS of the type `countersign-audit-checkpoint+jwt`: keep it elsewhere.',
    }),
    issued_at: momentText,
    chains: z.int().openapi({ description: 'How many chains it states the end of.' }),
    keys: z
      .array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() }))
      .openapi({ description: 'What verifies it. RFC 7517 §5. Keep it beside the checkpoint.' }),
  })
  .openapi('AuditCheckpoint')

const create = route({
  operationId: 'createAuditCheckpoint',
  method: 'post',
  path: '/audit-checkpoints',
  needs: 'operator',
  tag: 'Audit',
  summary: 'Sign where every chain ends now',
  description:
    'Nothing is kept here: the answer is the checkpoint. With it `countersign audit verify` finds chains that were made anew, and tails that were cut off.',
  status: 200,
  answer: auditCheckpointSchema,
  refusals: ['chains_too_many', 'checkpoint_key_missing', 'key_encryption_key_not_held'],
  handle: async ({ ports, act }) => {
    const { issuer, keys } = ports
    if (keys === undefined) return refuse({ reason: 'checkpoint_key_missing' })
    const made = await createAuditCheckpoint({ ...keys, issuer }, act)
    if (!made.ok) return made
    const { token, checkpoint, keys: set } = made.value
    return accept({
      body: {
        checkpoint: token,
        issued_at: isoText(checkpoint.issuedAt),
        chains: checkpoint.ends.length,
        keys: [...set.keys],
      },
    })
  },
})

export const auditCheckpointRoutes: readonly ApiRoute[] = [create]

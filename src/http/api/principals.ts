import { z } from '@hono/zod-openapi'
import { ownAudience } from '../../domain/management-permission.ts'
import { accept } from '../../domain/result.ts'
import { effectiveAccessOf } from '../../management/access.ts'
import { previewRemoval } from '../../management/removal-preview.ts'
import { bindingSchema } from './bindings.ts'
import { credentialSchema } from './credentials.ts'
import { idText, momentText, nameText, resourceText } from './schemas/fields.ts'
import type { Params } from './edge/path-parameters.ts'
import {
  audienceField,
  audienceText,
  permissionText,
  principalText,
} from './schemas/permission-fields.ts'
import { effectiveAccessDocument, removalPreviewDocument } from './schemas/principal-documents.ts'
import type { ApiRoute } from './route.ts'
import { route } from './route.ts'

const tag = 'Principals'
const item = '/organizations/{organization_id}/principals/{principal_id}'

const principal = {
  principal_id: principalText,
  principal_type: z.enum(['service_account', 'member']),
  principal_name: nameText.nullable(),
  enabled: z.boolean(),
  expires_at: momentText.nullable(),
}

const pathSchema = z.strictObject({
  binding_id: idText('binding'),
  role_id: idText('role'),
  role_name: nameText,
  group_id: idText('group').nullable(),
  group_name: nameText.nullable(),
  expires_at: momentText.nullable(),
})

const effectiveAccessSchema = z
  .strictObject({
    ...principal,
    access: z.array(
      z.strictObject({
        audience: audienceText,
        groups: z.array(nameText),
        permissions: z.array(
          z.strictObject({
            permission: permissionText,
            resource: resourceText.nullable(),
            expires_at: momentText.nullable(),
            paths: z.array(pathSchema),
          }),
        ),
      }),
    ),
  })
  .openapi('EffectiveAccess', {
    description: 'What a principal may do at each API, and every path that gives it.',
  })

const previewedKeySchema = z
  .strictObject({
    id: idText('application_key'),
    enabled: z.boolean(),
    expires_at: momentText.nullable(),
    created_at: momentText,
  })
  .openapi({ description: 'An application key of the member; more of it only they see.' })

const removalPreviewSchema = z
  .strictObject({
    ...principal,
    credentials: z.array(credentialSchema),
    application_keys: z.array(previewedKeySchema),
    sessions: z
      .int()
      .min(0)
      .openapi({ description: 'How many sessions of the person would end, of all organizations.' }),
    groups: z.array(z.strictObject({ id: idText('group'), name: nameText })),
    bindings: z.array(bindingSchema),
    held_by_nobody_else: z.array(
      z.strictObject({
        audience: audienceText,
        permission: permissionText,
        resource: resourceText.nullable(),
      }),
    ),
    is_last_owner: z.boolean(),
    tokens_end_by: momentText.nullable(),
  })
  .openapi('RemovalPreview', { description: 'What would end with a principal.' })

const showAccess = route({
  operationId: 'showEffectiveAccess',
  method: 'get',
  path: `${item}/effective-access`,
  needs: 'permission',
  tag,
  summary: 'Show what a principal may do, and why',
  description:
    'Every permission with each path that gives it: directly or through which group, by which granted role, until when. What has ended is left out.',
  query: z.strictObject({
    audience: audienceField.optional().openapi({ description: 'At this API alone.' }),
  }),
  status: 200,
  answer: effectiveAccessSchema,
  refusals: ['principal_unknown'],
  handle: async ({ ports, act: { at: now }, params, query }) => {
    const { issuer } = ports
    const audience = query.audience && ownAudience(issuer, query.audience)
    const outcome = await effectiveAccessOf(ports, placeOf(params), { audience, now })
    return outcome.ok ? accept({ body: effectiveAccessDocument(issuer, outcome.value) }) : outcome
  },
})

const preview = route({
  operationId: 'previewRemoval',
  method: 'get',
  path: `${item}/removal-preview`,
  needs: 'permission',
  tag,
  summary: 'Show what would end with a principal',
  description:
    'Before it is disabled or removed: its credentials, groups and granted roles, the application keys and sessions of a member, what nobody else in force may do, and when the last of its tokens ends.',
  status: 200,
  answer: removalPreviewSchema,
  refusals: ['principal_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await previewRemoval(ports, placeOf(params), act.at)
    return outcome.ok
      ? accept({ body: removalPreviewDocument(ports.issuer, outcome.value) })
      : outcome
  },
})

export const principalRoutes: readonly ApiRoute[] = [showAccess, preview]

function placeOf({ organization_id, principal_id }: Params<typeof item>) {
  return { organization: organization_id, principal: principal_id }
}

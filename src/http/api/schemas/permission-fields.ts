import { z } from '@hono/zod-openapi'
import { parseAudience } from '../../../domain/api.ts'
import { parseResourceName } from '../../../domain/binding.ts'
import { parsePermission } from '../../../domain/permission.ts'
import { permissionsOfApiMax } from '../../../management/apis.ts'
import { descriptionField, parsed, resourceText } from './fields.ts'
import { pathParameters } from '../edge/path-parameters.ts'

// The members that speak of APIs and their permissions.

const audienceCharactersMax = 255
const permissionCharactersMax = 127

export const audienceText = z
  .string()
  .min(1)
  .max(audienceCharactersMax)
  .openapi({ example: 'https://orders.example.com' })

/** As the caller says it: absolute. */
export const audienceField = parsed(
  audienceText,
  parseAudience,
  'an absolute URI in its usual spelling, without query or fragment',
).openapi({ description: 'The URI that an API is known by.' })

export const permissionText = z
  .string()
  .min(1)
  .max(permissionCharactersMax)
  .openapi({ example: 'orders:read' })

export const permissionField = parsed(
  permissionText,
  parsePermission,
  'a permission, written <object>:<verb>',
)

export const apiPermissionsField = z
  .array(
    z.strictObject({
      permission: permissionField,
      description: descriptionField.prefault(''),
    }),
  )
  .max(permissionsOfApiMax)
  .openapi({ description: 'All permissions that it knows, and what each lets its holder do.' })

const principalPattern = pathParameters.principal_id.pattern

/** The id of a service account or of a member. */
export const principalText = z
  .string()
  .regex(new RegExp(principalPattern))
  .openapi({ example: pathParameters.principal_id.example })

export const principalField = parsed(
  principalText,
  pathParameters.principal_id.parse,
  'the id of a service account or of a member',
)

export const principalFilter = principalField
  .optional()
  .openapi({ description: 'Only what this principal itself has.' })

export const resourceFilter = parsed(resourceText, parseResourceName, 'the name of a resource')
  .optional()
  .openapi({ description: 'Only what is held on this resource.' })

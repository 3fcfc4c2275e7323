import { z } from '@hono/zod-openapi'
import { parseTokenLifetime, tokenLifetimeMax, tokenLifetimeMin } from '../../../domain/api.ts'
import { parseResourceName } from '../../../domain/binding.ts'
import type { Noun } from '../../../domain/id.ts'
import { idPrefixes, parseId } from '../../../domain/id.ts'
import { parseDescription, parseName } from '../../../domain/name.ts'
import { parseDate } from '../../../domain/time.ts'
import { exampleId, idBody } from '../edge/path-parameters.ts'

// The members of requests and answers. What comes in becomes a value of the domain here.

/** Text that a parser of the domain takes, or says what it would have taken. */
export function parsed<Value>(
  text: z.ZodType<string, string>,
  parse: (text: string) => Value | undefined,
  accepts: string,
) {
  return text.transform((given, context): Value => {
    const value = parse(given)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${accepts}` })
    return z.NEVER
  })
}

const resourceCharactersMax = 255
const nameCharactersMax = 100
const descriptionCharactersMax = 500

export const nameText = z.string().min(1).max(nameCharactersMax).openapi({ example: 'Deployments' })
export const descriptionText = z
  .string()
  .max(descriptionCharactersMax)
  .openapi({ example: 'Deploys the shop from the main branch.' })

export const nameField = parsed(
  nameText,
  parseName,
  'a name of 1 to 100 characters that show, without spaces at its ends',
).openapi({ description: 'What people call it.' })

/** Exactly this name. */
export const nameFilter = parsed(nameText, parseName, 'a name')
  .optional()
  .openapi({ description: 'Only what has exactly this name.' })

export const descriptionField = parsed(
  descriptionText,
  parseDescription,
  'at most 500 characters, without control characters but line breaks',
).openapi({ description: 'A sentence or two about it.' })

export const enabledField = z.boolean().openapi({ description: 'Whether it works at all.' })

/** A moment with a time and a zone. RFC 3339. */
export const momentText = z.iso
  .datetime({ offset: true })
  .openapi({ example: '2031-01-31T12:00:00Z' })

export const endField = parsed(momentText, parseDate, 'a date and time from 1970 to 9999')
  .nullable()
  .openapi({ description: 'From this second on it no longer works; `null` for no end.' })

export const tokenLifetimeSeconds = z
  .int()
  .min(tokenLifetimeMin)
  .max(tokenLifetimeMax)
  .openapi({ example: 900 })

export const tokenLifetimeField = tokenLifetimeSeconds
  .transform((count, context) => {
    const lifetime = parseTokenLifetime(count)
    if (lifetime !== undefined) return lifetime
    context.addIssue({ code: 'custom', message: 'expected a lifetime' })
    return z.NEVER
  })
  .nullable()
  .openapi({
    description: 'Its tokens live no longer than this; `null` for as long as the API allows.',
  })

export const resourceText = z
  .string()
  .min(1)
  .max(resourceCharactersMax)
  .openapi({ example: 'cluster/prod-eu' })

export const resourceField = parsed(
  resourceText,
  parseResourceName,
  'the name of a resource, such as cluster/prod-eu',
)
  .nullable()
  .openapi({ description: 'The one resource it is held on; `null` for the whole organization.' })

/** The id of a thing, in a body or a filter. */
export function idField<N extends Noun>(noun: N) {
  return parsed(idText(noun), (text) => parseId(noun, text), `an id of its kind`)
}

export function idText(noun: Noun) {
  return z
    .string()
    .regex(new RegExp(`^${idPrefixes[noun]}_${idBody}$`))
    .openapi({ example: exampleId(noun) })
}

/** A filter that is on or off. */
export const booleanFilter = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .openapi({ type: 'boolean' })

/** When a thing was made and by whom, as every answer shows it. */
export const createdMembers = {
  created_at: momentText,
  created_by: z.strictObject({
    id: z.string().openapi({ example: exampleId('member') }),
    name: z.string().openapi({ example: 'Ada Lovelace' }),
  }),
}

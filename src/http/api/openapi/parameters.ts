import { hasVersion } from '../edge/conditions.ts'
import { pathParameters } from '../edge/path-parameters.ts'
import type { ApiRoute } from '../route.ts'

/** A parameter, as the document has it. */
type Parameter = {
  in: 'path' | 'header'
  name: string
  required: boolean
  description: string
  schema: { type: 'string'; pattern?: string }
  example?: string
}

const ifMatch: Parameter = {
  in: 'header',
  name: 'If-Match',
  required: false,
  description:
    'The ETag under which the object was read. If it was changed since, nothing is done: 412.',
  schema: { type: 'string' },
  example: '"3"',
}

const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  required: false,
  description:
    'What the caller calls this creation: sent again within a day, it answers with what it made, without any secret.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
}

const csrfToken: Parameter = {
  in: 'header',
  name: 'X-CSRF-Token',
  required: false,
  description: 'The csrf_token of the session; needed with the cookie, and not with a token.',
  schema: { type: 'string' },
}

const headers = [ifMatch, idempotencyKey, csrfToken]

/** All parameters but those of queries, by their names: most calls have some of them. */
export const parameterComponents: ReadonlyMap<string, Parameter> = new Map([
  ...Object.entries(pathParameters).map(
    ([name, parameter]) => [name, inPath(name, parameter)] as const,
  ),
  ...headers.map((header) => [header.name, header] as const),
])

type PathParameter = (typeof pathParameters)[keyof typeof pathParameters]

function inPath(name: string, { description, example, pattern }: PathParameter): Parameter {
  const schema = { type: 'string', pattern } as const
  return { in: 'path', name, required: true, description, schema, example }
}

/** What a route takes of them. */
export function parameterReferences(route: ApiRoute): { $ref: string }[] {
  const names = [
    ...route.parameters,
    ...(hasVersion(route) ? [ifMatch.name] : []),
    ...(route.replayable ? [idempotencyKey.name] : []),
    ...(route.method === 'get' ? [] : [csrfToken.name]),
  ]
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { permissionFor } from '../../../domain/management-permission.ts'
import { sessionCookie } from '../edge/identity.ts'
import { parameterComponents, parameterReferences } from './parameters.ts'
import {
  headerComponents,
  problemComponents,
  problemReferences,
  replyResponse,
} from './responses.ts'
import { apiPath } from '../../../protocol/metadata.ts'
import type { ApiRoute, Need } from '../route.ts'

type Registry = OpenAPIHono['openAPIRegistry']
type PathConfig = Parameters<Registry['registerPath']>[0]

/** The management API as an OpenAPI 3.1 document, written from its routes and from nothing else. */
export function openApiDocument(routes: readonly ApiRoute[], issuer: string) {
  const { openAPIRegistry: registry, getOpenAPI31Document } = new OpenAPIHono()
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An access token of this server for the management API (RFC 6750): ask for it at /oauth2/token with resource=<issuer>/api.',
  })
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie,
    description:
      'The session of a person who is signed in. What changes something also takes Origin and X-CSRF-Token.',
  })
  for (const [name, parameter] of parameterComponents) {
    registry.registerComponent('parameters', name, parameter)
  }
  for (const [name, header] of Object.entries(headerComponents)) {
    registry.registerComponent('headers', name, header)
  }
  for (const [name, response] of problemComponents(routes)) {
    registry.registerComponent('responses', name, response)
  }
  registry.register('Problem', problemSchema)
  for (const route of routes) registry.registerPath(pathConfig(route, routes))
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Countersign management API',
      version: '1',
      description: introduction,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${issuer.replace(/\/$/, '')}${apiPath}` }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
  })
}

const introduction = `Bodies are JSON, names in snake_case, moments as in RFC 3339, and null for what there is not.
Whatever is refused is a problem document (RFC 9457): compare its code. Lists come in pages: next_cursor
of the one is cursor of the next. ETag and If-Match keep two writers from overwriting each other, and an
Idempotency-Key makes a creation that is sent twice happen once.`

const traceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .openapi({ description: 'The operator finds what happened by it.' })

const problemSchema = z
  .looseObject({
    type: z.url().openapi({ description: 'Where the code is explained.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().openapi({ description: 'For people. Programs compare the code.' }),
    code: z.string().regex(/^[a-z_]+$/),
    trace_id: traceId,
  })
  .openapi({ description: 'Why a call was refused. RFC 9457.' })

function pathConfig(route: ApiRoute, routes: readonly ApiRoute[]): PathConfig {
  const { method, path, operationId, tag, summary, needs, query, body } = route
  return {
    method,
    path,
    operationId,
    tags: [tag],
    summary,
    description: descriptionOf(route),
    security: [...securityOf[needs]],
    parameters: parameterReferences(route),
    request: {
      query,
      ...(body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: { ...replyResponse(route, isFound(route, routes)), ...problemReferences(route) },
    'x-needs': needs,
    ...(route.operation === undefined ? {} : { 'x-permission': permissionFor[route.operation] }),
  }
}

/** Whether what a route makes is shown at a path of its own. */
function isFound(made: ApiRoute, routes: readonly ApiRoute[]): boolean {
  return routes.some(
    ({ method, path }) =>
      method === 'get' &&
      path.startsWith(made.path) &&
      /^\/\{\w+\}$/.test(path.slice(made.path.length)),
  )
}

/** What it takes to call a route, in words: a document alone must tell it. */
export function needText({ needs, operation }: Pick<ApiRoute, 'needs' | 'operation'>): string {
  return operation === undefined
    ? needTexts[needs]
    : `Takes the permission ${permissionFor[operation]} in the organization.`
}

const needTexts: Readonly<Record<Need, string>> = {
  permission: 'Takes a permission in the organization.',
  operator: 'For operators of the server, who are signed in.',
  session: 'For people who are signed in; no token will do.',
  authenticated: 'For whoever has a good token or session.',
  nobody: 'For everybody: no credential is needed.',
}

function descriptionOf(route: ApiRoute): string {
  return [route.description, needText(route)].filter((text) => text !== undefined).join('\n\n')
}

const securityOf: Readonly<Record<Need, readonly Record<string, string[]>[]>> = {
  permission: [{ token: [] }, { session: [] }],
  authenticated: [{ token: [] }, { session: [] }],
  operator: [{ session: [] }],
  session: [{ session: [] }],
  nobody: [{}, { session: [] }],
}

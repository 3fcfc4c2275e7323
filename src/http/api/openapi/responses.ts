import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ProblemStatus } from '../problems/faces/face.ts'
import type { Reason } from '../problems/problem-table.ts'
import { problemFaces } from '../problems/problem-table.ts'
import type { ApiRoute, Need } from '../route.ts'

type PathConfig = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0]
type Responses = PathConfig['responses']

/** A header of an answer, as the document has it. */
type Header = {
  description: string
  schema: { type: 'string'; pattern?: string; format?: string; enum?: string[] }
  example?: string
}

const traceIdHeader: Header = {
  description:
    'The id of the trace that the call belongs to: the one the caller named, or a new one.',
  schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
}

const entityTagHeader: Header = {
  description: 'The version of the object, for If-Match.',
  schema: { type: 'string' },
  example: '"3"',
}

const replayedHeader: Header = {
  description: 'true, if an earlier call with the same Idempotency-Key has made the object.',
  schema: { type: 'string', enum: ['true'] },
}

const statusTexts: Readonly<Record<ApiRoute['status'], string>> = {
  200: 'This is it.',
  201: 'It was made.',
  204: 'It was done; there is nothing to show.',
}

const varyHeader: Header = {
  description: 'The form of the answer is chosen by Accept.',
  schema: { type: 'string', enum: ['accept'] },
}

const lines = {
  'application/jsonl': {
    schema: { type: 'string', description: 'A line of JSON for each.' },
    example: '{"entry":{"sequence":1},"hash":"9f86d081884c7d65"}\n',
  },
} as const

export function replyResponse(route: ApiRoute): Responses {
  const { status, answer, versioned, replayable, hasLines } = route
  const location: Header = {
    description: 'Where it is.',
    schema: { type: 'string', format: 'uri' },
  }
  return {
    [String(status)]: {
      description: statusTexts[status],
      headers: {
        'trace-id': traceIdHeader,
        ...(versioned ? { etag: entityTagHeader } : {}),
        ...(status === 201 ? { location } : {}),
        ...(replayable ? { 'idempotency-replayed': replayedHeader } : {}),
        ...(hasLines ? { vary: varyHeader } : {}),
      },
      ...(status === 204
        ? {}
        : { content: { 'application/json': { schema: answer }, ...(hasLines ? lines : {}) } }),
    },
  }
}

/** All that a route refuses, by status. */
export function problemResponses(route: ApiRoute): Responses {
  const byStatus = new Map<ProblemStatus, Reason[]>()
  for (const reason of reasonsOf(route)) {
    const status = statusOf(route, reason)
    byStatus.set(status, [...(byStatus.get(status) ?? []), reason])
  }
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, reasons]) => [status, problemResponse(status, reasons)]),
  )
}

export function statusOf({ inBody }: ApiRoute, reason: Reason): ProblemStatus {
  return inBody.includes(reason) ? 422 : problemFaces[reason][0]
}

/** Every reason for which a call of the route can be refused. */
export function reasonsOf(route: ApiRoute): readonly Reason[] {
  return [
    ...new Set<Reason>([
      'request_malformed',
      'credentials_ambiguous',
      ...(route.needs === 'nobody' ? noToken : unauthenticated),
      ...(route.method === 'get' ? [] : crossSite),
      ...needed[route.needs],
      ...(route.parameters.includes('organization_id') ? elsewhere : []),
      ...(route.parameters.length > 0 ? unnamed : []),
      ...(route.body === undefined ? [] : ofBody),
      ...(route.replayable ? ofKey : []),
      ...(route.hasLines ? ofForm : []),
      ...route.refusals,
      'server_error',
      'temporarily_unavailable',
    ]),
  ]
}

/** An old cookie bars no way in, but whoever sends a token means it. */
const noToken = ['authentication_needed', 'token_invalid'] as const
const unauthenticated = ['authentication_needed', 'token_invalid', 'session_invalid'] as const
const crossSite = ['origin_mismatched', 'csrf_token_mismatched'] as const
const elsewhere = ['organization_unknown'] as const
const unnamed = ['path_unknown'] as const
const ofBody = [
  'body_incomplete',
  'body_too_large',
  'content_type_unsupported',
  'content_encoding_unsupported',
] as const
const ofKey = ['idempotency_key_reused'] as const
const ofForm = ['not_acceptable'] as const

const needed: Readonly<Record<Need, readonly Reason[]>> = {
  permission: ['permission_missing', 'session_needed'],
  operator: ['operator_needed'],
  session: ['session_needed'],
  authenticated: [],
  nobody: [],
}

const challengeHeader: Header = {
  description: 'What would be needed. RFC 6750, RFC 9728.',
  schema: { type: 'string' },
}

const retryHeader: Header = {
  description: 'In how many seconds to try again.',
  schema: { type: 'string', pattern: '^[0-9]+$' },
}

const codingHeader: Header = {
  description: 'Of `content_encoding_unsupported`: how a body may be sent. RFC 9110 §12.5.3.',
  schema: { type: 'string', enum: ['identity'] },
}

function problemResponse(status: ProblemStatus, reasons: readonly Reason[]): Responses[string] {
  return {
    description: reasons.map((reason) => `\`${reason}\`: ${problemFaces[reason][1]}.`).join('\n'),
    headers: {
      'trace-id': traceIdHeader,
      ...(status === 401 ? { 'www-authenticate': challengeHeader } : {}),
      ...(status === 415 ? { 'accept-encoding': codingHeader } : {}),
      ...(status === 503 || status === 429 ? { 'retry-after': retryHeader } : {}),
    },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { type: 'string', enum: [...reasons] } } },
          ],
        },
        ...(reasons[0] === undefined ? {} : { example: exampleOf(reasons[0], status) }),
      },
      ...(status === 503
        ? { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
        : {}),
    },
  }
}

function exampleOf(code: Reason, status: ProblemStatus) {
  const [, title] = problemFaces[code]
  return {
    type: `https://id.example.com/api/v1/docs#problem-${code}`,
    title,
    status,
    detail: title,
    code,
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  }
}

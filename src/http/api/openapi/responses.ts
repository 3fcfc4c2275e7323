import type { OpenAPIHono } from '@hono/zod-openapi'
import { mayNeedSession } from '../../../domain/authority.ts'
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

/** The headers of answers, by their names. */
export const headerComponents = {
  'trace-id': {
    description:
      'The id of the trace that the call belongs to: the one the caller named, or a new one.',
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  },
  etag: {
    description: 'The version of the object, for If-Match.',
    schema: { type: 'string' },
    example: '"3"',
  },
  location: { description: 'Where it is.', schema: { type: 'string', format: 'uri' } },
  'idempotency-replayed': {
    description: 'true, if an earlier call with the same Idempotency-Key has made the object.',
    schema: { type: 'string', enum: ['true'] },
  },
  vary: {
    description: 'The form of the answer is chosen by Accept.',
    schema: { type: 'string', enum: ['accept'] },
  },
  'www-authenticate': {
    description: 'What would be needed. RFC 6750, RFC 9728.',
    schema: { type: 'string' },
  },
  'accept-encoding': {
    description: 'Of `content_encoding_unsupported`: how a body may be sent. RFC 9110 §12.5.3.',
    schema: { type: 'string', enum: ['identity'] },
  },
  'retry-after': {
    description: 'In how many seconds to try again.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
} satisfies Readonly<Record<string, Header>>

type HeaderName = keyof typeof headerComponents

/** Those of an answer that it has. */
function headersOf(names: Partial<Readonly<Record<HeaderName, boolean>>>) {
  const had = Object.entries(names).filter(([, has]) => has)
  return Object.fromEntries(had.map(([name]) => [name, { $ref: `#/components/headers/${name}` }]))
}

const statusTexts: Readonly<Record<ApiRoute['status'], string>> = {
  200: 'This is it.',
  201: 'It was made.',
  204: 'It was done; there is nothing to show.',
}

const lines = {
  'application/jsonl': {
    schema: { type: 'string', description: 'A line of JSON for each.' },
    example: '{"entry":{"sequence":1},"hash":"9f86d081884c7d65"}\n',
  },
} as const

/** Of a route whose `isFound` says whether what it makes has a place below its own path. */
export function replyResponse(route: ApiRoute, isFound: boolean): Responses {
  const { status, answer, versioned, replayable, hasLines } = route
  return {
    [String(status)]: {
      description: statusTexts[status],
      headers: headersOf({
        'trace-id': true,
        etag: versioned,
        location: status === 201 && isFound,
        'idempotency-replayed': replayable,
        vary: hasLines,
      }),
      ...(status === 204
        ? {}
        : { content: { 'application/json': { schema: answer }, ...(hasLines ? lines : {}) } }),
    },
  }
}

/** All that routes refuse, by names: many routes refuse the same. */
export function problemComponents(
  routes: readonly ApiRoute[],
): ReadonlyMap<string, ReturnType<typeof problemResponse>> {
  const all = routes.flatMap((route) => [...refusedBy(route)])
  return new Map(
    all.map(([status, reasons]) => [nameOf(status, reasons), problemResponse(status, reasons)]),
  )
}

/** All that a route refuses, by status. */
export function problemReferences(route: ApiRoute): Responses {
  return Object.fromEntries(
    [...refusedBy(route)].map(([status, reasons]) => [
      status,
      { $ref: `#/components/responses/${nameOf(status, reasons)}` },
    ]),
  )
}

function refusedBy(route: ApiRoute): ReadonlyMap<ProblemStatus, readonly Reason[]> {
  const reasons = reasonsOf(route).toSorted()
  const byStatus = Map.groupBy(reasons, (reason) => statusOf(route, reason))
  return new Map([...byStatus].toSorted(([a], [b]) => a - b))
}

function nameOf(status: ProblemStatus, reasons: readonly Reason[]): string {
  return [status, ...reasons].join('-')
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
      ...(route.operation !== undefined && mayNeedSession(route.operation) ? ofPerson : []),
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
export const unauthenticated = [
  'authentication_needed',
  'token_invalid',
  'session_invalid',
] as const
export const crossSite = ['origin_mismatched', 'csrf_token_mismatched'] as const
const ofPerson = ['session_needed'] as const
const elsewhere = ['organization_unknown'] as const
const unnamed = ['path_unknown'] as const
export const ofBody = [
  'body_incomplete',
  'body_too_large',
  'content_type_unsupported',
  'content_encoding_unsupported',
] as const
export const ofKey = ['idempotency_key_reused'] as const
const ofForm = ['not_acceptable', 'exports_too_many'] as const

const needed: Readonly<Record<Need, readonly Reason[]>> = {
  permission: ['permission_missing', 'organization_disabled'],
  operator: ['operator_needed'],
  session: ['session_needed'],
  authenticated: [],
  nobody: [],
}

type CodeSchema = { type: 'object'; properties: { code: { type: 'string'; enum: Reason[] } } }

function codeAmong(reasons: readonly Reason[]): CodeSchema {
  return { type: 'object', properties: { code: { type: 'string', enum: [...reasons] } } }
}

function problemResponse(status: ProblemStatus, reasons: readonly Reason[]) {
  return {
    description: reasons.map((reason) => `\`${reason}\`: ${problemFaces[reason][1]}.`).join('\n'),
    headers: headersOf({
      'trace-id': true,
      'www-authenticate': status === 401,
      'accept-encoding': status === 415,
      'retry-after': status === 503 || status === 429,
    }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, codeAmong(reasons)],
        },
      },
    },
  }
}

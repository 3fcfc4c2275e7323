/**
 * The doorway to the management API. The commands on the nouns go through it and through nothing
 * else: to a server from afar, or beside the database through the same rooms in this process. So a
 * command does, says and refuses the same in both places.
 */
import { randomUUID } from 'node:crypto'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { apiPath } from '../protocol/metadata.ts'
import { textOf } from './json.ts'
import type { ManagementTokenRefusal } from './management-token.ts'
import type { ServerAnswer, ServerRefusal, Take } from './server-answer.ts'
import type { SettingsRefusal } from './settings.ts'

export type ApiClient = {
  readonly issuer: string
  /** Asks for something, and reads the answer as what it must be. */
  readonly ask: <Answer>(call: Call, schema: Schema<Answer>) => Asked<Answer>
  /** Reads one object, and the tag by which a change of it says what it had seen. */
  readonly see: <Answer>(path: readonly string[], schema: Schema<Answer>) => Asked<Seen<Answer>>
  /** Asks for something that is done without a word. */
  readonly tell: (call: Call) => Asked<undefined>
  /** Asks for a list as lines (`application/jsonl`), and hands them on as they come. */
  readonly lines: (call: Call, take: Take) => Asked<undefined>
}

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The parts of the path below that of the API. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Members that are `undefined` are not sent. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Only if the object still has this tag. RFC 9110 §13.1.1. */
  readonly ifMatch?: string | undefined
}

export type Seen<Answer> = { readonly value: Answer; readonly tag: string | undefined }

/** What reads an answer, such as a schema of zod. */
export type Schema<Answer> = {
  readonly safeParse: (value: unknown) => { readonly data?: Answer | undefined }
}

/** The API said no, in a problem document. RFC 9457. */
export type CallRefused = {
  readonly reason: 'call_refused'
  /** Why, as programs compare it. */
  readonly code: string
  /** Why, in words. */
  readonly detail: string
  readonly status: number
  readonly traceId: string
  /** The facts, among them. */
  readonly problem: unknown
}

export type ApiRefusal = CallRefused | ServerRefusal | ManagementTokenRefusal | SettingsRefusal

export type Asked<Answer> = Promise<Result<Answer, ApiRefusal>>

/** A request as it goes to the API. */
export type ApiRequest = {
  readonly method: string
  /** Below the issuer. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Whether it is done once, however often it is sent. */
  readonly isOnce?: boolean
  /** Takes the answer as it comes, unless it is a refusal: it may be longer than memory. */
  readonly take?: Take
}

export type Send = (request: ApiRequest) => Asked<ServerAnswer>

export function apiClient(issuer: string, send: Send): ApiClient {
  const exchange: (call: Call, take?: Take) => Asked<ServerAnswer> = async (call, take) => {
    const sent = await send(take === undefined ? requestOf(call) : linesOf(call, take))
    if (!sent.ok) return sent
    return sent.value.status < 300 ? sent : refused(call, sent.value)
  }
  return {
    issuer,
    ask: async (call, schema) => {
      const answered = await exchange(call)
      return answered.ok ? read(call, answered.value, schema) : answered
    },
    see: async (path, schema) => {
      const call = { method: 'GET', path } as const
      const answered = await exchange(call)
      if (!answered.ok) return answered
      const value = read(call, answered.value, schema)
      const tag = answered.value.headers.get('etag') ?? undefined
      return value.ok ? accept({ value: value.value, tag }) : value
    },
    tell: async (call) => {
      const answered = await exchange(call)
      return answered.ok ? accept(undefined) : answered
    },
    lines: async (call, take) => {
      const answered = await exchange(call, take)
      return answered.ok ? accept(undefined) : answered
    },
  }
}

function linesOf(call: Call, take: Take): ApiRequest {
  const { headers, ...request } = requestOf(call)
  return { ...request, headers: { ...headers, accept: 'application/jsonl' }, take }
}

function read<Answer>(
  call: Call,
  answer: ServerAnswer,
  schema: Schema<Answer>,
): Result<Answer, ServerRefusal> {
  const { data } = schema.safeParse(answer.document)
  return data === undefined ? strange(call, answer) : accept(data)
}

function requestOf({ method, path, query = {}, body, ifMatch }: Call): ApiRequest {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const search = parameters.size === 0 ? '' : `?${parameters.toString()}`
  const isJson = body !== undefined
  const isOnce = method === 'POST'
  return {
    method,
    path: `${pathOf(path)}${search}`,
    isOnce,
    headers: {
      ...(isOnce ? { 'idempotency-key': randomUUID() } : {}),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    body: isJson ? JSON.stringify(body) : undefined,
  }
}

function refused(call: Call, { status, document, traceId }: ServerAnswer) {
  const [code, detail] = [textOf(document, 'code'), textOf(document, 'detail')]
  if (code === '' || detail === '') return strange(call, { status })
  const known = traceId ?? textOf(document, 'trace_id')
  const problem = { reason: 'call_refused', code, detail, status, traceId: known } as const
  return refuse({ ...problem, problem: document } satisfies CallRefused)
}

function strange({ path }: Call, { status }: Pick<ServerAnswer, 'status'>) {
  return refuse({ reason: 'server_strange', url: pathOf(path), status } satisfies ServerRefusal)
}

function pathOf(path: readonly string[]): string {
  return `${apiPath}/${path.map(encodeURIComponent).join('/')}`
}

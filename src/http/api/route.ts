import { z } from '@hono/zod-openapi'
import type { PermittedOperation } from '../../domain/management-permission.ts'
import { permissionFor } from '../../domain/management-permission.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import type { Version } from '../../domain/version.ts'
import type { Act } from '../../management/ports.ts'
import type { Caller } from '../../ports/events.ts'
import type { EdgeRefusal, Place } from './edge/edge-refusal.ts'
import type { Exports } from './edge/exports.ts'
import { openExport } from './edge/exports.ts'
import type { Lines } from './edge/lines.ts'
import type { ParameterName, Params } from './edge/path-parameters.ts'
import { parameterNames, readParams } from './edge/path-parameters.ts'
import type { SignedIn } from './edge/identity.ts'
import type { ApiPorts } from './ports.ts'
import type { CallRefusal, Reason } from './problems/problem-table.ts'

/** Who may call a route at all. */
export type Need =
  /** Whoever holds the permission that `permissionFor` names for the operation, in its organization. */
  | 'permission'
  /** Operators, who are signed in as such. */
  | 'operator'
  /** A person who is signed in; no token will do. */
  | 'session'
  /** Whoever has a good token or session; the verb decides what they see. */
  | 'authenticated'
  /** Everybody. A session counts if there is one; no token does. */
  | 'nobody'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** One call of a route: who, and what of it has been read and checked. */
export type Call<N extends Need, Path extends string, Query, Body> = {
  readonly ports: ApiPorts
  readonly caller: Caller
  /** Whoever calls, now, from there. Of what needs nobody, only those who are signed in. */
  readonly act: N extends 'nobody' ? Act | undefined : Act
  /** The same without who: for verbs that somebody calls who is nobody yet. */
  readonly circumstances: Omit<Act, 'actor'>
  readonly signedIn: N extends 'session' ? SignedIn : SignedIn | undefined
  readonly params: Params<Path>
  /** The path as it was called: a cursor belongs to it. */
  readonly path: string
  readonly query: Query
  readonly body: Body
  /** The versions of the object that the caller knows; a change of any other is refused. */
  readonly ifMatch: readonly Version[] | undefined
}

/** A call that changes all that can be changed of a thing, by PUT, or some of it, by PATCH. */
export type Changing<Path extends string, Change extends z.ZodType> = Call<
  'permission',
  Path,
  unknown,
  z.output<Change>
>

/** What a route has to say when it did what was asked. */
export type Reply<Body> = {
  readonly body: Body
  /** In the place of the body, if that was asked for. */
  readonly lines?: Lines | undefined
  /** Of the one object that the body shows. */
  readonly version?: Version | undefined
  /** The last part of the path at which a thing that was created is found. */
  readonly id?: string | undefined
  readonly cookie?: string | undefined
  /** Whether it was made by an earlier call with the same `Idempotency-Key`. */
  readonly replayed?: boolean | undefined
}

type Outcome<Answer> = Promise<Result<Reply<Answer>, CallRefusal>>

type Spec<
  N extends Need,
  Path extends string,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  LinesQuery extends z.ZodObject,
> = {
  /** Unique. Of what needs a permission, the operation; `replaceX` is checked as `changeX`. */
  readonly operationId: N extends 'permission' ? PermittedOperation | `replace${string}` : string
  readonly method: Method
  readonly path: Path
  readonly needs: N
  /** The noun, as a heading. */
  readonly tag: string
  /** What it does, as a heading, and what there is to know about it. */
  readonly summary: string
  readonly description?: string
  readonly query?: Query
  readonly body?: Body
  readonly status: 200 | 201 | 204
  readonly answer: Answer
  /** Whether its answer is one object with a version, which `ETag` tells. */
  readonly versioned?: boolean
  /** The reasons it refuses for, beside those of `needs` and of what is malformed. */
  readonly refusals: readonly Reason[]
  /** Of these, what is 422 because the body names it, and not the path. */
  readonly inBody?: readonly Reason[]
  readonly handle: (
    call: Call<N, Path, z.output<Query>, z.output<Body>>,
  ) => Outcome<z.input<Answer>>
  /** Of a list: all of it as lines of JSON, for whoever would rather have `application/jsonl`. */
  readonly lines?: {
    readonly query: LinesQuery
    readonly read: (call: Call<N, Path, z.output<LinesQuery>, undefined>) => Lines
  }
  /** Of every creation: what shows the thing that an earlier call with the same `Idempotency-Key` made. */
  readonly replay?:
    | ApiRoute
    | ((
        call: Call<N, Path, z.output<Query>, z.output<Body>>,
        id: string,
      ) => Outcome<z.input<Answer>>)
}

/** A call whose query and body are as they came. */
export type RawCall = Omit<
  Call<'nobody', string, unknown, unknown>,
  'params' | 'query' | 'body'
> & {
  /** Of an answer that has to be lines of JSON: how many there may be. */
  readonly exports?: Exports | undefined
  readonly given: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A route without its types: what the router and the documents work with. */
export type ApiRoute = {
  readonly operationId: string
  readonly operation: PermittedOperation | undefined
  readonly method: Method
  readonly path: string
  readonly parameters: readonly ParameterName[]
  readonly needs: Need
  readonly tag: string
  readonly summary: string
  readonly description: string | undefined
  readonly query: z.ZodObject
  readonly body: z.ZodType | undefined
  readonly status: 200 | 201 | 204
  readonly answer: z.ZodType
  readonly versioned: boolean
  readonly replayable: boolean
  /** Whether it can be had as lines of JSON, too. */
  readonly hasLines: boolean
  readonly refusals: readonly Reason[]
  readonly inBody: readonly Reason[]
  readonly names: (given: Readonly<Record<string, string>>) => boolean
  readonly invoke: (call: RawCall) => Promise<Result<Reply<unknown>, CallRefusal>>
}

export const nothing = z.undefined()
const noQuery = z.strictObject({})

/** Makes a route of what is said about it, with its types checked against its handler's. */
export function route<
  const N extends Need,
  const Path extends string,
  const Answer extends z.ZodType,
  const Query extends z.ZodObject = typeof noQuery,
  const Body extends z.ZodType = typeof nothing,
  const LinesQuery extends z.ZodObject = typeof noQuery,
>(spec: Spec<N, Path, Query, Body, Answer, LinesQuery>): ApiRoute {
  const { handle, replay, lines, query = noQuery, body, ...said } = spec
  const inLines =
    lines &&
    (async (raw: RawCall, exports: Exports): Outcome<undefined> => {
      const schemas = { path: said.path, query: lines.query }
      const read = readCall<N, Path, z.output<LinesQuery>, undefined>(schemas, raw)
      if (!read.ok) return read
      const opened = await openExport(exports, raw.given, () => lines.read(read.value))
      return opened.ok ? accept({ body: undefined, lines: opened.value }) : opened
    })
  return {
    ...said,
    query,
    body,
    operation: said.needs === 'permission' ? operationOf(said.operationId) : undefined,
    parameters: parameterNames(said.path),
    description: said.description,
    versioned: said.versioned ?? false,
    replayable: replay !== undefined,
    hasLines: lines !== undefined,
    inBody: said.inBody ?? [],
    names: (given) => readParams(said.path, given) !== undefined,
    invoke: async (raw) => {
      const { path } = said
      if (raw.exports !== undefined && inLines !== undefined) return inLines(raw, raw.exports)
      const read = readCall<N, Path, z.output<Query>, z.output<Body>>({ path, query, body }, raw)
      if (!read.ok) return read
      const outcome = await handle(read.value)
      if (outcome.ok || outcome.refusal.reason !== 'request_replayed') return outcome
      if (replay === undefined) return outcome
      const { id } = outcome.refusal.target
      const again =
        typeof replay === 'function' ? await replay(read.value, id) : await shownBy(replay, raw, id)
      return again.ok ? accept({ ...again.value, replayed: true }) : again
    },
  }
}

/** What the route answers that shows one thing, whose id ends its path. */
async function shownBy(show: ApiRoute, call: RawCall, id: string): ReturnType<ApiRoute['invoke']> {
  const given = { ...call.given, [show.parameters.at(-1) ?? '']: id }
  const outcome = await show.invoke({ ...call, given, query: {}, body: undefined })
  return outcome.ok ? accept({ ...outcome.value, id }) : outcome
}

/** The operation that stands in the table of permissions. */
function operationOf(operationId: string): PermittedOperation {
  const operation = operationId.replace(/^replace/, 'change')
  if (!isPermitted(operation)) throw new Error(`no permission is named for ${operationId}`)
  return operation
}

function isPermitted(operation: string): operation is PermittedOperation {
  return Object.hasOwn(permissionFor, operation)
}

type Schemas = {
  readonly path: string
  readonly query: z.ZodObject
  readonly body?: z.ZodType | undefined
}

function readCall<N extends Need, Path extends string, Query, Body>(
  { path, query, body = nothing }: Schemas,
  raw: RawCall,
): Result<Call<N, Path, Query, Body>, EdgeRefusal> {
  const params = readParams(path, raw.given)
  if (params === undefined) return refuse({ reason: 'path_unknown' })
  const queried = query.safeParse(raw.query)
  const sent = body.safeParse(raw.body)
  if (!queried.success || !sent.success) {
    const places = [...placesIn('query', queried.error), ...placesIn('body', sent.error)]
    return refuse({ reason: 'request_malformed', places })
  }
  const read = { ...raw, params, query: queried.data, body: sent.data }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by the schemas; the router saw to what is needed
  return accept(read as unknown as Call<N, Path, Query, Body>)
}

const placesMax = 20

function placesIn(part: 'query' | 'body', error: z.ZodError | undefined): readonly Place[] {
  return (error?.issues ?? []).slice(0, placesMax).map(({ path, message }) => ({
    in: part,
    at: part === 'query' ? path.join('.') : path.map((step) => `/${pointed(step)}`).join(''),
    problem: message,
  }))
}

/** RFC 6901 §3. */
function pointed(step: PropertyKey): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1')
}

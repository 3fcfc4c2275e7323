import type { Context } from 'hono'
import { Hono } from 'hono'
import { METHODS } from 'hono/router'
import type { Seconds } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events, RoomName } from '../ports/events.ts'
import type { Freshness } from '../ports/freshness.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'
import { issuerPath, jwksPath, tokenPath } from '../protocol/metadata.ts'
import { unavailableFace } from '../protocol/token-response.ts'
import { answerError, errorTo, toResponse } from './answer.ts'
import type { EarlyRefusal } from './api-refusal.ts'
import { apiRefusalTo, isForApi } from './api-refusal.ts'
import type { AnswerDirectly } from './direct.ts'
import { directAnswers } from './direct.ts'
import type { Door, LoadRoom } from './door.ts'
import { door } from './door.ts'
import type { CallerNeeds, Edge, Incoming } from './edge.ts'
import { readCaller } from './edge.ts'
import { faultTo } from './fault.ts'
import type { SayUnavailable } from './gate.ts'
import type { Readiness } from './health.ts'
import { healthEndpoints } from './health.ts'
import { jwksEndpoint, keyAnswers } from './oauth/jwks.ts'
import { metadataEndpoints } from './oauth/metadata.ts'
import type { IssueToken } from './oauth/token.ts'
import { tokenAnswers, tokenEndpoint } from './oauth/token.ts'

/** What the edge calls. */
export type Ports = {
  readonly issueToken: IssueToken
  readonly signingKeys: SigningKeys
  readonly freshness: Pick<Freshness, 'state'>
  readonly readiness: Readiness
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly events: Events
  /** The management API, which is loaded once the server listens, or when it is first called. */
  readonly loadApi: LoadRoom
} & CallerNeeds

export type Options = {
  /** The base of every URL, and what every path begins with; no header of a request is asked. */
  readonly issuer: string
  readonly jwksMaxAge: Seconds
  /** How long a key is published after it stopped signing. */
  readonly keysKeptFor: Seconds
}

/** The rooms of the server. */
export type Rooms = {
  /** Answers one request; what `@hono/node-server` calls. */
  readonly fetch: (
    request: Request,
    env: { readonly incoming: Incoming },
  ) => Response | Promise<Response>
  readonly answerDirectly: AnswerDirectly
  /** Where others notice an overload, or learn how to verify tokens they have: cheap to answer. */
  readonly neverShed: ReadonlySet<string>
  /** Says that a request cannot be served just now, as the room says it that the request is for. */
  readonly sayUnavailable: SayUnavailable
}

/** Rooms, and the paths that lead to them. */
export type App = Rooms & {
  readonly paths: ReadonlySet<string>
  /** Loads the rooms behind doors before anybody comes, and tells of those that cannot be. */
  readonly openDoors: () => Promise<void>
}

/** The rooms of the server behind one door. Health is asked of the process itself: at the root. */
export function app(ports: Ports, { issuer, jwksMaxAge, keysKeptFor }: Options): App {
  const base = issuerPath(issuer)
  const answerToken = tokenAnswers(ports)
  const answerKeys = keyAnswers(ports, { maxAge: jwksMaxAge, keptFor: keysKeptFor })
  const doors = {
    api: door('/api/*', ports.loadApi),
    console: door('/console/*', loadConsole(issuer)),
  }
  const neverShed = new Hono<Edge>()
    .route('/', healthEndpoints(ports))
    .route('/', metadataEndpoints({ issuer, maxAge: jwksMaxAge }))
    .route(base, jwksEndpoint(answerKeys))
  const rooms: Hono<Edge> = new Hono<Edge>()
    .route('/', neverShed)
    .route(base, tokenEndpoint(answerToken))
    .route(base, doors.api.way)
    .route(base, doors.console.way)
    .notFound((c) => answerNotFound(c, rooms))
    .onError((fault, c) => {
      const { method, path } = c.req
      const { caller } = c.env
      const refuse = (refusal: EarlyRefusal) => apiRefusalTo(caller, issuer, refusal)
      const failed = { method, path, fault }
      return toResponse(
        faultTo(caller, failed, ports.events, isForApi(base, path) ? refuse : undefined),
      )
    })

  return {
    fetch: (request, { incoming }) => {
      const env = { incoming, caller: readCaller(incoming, ports) }
      const { url = '' } = incoming
      if (isPlain(url)) return rooms.fetch(request, env)
      return isForApi(base, url)
        ? toResponse(apiRefusalTo(env.caller, issuer, { reason: 'path_unknown' }))
        : rooms.fetch(oddPath, env)
    },
    sayUnavailable: sayUnavailable(issuer),
    paths: pathsOf(rooms),
    neverShed: pathsOf(neverShed),
    openDoors: openAll(doors, ports.events),
    answerDirectly: directAnswers(
      [
        { method: 'POST', path: `${base}${tokenPath}`, answer: answerToken },
        { method: 'GET', path: `${base}${jwksPath}`, answer: answerKeys },
      ],
      ports,
    ),
  }
}

function sayUnavailable(issuer: string): SayUnavailable {
  const base = issuerPath(issuer)
  return (url, caller, retryAfter) =>
    isForApi(base, url)
      ? apiRefusalTo(caller, issuer, { reason: 'temporarily_unavailable', retryAfter })
      : errorTo(caller, unavailableFace, { 'retry-after': String(retryAfter) })
}

function openAll(doors: Readonly<Record<RoomName, Door>>, events: Events): App['openDoors'] {
  const opened = async (room: RoomName) => {
    try {
      await doors[room].open()
    } catch (error) {
      events.record({ kind: 'room_failed', room, error })
    }
  }
  return async () => {
    await opened('api')
    await opened('console')
  }
}

/** The pages for people; read from disk like the management API. */
function loadConsole(issuer: string): LoadRoom {
  return async () => {
    const { openConsole } = await import('./console/console.ts')
    return openConsole(issuer)
  }
}

function pathsOf({ routes }: Hono<Edge>): ReadonlySet<string> {
  return new Set(routes.map(({ path }) => path))
}

const oddPath = new Request('http://localhost/odd')
const notPlain = /^[^?]*(?:[%#@\\]|\/\.\.?(?:[/?]|$))/

/**
 * Whether a path is written as it is meant. No path of ours needs an escape or a dot segment, and a
 * proxy in front that takes them literally would guard another path than the one that is served.
 */
function isPlain(target: string): boolean {
  return !notPlain.test(target)
}

/** A path that exists for other methods is 405 with the list of them. RFC 9110 §15.5.6. */
function answerNotFound(c: Context<Edge>, { router }: Hono<Edge>): Response {
  const allowed = METHODS.map((method) => method.toUpperCase()).filter(
    (method) => router.match(method, c.req.path)[0].length > 0,
  )
  if (allowed.length === 0) return answerError(c, ['not_found', undefined, 404])
  if (allowed.includes('GET')) allowed.push('HEAD')
  return answerError(c, ['method_not_allowed', undefined, 405], { allow: allowed.join(', ') })
}

import { Hono } from 'hono'
import type { Context } from 'hono'
import { METHODS } from 'hono/router'
import { Unavailable } from '../../domain/fault.ts'
import { apiPath, issuerPath } from '../../protocol/metadata.ts'
import type { RoomEnv } from '../door.ts'
import type { ApiEnv, Served } from './edge/answers.ts'
import { optionsAnswer, problemAnswer, replyAnswer } from './edge/answers.ts'
import type { Exports } from './edge/exports.ts'
import { openExports } from './edge/exports.ts'
import type { Identify } from './edge/identity.ts'
import type { ApiPorts } from './ports.ts'
import type { CallRefusal } from './problems/problem-table.ts'
import type { ApiRoute } from './route.ts'
import { apiRoutes } from './routes.ts'
import { serveReference } from './docs/reference.ts'
import { serve } from './edge/serve.ts'

/** The management API, wherever its requests come from. */
export type ApiRoom = {
  readonly fetch: (request: Request, env: RoomEnv) => Promise<Response>
}

/**
 * The management API as a room: every route of the table, and problem documents for what is none.
 * `identify` says who sent a request; a command line beside the database knows that without asking.
 */
export function apiRoom(ports: ApiPorts, identify: Identify): ApiRoom {
  const rooms = new Hono<ApiEnv>()
  const room = { ports, identify, exports: openExports() }
  const routed = new Hono<ApiEnv>()
  for (const route of apiRoutes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    routed.on(route.method.toUpperCase(), path, async (c) => handled(c, room, route))
  }
  serveReference(routed, ports.issuer)
  rooms.route(`${issuerPath(ports.issuer)}${apiPath}`, routed)
  rooms.notFound((c) => answerUnrouted(c, ports, rooms))
  return { fetch: async (request, env) => rooms.fetch(request, env) }
}

type Inside = {
  readonly ports: ApiPorts
  readonly identify: Identify
  readonly exports: Exports
}

async function handled(c: Context<ApiEnv>, room: Inside, route: ApiRoute): Promise<Response> {
  const { caller } = c.env
  const { ports } = room
  const served = await serveOrFail(c, room, route)
  await giveUpUnread(c.req.raw, served)
  const response = served.outcome.ok
    ? replyAnswer(ports, caller, {
        reply: served.outcome.value,
        route,
        path: c.req.path,
        failed: (fault) => cutOff(c, ports, fault),
      })
    : problemAnswer(ports, caller, { ...served, outcome: served.outcome })
  const { actor, outcome, organization } = served
  const refusal = outcome.ok ? undefined : outcome.refusal.reason
  const { status } = response
  const told = { caller, operation: route.operationId }
  ports.events.record({ kind: 'management_call', ...told, actor, status, refusal })
  if (actor !== undefined && refusal !== undefined && isDenied(status, organization?.foreign)) {
    const where = { organization: organization?.named, reason: refusal }
    ports.events.record({ kind: 'management_denied', ...told, actor, ...where })
  }
  return response
}

/** Nobody will read what answers HEAD, nor leave it. RFC 9110 §9.3.2. */
async function giveUpUnread({ method }: Request, { outcome }: Served): Promise<void> {
  if (method === 'HEAD' && outcome.ok) await outcome.value.lines?.return()
}

/** A fault is told like everywhere: the caller learns that, the operator the rest, by the trace id. */
async function serveOrFail(
  c: Context<ApiEnv>,
  { ports, identify, exports }: Inside,
  route: ApiRoute,
): Promise<Served> {
  try {
    return await serve(ports, identify, route, {
      request: c.req.raw,
      given: c.req.param(),
      path: c.req.path,
      caller: c.env.caller,
      exports,
    })
  } catch (fault) {
    return { route, outcome: refused(failed(c, ports, fault)) }
  }
}

/** Of an answer that has begun nothing can be taken back: it ends without its end. */
function cutOff(c: Context<ApiEnv>, ports: ApiPorts, fault: unknown): void {
  failed(c, ports, fault)
  if (c.env.cut === undefined) throw fault
  c.env.cut()
}

/** Tells the operator of a fault; returns what the caller may know of it. */
function failed(c: Context<ApiEnv>, { events }: ApiPorts, fault: unknown): CallRefusal {
  const away = fault instanceof Unavailable
  const { method, path } = c.req
  const status = away ? 503 : 500
  events.record({
    kind: 'request_failed',
    caller: c.env.caller,
    method,
    path,
    status,
    error: fault,
  })
  return away
    ? { reason: 'temporarily_unavailable', retryAfter: fault.retryAfter }
    : { reason: 'server_error' }
}

function isDenied(status: number, foreign = false): boolean {
  return status === 403 || foreign
}

/** No route: nothing is here, or not by this method. RFC 9110 §15.5.6, §9.3.7. */
function answerUnrouted(c: Context<ApiEnv>, ports: ApiPorts, { router }: Hono<ApiEnv>): Response {
  const { caller } = c.env
  const allowed = METHODS.map((method) => method.toUpperCase()).filter(
    (method) => router.match(method, c.req.path)[0].length > 0,
  )
  if (allowed.length === 0) {
    return problemAnswer(ports, caller, { outcome: refused({ reason: 'path_unknown' }) })
  }
  if (allowed.includes('GET')) allowed.push('HEAD')
  allowed.push('OPTIONS')
  if (c.req.method === 'OPTIONS') return optionsAnswer(caller, allowed)
  return problemAnswer(ports, caller, {
    outcome: refused({ reason: 'method_not_allowed', allowed }),
  })
}

function refused(refusal: CallRefusal) {
  return { ok: false, refusal } as const
}

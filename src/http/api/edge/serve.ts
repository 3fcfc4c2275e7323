import { hash } from 'node:crypto'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { Act } from '../../../management/ports.ts'
import type { Caller } from '../../../ports/events.ts'
import { readAccept } from './accept.ts'
import { actorOf, organizationIn, whyNotAdmitted } from './admission.ts'
import type { Served } from './answers.ts'
import { readIdempotencyKey, readIfMatch, whyUnconditional } from './conditions.ts'
import type { EdgeRefusal } from './edge-refusal.ts'
import type { Exports } from './exports.ts'
import type { Identify, Identity } from './identity.ts'
import type { ApiPorts } from '../ports.ts'
import { hasBody, readRequestBody } from './request-body.ts'
import type { ApiRoute, RawCall } from '../route.ts'

/** A request as the router hands it on. */
export type Arrived = {
  readonly request: Request
  /** What the path names, as it came. */
  readonly given: Readonly<Record<string, string>>
  readonly path: string
  readonly caller: Caller
  readonly exports: Exports
}

/**
 * One call, in the order in which it may learn something: who it is, whether the place exists for
 * them, whether they may, and only then whether what they sent is well-formed.
 */
export async function serve(
  ports: ApiPorts,
  identify: Identify,
  route: ApiRoute,
  arrived: Arrived,
): Promise<Served> {
  const at = ports.clock.now()
  const { issuer } = ports
  const identity = await identified({ identify, issuer }, route, arrived.request, at)
  if (!identity.ok) return { route, outcome: identity }
  const organization = organizationIn(arrived.given)
  const actor = await actorOf(ports, identity.value, { organization, now: at })
  if (!actor.ok) return { route, identity: identity.value, outcome: actor }

  const { traceId, network } = arrived.caller
  const circumstances = { at, traceId, network }
  const act = actor.value && { actor: actor.value, ...circumstances }
  const admitted = { act, identity: identity.value, organization }
  const refusal = await whyNotAdmitted(ports, route, admitted)
  const who = {
    route,
    identity: identity.value,
    actor: actor.value,
    organization: { named: organization },
  }
  if (refusal !== undefined) {
    const foreign = refusal.reason === 'organization_unknown'
    return { ...who, organization: { named: organization, foreign }, outcome: refuse(refusal) }
  }
  if (!route.names(arrived.given)) return { ...who, outcome: refuse({ reason: 'path_unknown' }) }

  const read = await readCall(route, arrived)
  if (!read.ok) return { ...who, outcome: read }
  const { key, ...sent } = read.value
  const idempotency =
    key === undefined ? undefined : { key, fingerprint: fingerprintOf(route, sent) }
  const call = {
    ...sent,
    ports,
    act: act && { ...act, idempotency },
    circumstances,
    caller: arrived.caller,
  }
  return { ...who, outcome: await route.invoke({ ...call, signedIn: signedIn(identity.value) }) }
}

/** Where nobody needs to be known, whoever is not is nobody: an old cookie must not bar the way in. */
async function identified(
  { identify, issuer }: Pick<ApiPorts, 'issuer'> & { readonly identify: Identify },
  { needs }: ApiRoute,
  request: Request,
  at: Act['at'],
): Promise<Result<Identity, EdgeRefusal>> {
  if (needs === 'nobody' && isForeign(issuer, request)) {
    return refuse({ reason: 'origin_mismatched', origin: new URL(issuer).origin })
  }
  const identity = await identify(request, at)
  if (needs !== 'nobody') return identity
  if (identity.ok) return identity.value.type === 'token' ? nobody : identity
  return identity.refusal.reason === 'session_invalid' ? nobody : identity
}

/** A page of another site must not bring anybody in here, as whomever it likes. */
function isForeign(issuer: string, { headers }: Request): boolean {
  const origin = headers.get('origin')
  return origin !== null && origin !== new URL(issuer).origin
}

const nobody = accept<Identity>({ type: 'nobody' })

function signedIn(identity: Identity) {
  return identity.type === 'session' ? identity.signedIn : undefined
}

type Read = Pick<RawCall, 'given' | 'path' | 'query' | 'body' | 'ifMatch' | 'exports'> & {
  /** What the caller calls this creation. */
  readonly key: string | undefined
}

/** Of all that a call asks for. Two calls that are the same ask for the same. */
function fingerprintOf({ operationId }: ApiRoute, { path, query, body }: Omit<Read, 'key'>) {
  return hash('sha256', JSON.stringify([operationId, path, query, body]), 'buffer')
}

async function readCall(
  route: ApiRoute,
  { request, given, path, exports }: Arrived,
): Promise<Result<Read, EdgeRefusal>> {
  const form = readForm(route, request)
  if (!form.ok) return form
  const query = readQuery(new URL(request.url).searchParams)
  if (!query.ok) return query
  const unread = whyUnconditional(route, request.headers)
  if (unread !== undefined) return refuse(unread)
  const ifMatch = readIfMatch(request.headers.get('if-match'))
  if (!ifMatch.ok) return ifMatch
  const key = readIdempotencyKey(route, request.headers.get('idempotency-key'))
  if (!key.ok) return key
  const body = await readBody(route, request)
  if (!body.ok) return body
  return accept({
    given,
    path,
    query: query.value,
    body: body.value,
    ifMatch: ifMatch.value,
    key: key.value,
    exports: form.value === 'application/jsonl' ? exports : undefined,
  })
}

/** What has one form alone is answered in it, whatever is asked for. RFC 9110 §12.5.1. */
function readForm({ hasLines }: ApiRoute, { headers }: Request): ReturnType<typeof readAccept> {
  return hasLines ? readAccept(headers.get('accept')) : accept('application/json')
}

/** A parameter that occurs twice says two things. */
function readQuery(search: URLSearchParams): Result<Readonly<Record<string, string>>, EdgeRefusal> {
  const names = [...search.keys()]
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated === undefined) return accept(Object.fromEntries(search))
  const place = { in: 'query', at: repeated, problem: 'is there more than once' } as const
  return refuse({ reason: 'request_malformed', places: [place] })
}

async function readBody(
  { body }: ApiRoute,
  request: Request,
): Promise<Result<unknown, EdgeRefusal>> {
  if (body !== undefined) return readRequestBody(request)
  if (!hasBody(request)) return accept(undefined)
  const place = { in: 'body', at: '', problem: 'there is none in this request' } as const
  return refuse({ reason: 'request_malformed', places: [place] })
}

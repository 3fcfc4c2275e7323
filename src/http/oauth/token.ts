import type { Context } from 'hono'
import { Hono } from 'hono'
import { parseId } from '../../domain/id.ts'
import type { Result } from '../../domain/result.ts'
import { refuse } from '../../domain/result.ts'
import type { Caller, Event, Events } from '../../ports/events.ts'
import { tokenPath } from '../../protocol/metadata.ts'
import type { TokenRequest } from '../../protocol/token-request.ts'
import { readTokenRequest } from '../../protocol/token-request.ts'
import type { TokenRefusal } from '../../protocol/token-response.ts'
import { publicFace, tokenResponse } from '../../protocol/token-response.ts'
import type { IssuedToken } from '../../token/issue-token.ts'
import type { Headers } from '../answer.ts'
import { answer, answerError, noStore } from '../answer.ts'
import { readBody } from '../body.ts'
import type { Edge } from '../edge.ts'

type Outcome = Result<IssuedToken, TokenRefusal>
type Asked = Result<TokenRequest, TokenRefusal>

/** Exchanges a proof of identity for a token; the token plane's main verb, with its ports at hand. */
export type IssueToken = (request: TokenRequest, caller: Caller) => Promise<Outcome>

type Needs = { readonly issueToken: IssueToken; readonly events: Events }

/** The token endpoint. RFC 6749 §3.2. No web page may call it: it has no CORS headers. */
export function tokenEndpoint({ issueToken, events }: Needs): Hono<Edge> {
  return new Hono<Edge>().post(tokenPath, async (c) => {
    const { caller } = c.env
    const request = await readRequest(c)
    const outcome = request.ok ? await issueToken(request.value, caller) : request
    events.record(tokenEvent(caller, request, outcome))
    return respond(c, outcome)
  })
}

const formType = 'application/x-www-form-urlencoded'
const contentTypeCharactersMax = 100
const utf8Form = /^application\/x-www-form-urlencoded *; *charset="?utf-8"? *$/i

async function readRequest(c: Context<Edge>): Promise<Asked> {
  const { incoming } = c.env
  const { headers } = incoming
  if (!isForm(headers['content-type'])) return refuse({ reason: 'content_type_unsupported' })
  const body = await readBody(incoming)
  if (!body.ok) return body

  const { url } = c.req
  const question = url.indexOf('?')
  return readTokenRequest({
    authorization: headers.authorization,
    query: question === -1 ? undefined : url.slice(question + 1),
    body: body.value,
  })
}

function isForm(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType.length > contentTypeCharactersMax) return false
  return contentType.toLowerCase() === formType || utf8Form.test(contentType)
}

function tokenEvent(caller: Caller, request: Asked, outcome: Outcome): Event {
  if (outcome.ok) {
    const { grant, credential, jti, kid, alg, stale } = outcome.value
    const { client, audience, lifetime } = grant
    return {
      kind: 'token_issued',
      caller,
      client,
      credential,
      audience,
      jti,
      kid,
      alg,
      lifetime,
      stale,
    }
  }
  const { reason, ...facts } = outcome.refusal
  const claimed = request.ok
    ? parseId('service_account', request.value.presented.client)
    : undefined
  return { kind: 'token_refused', caller, client: claimed, reason, facts }
}

function respond(c: Context<Edge>, outcome: Outcome): Response {
  if (!outcome.ok) return refusalResponse(c, outcome.refusal)
  return answer(c, tokenResponse(outcome.value), { status: 200, headers: noStore })
}

function refusalResponse(c: Context<Edge>, refusal: TokenRefusal): Response {
  const face = publicFace[refusal.reason]
  return answerError(c, face, headersOf(refusal, face[2]))
}

const challenge = { 'www-authenticate': 'Basic realm="token endpoint", charset="UTF-8"' }

function headersOf(refusal: TokenRefusal, status: number): Headers | undefined {
  // Every 401 says how to do better. RFC 9110 §15.5.2, RFC 6749 §5.2.
  if (status === 401) return challenge
  // The rest of the body is not read, so nothing that follows on this connection can be trusted.
  if (refusal.reason === 'body_too_large') return { connection: 'close' }
  if (refusal.reason === 'client_limited') return { 'retry-after': String(refusal.retryAfter) }
  return undefined
}

import { Hono } from 'hono'
import { parseClientId } from '../../domain/id.ts'
import type { Result } from '../../domain/result.ts'
import { refuse } from '../../domain/result.ts'
import type { Caller, Event, Events } from '../../ports/events.ts'
import { tokenPath } from '../../protocol/metadata.ts'
import type { TokenRequest } from '../../protocol/token-request.ts'
import { readTokenRequest } from '../../protocol/token-request.ts'
import type { TokenRefusal } from '../../protocol/token-response.ts'
import { publicFace, tokenResponse } from '../../protocol/token-response.ts'
import type { IssuedToken } from '../../token/issue-token.ts'
import type { Answer, Headers } from '../answer.ts'
import { answerTo, errorTo, noStore, toResponse } from '../answer.ts'
import { readBody } from '../body.ts'
import { acceptsNoCoding, isUncoded } from '../content-coding.ts'
import type { Edge, Incoming } from '../edge.ts'

type Outcome = Result<IssuedToken, TokenRefusal>
type Asked = Result<TokenRequest, TokenRefusal>

/** Exchanges a proof of identity for a token; the token plane's main verb, with its ports at hand. */
export type IssueToken = (request: TokenRequest, caller: Caller) => Promise<Outcome>

type Needs = { readonly issueToken: IssueToken; readonly events: Events }

/** Answers a request at the token endpoint. RFC 6749 §3.2. */
export type AnswerToken = (incoming: Incoming, caller: Caller) => Promise<Answer>

export function tokenAnswers({ issueToken, events }: Needs): AnswerToken {
  return async (incoming, caller) => {
    const request = await readRequest(incoming)
    const outcome = request.ok ? await issueToken(request.value, caller) : request
    events.record(tokenEvent(caller, request, outcome))
    return outcome.ok
      ? answerTo(caller, tokenResponse(outcome.value), { status: 200, headers: noStore })
      : refused(caller, outcome.refusal)
  }
}

/** No web page may call the token endpoint: it has no CORS headers. */
export function tokenEndpoint(answerToken: AnswerToken): Hono<Edge> {
  return new Hono<Edge>().post(tokenPath, async (c) =>
    toResponse(await answerToken(c.env.incoming, c.env.caller)),
  )
}

const formType = 'application/x-www-form-urlencoded'
const contentTypeCharactersMax = 100
const utf8Form = /^application\/x-www-form-urlencoded *; *charset="?utf-8"? *$/i

async function readRequest(incoming: Incoming): Promise<Asked> {
  const { headers, url = '' } = incoming
  if (!isForm(headers['content-type'])) return refuse({ reason: 'content_type_unsupported' })
  if (!isUncoded(headers['content-encoding'])) {
    return refuse({ reason: 'content_encoding_unsupported' })
  }
  const body = await readBody(incoming)
  if (!body.ok) return body

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
  const claimed = request.ok ? parseClientId(request.value.presented.client) : undefined
  return { kind: 'token_refused', caller, client: claimed, reason, facts }
}

function refused(caller: Caller, refusal: TokenRefusal): Answer {
  const face = publicFace[refusal.reason]
  return errorTo(caller, face, headersOf(refusal, face[2]))
}

const challenge = { 'www-authenticate': 'Basic realm="token endpoint", charset="UTF-8"' }

function headersOf(refusal: TokenRefusal, status: number): Headers | undefined {
  // Every 401 says how to do better. RFC 9110 §15.5.2, RFC 6749 §5.2.
  if (status === 401) return challenge
  // The rest of the body is not read, so nothing that follows on this connection can be trusted.
  if (refusal.reason === 'body_too_large') return { connection: 'close' }
  if (refusal.reason === 'content_encoding_unsupported') return acceptsNoCoding
  if (refusal.reason === 'client_limited') return { 'retry-after': String(refusal.retryAfter) }
  return undefined
}

import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import type { Grant } from '../../src/domain/grant.ts'
import type { CredentialId } from '../../src/domain/id.ts'
import type { Kid } from '../../src/domain/key-ring.ts'
import { accept, refuse } from '../../src/domain/result.ts'
import { seconds } from '../../src/domain/time.ts'
import type { TokenRequest } from '../../src/protocol/token-request.ts'
import { formHeaders, openEdge, rawExchange } from './edge.ts'

const client = 'sa_01h455vb4pex5vsknk084sn02q'
const secret = 'csk_0123456789abcdef_very_secret'
const authorization = `Basic ${btoa(`${client}:${secret}`)}`
const body = 'grant_type=client_credentials&scope=orders%3Aread'

const grant = {
  client,
  organization: 'org_01h455vb4pex5vsknk084sn02q',
  principalType: 'service_account',
  audience: 'https://api.example.com',
  scope: ['orders:read'],
  roles: [],
  groups: [],
  details: [],
  lifetime: seconds(900),
} as unknown as Grant

const issued = {
  token: 'header.claims.signature',
  grant,
  jti: 'j-1',
  kid: 'k-1' as Kid,
  alg: 'ES256' as const,
  credential: 'crd_1' as CredentialId,
  stale: true,
}

type Post = { query?: string; body?: string; headers?: Record<string, string> }

function post(url: string, given: Post = {}) {
  return fetch(`${url}/oauth2/token${given.query ?? ''}`, {
    method: 'POST',
    body: given.body ?? body,
    headers: { ...formHeaders, authorization, ...given.headers },
  })
}

describe('POST /oauth2/token', () => {
  it('hands on what was asked, and answers with what was issued', async () => {
    const requests: TokenRequest[] = []
    const { url, events } = await openEdge({
      issueToken: async (request) => {
        requests.push(request)
        return accept(issued)
      },
    })
    const response = await post(url)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      access_token: 'header.claims.signature',
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'orders:read',
    })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'trace-id': 'ab'.repeat(16),
    })
    expect(requests).toEqual([
      {
        presented: { method: 'client_secret_basic', client, secret },
        audience: undefined,
        asked: { scope: ['orders:read'], details: undefined },
      },
    ])
    expect(events).toEqual([
      {
        kind: 'token_issued',
        caller: {
          traceId: 'ab'.repeat(16),
          since: 0,
          network: '127.0.0.1',
          userAgent: expect.any(String),
        },
        client,
        credential: 'crd_1',
        audience: 'https://api.example.com',
        jti: 'j-1',
        kid: 'k-1',
        alg: 'ES256',
        lifetime: 900,
        stale: true,
      },
    ])
  })

  it('records why it refused, and tells the caller little', async () => {
    const { url, events } = await openEdge({
      issueToken: async () =>
        refuse({ reason: 'credential_mismatch', credential: 'crd_1' as CredentialId }),
    })
    const response = await post(url)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: 'invalid_client',
      error_description: 'client authentication failed',
      trace_id: 'ab'.repeat(16),
    })
    expect(events).toMatchObject([
      {
        kind: 'token_refused',
        client,
        reason: 'credential_mismatch',
        facts: { credential: 'crd_1' },
      },
    ])
  })

  it('records one event for each request, with nothing secret in it', async () => {
    const { url, events } = await openEdge()
    const requests: Post[] = [
      {},
      { body: `${body}&client_secret=${secret}` },
      { body: `client_id=${secret}&client_id=${secret}` },
      { body: `${secret}&${secret}` },
      { body: `grant_type=${secret}` },
      { body: secret, headers: { 'content-type': `text/${secret}` } },
      { headers: { authorization: `Basic ${btoa(`${secret}:${client}`)}` } },
      { headers: { authorization: secret } },
      { query: `?client_secret=${secret}` },
      { body: `${body}&resource=${secret}` },
      { body: `${body}&authorization_details=["${secret}"]` },
    ]
    for (const request of requests) await post(url, request)
    expect(events).toHaveLength(requests.length)
    expect(JSON.stringify(events)).not.toContain(secret)
  })

  it('answers a failure in the header and in the body alike, with a challenge', async () => {
    const { url } = await openEdge()
    const byHeader = await post(url)
    expect([byHeader.status, byHeader.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="token endpoint", charset="UTF-8"',
    ])
    const byBody = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      headers: formHeaders,
      body: `${body}&client_id=${client}&client_secret=${secret}`,
    })
    expect([byBody.status, byBody.headers.get('www-authenticate')]).toEqual([
      401,
      byHeader.headers.get('www-authenticate'),
    ])
    expect(await byBody.json()).toEqual(await byHeader.json())
  })

  it('refuses two Authorization headers rather than choose one', async () => {
    const { port, events } = await openEdge({ issueToken: async () => accept(issued) })
    const type = 'Content-Type: application/x-www-form-urlencoded'
    const twice = `Authorization: ${authorization}\r\nAuthorization: ${authorization}`
    const head = `POST /oauth2/token HTTP/1.1\r\nHost: a\r\n${type}\r\n${twice}`
    const { text } = await rawExchange(port, [
      `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    ])
    expect(text).toMatch(/^HTTP\/1\.1 401 /)
    expect(events).toMatchObject([{ kind: 'token_refused', reason: 'authorization_malformed' }])
  })

  it.each([
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded',
    'application/x-www-form-urlencoded; charset=utf-8',
    'application/x-www-form-urlencoded;charset="UTF-8"',
  ])('reads %s', async (type) => {
    const { url } = await openEdge({ issueToken: async () => accept(issued) })
    expect((await post(url, { headers: { 'content-type': type } })).status).toBe(200)
  })

  it.each([
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded; charset=iso-8859-1',
    'application/x-www-form-urlencoded; boundary=a',
    'application/x-www-form-urlencodedx',
    `application/x-www-form-urlencoded${' '.repeat(15_000)}x`,
  ])('does not read %.60s', async (type) => {
    const { url } = await openEdge({ issueToken: async () => accept(issued) })
    const started = performance.now()
    const response = await post(url, { headers: { 'content-type': type } })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('says when to come again to a client that guesses too much', async () => {
    const { url } = await openEdge({
      issueToken: async () => refuse({ reason: 'client_limited', retryAfter: seconds(7) }),
    })
    const response = await post(url)
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await response.json()).not.toMatchObject({ error: 'invalid_client' })
  })

  it('says when to come again while the server cannot answer', async () => {
    const fault = new Unavailable('the database is away: postgres://secret', seconds(3))
    const { url, events } = await openEdge({ issueToken: () => Promise.reject(fault) })
    const response = await post(url)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3'])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'the server cannot answer just now, try again later',
      trace_id: 'ab'.repeat(16),
    })
    expect(events).toMatchObject([
      { kind: 'request_failed', method: 'POST', path: '/oauth2/token', status: 503, error: fault },
    ])
  })

  it('says nothing of a fault but its trace id', async () => {
    const { url, events } = await openEdge({
      issueToken: () => Promise.reject(new TypeError('x is not a function')),
    })
    const response = await post(url)
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: 'server_error', trace_id: 'ab'.repeat(16) })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(events).toMatchObject([{ kind: 'request_failed', status: 500 }])
  })

  it('keeps the query of a failed request out of the record', async () => {
    const { url, events } = await openEdge({ issueToken: () => Promise.reject(new Error('fault')) })
    await post(url, { query: '?harmless=value' })
    expect(events).toMatchObject([{ kind: 'request_failed', path: '/oauth2/token' }])
  })
})

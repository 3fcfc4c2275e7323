import { describe, expect, it } from 'vitest'
import { formHeaders, openEdge, rawExchange } from './edge.ts'

const paths = [
  '/oauth2/token',
  '/.well-known/jwks.json',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/health/live',
  '/health/ready',
  '/',
  '/api',
]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']

describe('every response', () => {
  it('has a trace id, says nothing of versions, and is JSON if it has a body', async () => {
    const { url } = await openEdge()
    for (const path of paths) {
      for (const method of methods) {
        const response = await fetch(`${url}${path}`, { method })
        expect(response.headers.get('trace-id')).toBe('ab'.repeat(16))
        expect(response.headers.get('server')).toBeNull()
        expect(response.headers.get('x-powered-by')).toBeNull()
        expect(response.status).not.toBe(307)
        const text = await response.text()
        expect(() => text === '' || JSON.parse(text)).not.toThrow()
        expect(text).not.toMatch(/node|hono|\bat .*:\d+/i)
      }
    }
  })

  it('carries on the trace of the caller', async () => {
    const { url } = await openEdge()
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const response = await fetch(`${url}/nowhere`, {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    })
    expect(response.headers.get('trace-id')).toBe(traceId)
    expect(await response.json()).toEqual({ error: 'not_found', trace_id: traceId })
  })

  it('begins a trace of its own where the caller has none that is valid', async () => {
    const { url } = await openEdge()
    const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01' }
    const response = await fetch(`${url}/nowhere`, { headers })
    expect(response.headers.get('trace-id')).toBe('ab'.repeat(16))
  })
})

describe('a path that exists', () => {
  it.each([
    ['/oauth2/token', 'GET', 'POST'],
    ['/oauth2/token', 'OPTIONS', 'POST'],
    ['/oauth2/token', 'PROPFIND', 'POST'],
    ['/oauth2/token', 'HEAD', 'POST'],
    ['/.well-known/jwks.json', 'POST', 'GET, OPTIONS, HEAD'],
    ['/.well-known/oauth-authorization-server', 'DELETE', 'GET, OPTIONS, HEAD'],
    ['/health/live', 'POST', 'GET, HEAD'],
  ])('%s refuses %s and allows %s', async (path, method, allow) => {
    const { url } = await openEdge()
    const response = await fetch(`${url}${path}`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('is below the path of the issuer, and nowhere else', async () => {
    const { url } = await openEdge({}, { issuer: 'https://id.example.com/tenant' })
    const status = async (path: string, method: string) =>
      (await fetch(`${url}${path}`, { method, headers: formHeaders })).status
    expect(await status('/tenant/oauth2/token', 'POST')).toBe(401)
    expect(await status('/oauth2/token', 'POST')).toBe(404)
    expect(await status('/tenant/oauth2/token/', 'POST')).toBe(404)
    expect(await status('/tenant/.well-known/jwks.json', 'GET')).toBe(503)
    expect(await status('/.well-known/jwks.json', 'GET')).toBe(404)
    expect(await status('/health/live', 'GET')).toBe(200)
  })
})

describe('a web page elsewhere', () => {
  it('may read the public documents, and nothing else', async () => {
    const { url } = await openEdge()
    const origin = { origin: 'https://evil.example.com' }
    const allowed = async (path: string, method: string) =>
      (await fetch(`${url}${path}`, { method, headers: origin })).headers.get(
        'access-control-allow-origin',
      )
    expect(await allowed('/.well-known/oauth-authorization-server', 'GET')).toBe('*')
    expect(await allowed('/.well-known/jwks.json', 'OPTIONS')).toBe('*')
    for (const method of methods) expect(await allowed('/oauth2/token', method)).toBeNull()
    expect(await allowed('/health/ready', 'GET')).toBeNull()
  })
})

describe('health', () => {
  it('is ready when nothing is missing', async () => {
    const { url } = await openEdge()
    const response = await fetch(`${url}/health/ready`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }])
  })

  it('says what is missing, and lives on meanwhile', async () => {
    const reasons = ['no signing keys have been read', 'the database has not answered']
    const { url } = await openEdge({ readiness: () => reasons })
    const ready = await fetch(`${url}/health/ready`)
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not_ready', reasons }])
    const live = await fetch(`${url}/health/live`)
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
    expect(live.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a request that is not HTTP', () => {
  it.each([
    ['without a host', 'GET / HTTP/1.1\r\n\r\n'],
    ['with a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    [
      'with two lengths',
      'POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'with a length and chunks',
      'POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['with headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`],
  ])('%s gets a bare refusal', async (_, text) => {
    const { port } = await openEdge()
    const answer = await rawExchange(port, [text])
    expect(answer.text).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer.text).not.toMatch(/node|hono|stack/i)
  })
})

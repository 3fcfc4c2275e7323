import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import type { WireRequest } from '../../src/protocol/token-request.ts'
import { readTokenRequest } from '../../src/protocol/token-request.ts'
import { openEdge, rawExchange } from '../http/edge.ts'
import { openTestDatabase } from '../support/database.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { buildDemoHouse, openDemoHouse, requestToken } from '../support/fixtures.ts'
import { basic, errorOf, post } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

const form = 'grant_type=client_credentials'
const ask = (body: string) => post(house, { headers: basic(house.terraform), body })
const legal = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/

function timeToRead(request: WireRequest): number {
  const started = performance.now()
  readTokenRequest(request)
  return performance.now() - started
}

async function errorCode(response: Response): Promise<unknown> {
  return (await errorOf(response))['error']
}

async function issued(response: Response): Promise<Record<string, unknown>> {
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

describe('RFC 6749 §5.1', () => {
  it('answers in JSON with the token, its type and its lifetime [28]', async () => {
    const response = await ask(form)
    expect(response.headers.get('content-type')).toBe('application/json')
    const body = await issued(response)
    expect(body).toMatchObject({ access_token: expect.any(String), token_type: 'Bearer' })
    const { iat = 0, exp = 0 } = decodeJwt(String(body['access_token']))
    expect(body['expires_in']).toBe(exp - iat)
  })

  it('gives no refresh token [29]', async () => {
    expect(await issued(await ask(form))).not.toHaveProperty('refresh_token')
  })

  it('lets nobody keep an answer, good or bad [30]', async () => {
    const answers = [
      await ask(form),
      await ask('grant_type=x'),
      await post(house, {}),
      await fetch(`${house.issuer}/oauth2/token`),
      await post(house, { headers: { 'content-type': 'text/plain' } }),
      await ask(`${form}&x=${'y'.repeat(20_000)}`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 401, 405, 400, 413])
    for (const { headers } of answers) {
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual([
        'no-store',
        'no-cache',
      ])
    }
  })
})

describe('RFC 6749 §5.2', () => {
  it('tells errors in JSON and in legal characters [31]', async () => {
    const bodies = [
      'scope="',
      'grant_type=%22%0A',
      `${form}&scope=%22%5C`,
      `${form}&resource=%22%5C`,
      `${form}&authorization_details=%5B%22%5C%5C%22%5D`,
      `${form}&scope=%22&scope=%22`,
    ]
    for (const body of bodies) {
      const response = await ask(body)
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toBe('application/json')
      const error = await errorOf(response)
      expect(error['error']).toMatch(legal)
      expect(error['error_description']).toMatch(legal)
    }
  })
})

describe('the token endpoint', () => {
  it('bounds body, parameters and headers [33]', async () => {
    expect((await ask(`${form}&x=${'y'.repeat(16 * 1024)}`)).status).toBe(413)
    const many = Array.from({ length: 60 }, (_, n) => `p${n}=1`).join('&')
    expect((await ask(`${form}&${many}`)).status).toBe(400)
    const { port } = new URL(house.url)
    const huge = `POST /oauth2/token HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    expect((await rawExchange(Number(port), [huge])).text).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('reads whatever fits in less than 10 ms [33]', () => {
    const max = 16 * 1024
    const bodies = [
      '&'.repeat(max),
      'a=&'.repeat(max / 3),
      '%41'.repeat(max / 3),
      '+'.repeat(max),
      '='.repeat(max),
      `scope=${'a+'.repeat(max / 2)}`,
      `scope=${'a'.repeat(max - 20)}%22`,
      `resource=https://${'a'.repeat(max)}`,
      `resource=a:${'/'.repeat(max)}`,
      `authorization_details=${'['.repeat(max)}`,
      `authorization_details=${'[{"a":'.repeat(max / 6)}`,
    ].map((rest) => `${form}&${rest}`.slice(0, max))
    const headers = [btoa('a:b'), 'A'.repeat(12_000), `${' '.repeat(12_000)}x`]
    for (const body of bodies) {
      for (const credentials of headers) {
        const request = { authorization: `Basic ${credentials}`, query: 'x=1', body }
        const times = [1, 2, 3].map(() => timeToRead(request))
        expect(Math.min(...times)).toBeLessThan(10)
      }
    }
  })

  it('never turns a failure of the server into a token or a refusal of the client [34]', async () => {
    const faults = [new Unavailable('the database is away', seconds(2)), new Error('a bug')]
    for (const fault of faults) {
      const { url } = await openEdge({ issueToken: () => Promise.reject(fault) })
      const response = await post({ issuer: url }, { headers: basic(house.terraform) })
      expect([500, 503]).toContain(response.status)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await errorCode(response)).toMatch(/^(server_error|temporarily_unavailable)$/)
    }
  })

  it('answers 503 once it has not heard the database for too long [34]', async () => {
    const db = await openTestDatabase()
    const lonely = await buildDemoHouse({ db })
    expect((await requestToken(lonely, lonely.ci)).status).toBe(200)
    await db.close()
    lonely.clock.turn(299)
    expect((await requestToken(lonely, lonely.ci)).status).toBe(200)
    lonely.clock.turn(2)
    const response = await requestToken(lonely, lonely.ci)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(await errorCode(response)).toBe('temporarily_unavailable')
  })
})

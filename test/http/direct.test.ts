import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { refuse } from '../../src/domain/result.ts'
import { seconds } from '../../src/domain/time.ts'
import type { Ports } from '../../src/http/app.ts'
import { buildDemoHouse } from '../support/fixtures.ts'
import { formHeaders, openEdge, rawExchange } from './edge.ts'

const form = 'grant_type=client_credentials&client_id=someone&client_secret=something'

const endings: Readonly<Record<string, Ports['issueToken']>> = {
  'a refusal': async () => refuse({ reason: 'client_unknown' }),
  'a limit': async () => refuse({ reason: 'client_limited', retryAfter: seconds(7) }),
  'an outage': async () => {
    throw new Unavailable('the database is away', seconds(5))
  },
  'a mistake of ours': async () => {
    throw new Error('a mistake')
  },
}

describe('the direct way of ordinary requests', () => {
  it.each(Object.entries(endings))(
    'ends %s like the way of all other requests',
    async (_, issueToken) => {
      const { url, events } = await openEdge({ issueToken })
      const [direct, detour] = await bothWays(`${url}/oauth2/token`, token)
      expect(direct).toEqual(detour)
      const [one, other] = events
      expect(one).toMatchObject({ kind: other?.kind })
      expect(events).toHaveLength(2)
    },
  )

  it('gives out the same keys as the way of all other requests', async () => {
    const { url } = await buildDemoHouse()
    const path = `${url}/.well-known/jwks.json`
    const [direct, detour] = await bothWays(path)
    expect(direct).toEqual(detour)
    expect(direct).toMatchObject({ status: 200, body: expect.stringContaining('"keys"') })
    const known = { headers: { 'if-none-match': direct?.headers['etag'] ?? '' } }
    const [kept, alsoKept] = await bothWays(path, known)
    expect(kept).toEqual(alsoKept)
    expect(kept?.status).toBe(304)
  })

  it('has no keys where the way of all other requests has none', async () => {
    const { url } = await openEdge()
    const [direct, detour] = await bothWays(`${url}/.well-known/jwks.json`)
    expect(direct).toEqual(detour)
    expect(direct?.status).toBe(503)
  })

  it('outlives callers that leave before their request is whole', async () => {
    const { port, url, events } = await openEdge()
    const head = `POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${formHeaders['content-type']}`
    await rawExchange(port, [`${head}\r\nContent-Length: 100\r\n\r\ngrant`], 50)
    await expect.poll(() => events).toMatchObject([{ reason: 'body_incomplete' }])
    expect((await answerOf(`${url}/oauth2/token`, token)).status).toBe(401)
  })
})

const token = { method: 'POST', headers: formHeaders, body: form }

/** A query is unusual, so that one goes through Hono. */
async function bothWays(url: string, request: RequestInit = {}) {
  return Promise.all(['', '?unusual'].map(async (query) => answerOf(`${url}${query}`, request)))
}

async function answerOf(url: string, request: RequestInit) {
  const response = await fetch(url, request)
  const { date: _, 'trace-id': traceId, ...headers } = Object.fromEntries(response.headers)
  expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  const body = (await response.text()).replace(/"trace_id":"[0-9a-f]{32}"/, '')
  return { status: response.status, headers, body }
}

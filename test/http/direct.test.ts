import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../src/domain/fault.ts'
import { refuse } from '../../src/domain/result.ts'
import { seconds } from '../../src/domain/time.ts'
import type { Ports } from '../../src/http/app.ts'
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

describe('the direct way of the ordinary token request', () => {
  it.each(Object.entries(endings))(
    'ends %s like the way of all other requests',
    async (_, issueToken) => {
      const { url, events } = await openEdge({ issueToken })
      // A query is unusual, so this goes through Hono.
      const [direct, detour] = await Promise.all(
        ['', '?unusual'].map((query) => answerOf(`${url}/oauth2/token${query}`)),
      )
      expect(direct).toEqual(detour)
      expect(direct?.headers['trace-id']).toBe('ab'.repeat(16))
      const [one, other] = events
      expect(one).toMatchObject({ kind: other?.kind })
      expect(events).toHaveLength(2)
    },
  )

  it('outlives callers that leave before their request is whole', async () => {
    const { port, url, events } = await openEdge()
    const head = `POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${formHeaders['content-type']}`
    await rawExchange(port, [`${head}\r\nContent-Length: 100\r\n\r\ngrant`], 50)
    await expect.poll(() => events).toMatchObject([{ reason: 'body_incomplete' }])
    expect((await answerOf(`${url}/oauth2/token`)).status).toBe(401)
  })
})

async function answerOf(url: string) {
  const response = await fetch(url, { method: 'POST', headers: formHeaders, body: form })
  const { date: _, ...headers } = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: await response.json() }
}

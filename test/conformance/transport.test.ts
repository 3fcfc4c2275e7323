import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import { openHouse } from '../../src/house.ts'
import { openPostgres } from '../../src/storage/database.ts'
import { openTestDatabase } from '../support/database.ts'
import { failuresMax } from '../support/failures-max.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse } from '../support/fixtures.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'
import { basic, post } from './scene.ts'
import { listening, soon } from '../support/listening.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']

describe('RFC 9700 §4.12', () => {
  it('redirects nowhere, however it is called [184]', async () => {
    for (const path of ['/oauth2/token', '/oauth2/token/', '//oauth2/token', '/OAuth2/Token']) {
      for (const method of methods) {
        const response = await fetch(`${house.url}${path}`, { method, redirect: 'manual' })
        expect(response.status).toBeGreaterThanOrEqual(400)
      }
    }
  })
})

const corsOf = (response: Response) =>
  [...response.headers.keys()].filter((header) => header.startsWith('access-control-'))

describe('cross-origin requests', () => {
  const origin = { origin: 'https://evil.example.com' }
  it('are answered by no token endpoint [185]', async () => {
    for (const method of methods) {
      const preflight = { 'access-control-request-method': 'POST' }
      const response = await fetch(`${house.issuer}/oauth2/token`, {
        method,
        headers: { ...origin, ...preflight },
      })
      expect(corsOf(response)).toEqual([])
    }
    const headers = { ...basic(house.ci), ...origin }
    const issued = await post(house, { headers })
    expect([issued.status, corsOf(issued)]).toEqual([200, []])
  })

  it.each([
    '/.well-known/jwks.json',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ])('may read %s [185]', async (path) => {
    const response = await fetch(`${house.issuer}${path}`, { headers: origin })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('an unknown path', () => {
  it.each(['/', '/nowhere', '/oauth2', '/%00', '/..%2f..%2fetc/passwd', '/a?b=c'])(
    '(%s) is refused without a word on what runs here [186]',
    async (path) => {
      const response = await fetch(`${house.url}${path}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: 'not_found', trace_id: expect.any(String) })
      const headers = [...response.headers].map((header) => header.join(': ')).join('\n')
      expect(headers).not.toMatch(/server:|powered|node|hono|countersign/i)
    },
  )
})

/** A process that listens before it has read anything. */
async function openUnstarted(db: Awaited<ReturnType<typeof openTestDatabase>>) {
  const unstarted = await openHouse({
    db,
    keyEncryptionKeys: [testKeyEncryptionKey],
    keyRules: testKeyRules(),
    issuer: 'https://id.example.com',
    maxStale: seconds(300),
    jwksMaxAge: seconds(300),
    clientsMax: 10,
    failuresMax,
    events: { record: () => undefined },
  })
  const { port, close } = await listening(unstarted.rooms)
  onTestFinished(async () => {
    await close(soon)
    await unstarted.stop()
    await db.close()
  })
  const status = async (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  return { unstarted, status }
}

describe('health', () => {
  it('is not ready before the keys have been read, and then it is [192]', async () => {
    const { unstarted, status } = await openUnstarted(await openTestDatabase())
    const before = await status('/health/ready')
    expect([before.status, await before.json()]).toEqual([
      503,
      { status: 'not_ready', reasons: expect.arrayContaining(['no signing keys have been read']) },
    ])
    await unstarted.start()
    expect((await status('/health/ready')).status).toBe(200)
    unstarted.drain()
    expect((await status('/health/ready')).status).toBe(503)
  })

  it('lives without a database, and is not ready [192]', async () => {
    const nowhere = openPostgres({ url: 'postgresql://127.0.0.1:1/none', connectionsMax: 1 })
    const { status } = await openUnstarted(nowhere)
    expect((await status('/health/live')).status).toBe(200)
    expect((await status('/health/ready')).status).toBe(503)
  })
})

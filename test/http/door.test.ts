import { describe, expect, it } from 'vitest'
import { formHeaders, openEdge } from './edge.ts'

const gone = new Error('a module is gone')

describe('a room that cannot be loaded', () => {
  it('is told of before anybody comes, and everything else is served', async () => {
    const { url, events, rooms } = await openEdge({
      loadApi: async () => {
        throw gone
      },
    })
    await rooms.openDoors()
    expect(events).toEqual([{ kind: 'room_failed', room: 'api', error: gone }])
    const called = await fetch(`${url}/api/v1/me`)
    expect([called.status, await called.json()]).toMatchObject([500, { code: 'server_error' }])
    expect(events).toContainEqual(expect.objectContaining({ kind: 'request_failed', error: gone }))
    const token = { method: 'POST', headers: formHeaders, body: 'client_id=a&client_secret=b' }
    expect((await fetch(`${url}/oauth2/token`, token)).status).toBe(400)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${url}/console/setup`)).status).toBe(200)
  })

  it('is tried again for whoever comes, and loaded once', async () => {
    let tries = 0
    const { url, rooms } = await openEdge({
      loadApi: async () => {
        tries += 1
        if (tries === 1) throw gone
        return { fetch: () => new Response('here') }
      },
    })
    await rooms.openDoors()
    for (let calls = 0; calls < 3; calls += 1) {
      expect(await (await fetch(`${url}/api/v1/me`)).text()).toBe('here')
    }
    await rooms.openDoors()
    expect(tries).toBe(2)
  })
})

import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newOrganization } from '../management/desk.ts'
import { openTestHouse } from '../support/house.ts'
import type { Caller } from './call.ts'
import { call, json } from './call.ts'
import type { World } from './world.ts'
import { addMachine, worldOf } from './world.ts'

let world: World
let caller: Caller
let base: string
beforeAll(async () => {
  world = await worldOf(await openTestHouse())
  const { id } = await newOrganization(world.desk())
  base = `/organizations/${id}`
  caller = await (await addMachine(world, id, 'owner')).token()
})
afterAll(async () => world.close())

type Data = Readonly<Record<string, unknown>>

/** An object in the hands of a tool that knows nothing but where it is and what is wanted. */
type Managed = {
  /** What of the wanted is otherwise on the server, as a plan would tell; `undefined` if it is gone. */
  readonly plan: (wanted: Data) => Promise<readonly string[] | undefined>
  readonly update: (wanted: Data) => Promise<void>
  readonly destroy: () => Promise<number>
  readonly id: string
}

async function send(method: string, path: string, body?: Data) {
  return call(world, caller, { method, path, ...(body === undefined ? {} : { body }) })
}

/** Creates it by POST to its list; the rest is at its id. */
async function manage(path: string, wanted: Data): Promise<Managed> {
  const created = await send('POST', path, wanted)
  expect([created.status, created.text]).toEqual([201, expect.any(String)])
  const { id } = json(created) as { id: string }
  const place = `${path}/${id}`
  return {
    id,
    plan: async (now) => {
      const read = await send('GET', place)
      if (read.status === 404) return undefined
      const actual = json(read) as Data
      return Object.keys(now).filter((key) => !isDeepStrictEqual(now[key], actual[key]))
    },
    update: async (now) => {
      const answer = await send('PUT', place, now)
      expect([answer.status, json(answer)]).toEqual([200, expect.objectContaining({ ...now, id })])
    },
    destroy: async () => (await send('DELETE', place)).status,
  }
}

/** What a tool finds out in the life of an object that is wanted, wanted otherwise, and not wanted. */
async function lifeOf(path: string, wanted: Data, then: Data) {
  const object = await manage(path, wanted)
  const planned = await object.plan(wanted)
  const otherwise = await object.plan(then)
  await object.update(then)
  // Whoever repeats what is so already changes nothing, and is not told off.
  await object.update(then)
  const updated = await object.plan(then)
  const removed = [await object.destroy(), await object.plan(then), await object.destroy()]
  return { planned, otherwise, updated, removed }
}

const asWanted = { planned: [], updated: [], removed: [204, undefined, 404] }

describe('a tool that only knows POST, GET, PUT and DELETE', () => {
  const audience = 'https://deploy.example.com'
  const permissions = [
    { permission: 'deployments:read', description: 'See' },
    { permission: 'deployments:write', description: '' },
  ]

  it('manages a service account', async () => {
    const wanted = { name: 'dashboard', description: 'Shows', enabled: true, expires_at: null }
    const then = { ...wanted, name: 'board', enabled: false, expires_at: '2099-01-01T00:00:00Z' }
    const life = await lifeOf(`${base}/service-accounts`, wanted, then)
    expect(life).toEqual({ ...asWanted, otherwise: ['name', 'enabled', 'expires_at'] })
  })

  it('manages a group', async () => {
    const wanted = { name: 'Watchers', description: '' }
    const life = await lifeOf(`${base}/groups`, wanted, { ...wanted, description: 'Who looks' })
    expect(life).toEqual({ ...asWanted, otherwise: ['description'] })
  })

  it('manages an API', async () => {
    const wanted = { name: 'Deploy', audience, permissions: permissions.slice(0, 1) }
    const then = { ...wanted, permissions, token_lifetime_seconds: 600 }
    const otherwise = ['permissions', 'token_lifetime_seconds']
    expect(await lifeOf(`${base}/apis`, wanted, then)).toEqual({ ...asWanted, otherwise })
  })

  it('manages a role', async () => {
    const api = await manage(`${base}/apis`, { name: 'Deploy', audience, permissions })
    const holding = (...held: readonly string[]) => [{ audience, permissions: held }]
    const wanted = { name: 'Observer', description: '', permissions: holding('deployments:read') }
    const then = { ...wanted, permissions: holding('deployments:read', 'deployments:write') }
    const life = await lifeOf(`${base}/roles`, wanted, then)
    expect(life).toEqual({ ...asWanted, otherwise: ['permissions'] })
    expect(await api.destroy()).toBe(204)
  })

  it('manages a granted role', async () => {
    const role = await manage(`${base}/roles`, { name: 'Observer', permissions: [] })
    const account = await manage(`${base}/service-accounts`, { name: 'dashboard' })
    const wanted = { role_id: role.id, principal_id: account.id, expires_at: null }
    const then = { ...wanted, expires_at: '2099-01-01T00:00:00Z' }
    const life = await lifeOf(`${base}/bindings`, wanted, then)
    expect(life).toEqual({ ...asWanted, otherwise: ['expires_at'] })
    expect([await account.destroy(), await role.destroy()]).toEqual([204, 204])
  })

  it('manages a credential by its handle and hash, and reads back no secret', async () => {
    const account = await manage(`${base}/service-accounts`, { name: 'dashboard' })
    const path = `${base}/service-accounts/${account.id}/credentials`
    const { secrets } = world.desk()
    const { secret, handle } = secrets.generate()
    const hash = await secrets.hash(secret)
    const credential = await manage(path, { name: 'first', handle, hash })
    expect(await credential.plan({ name: 'first', handle })).toEqual([])
    const read = await send('GET', `${path}/${credential.id}`)
    expect(read.text).not.toMatch(/argon2|csk_/)
    await credential.update({ name: 'second', enabled: false })
    expect(await credential.plan({ name: 'second', enabled: false })).toEqual([])
    expect(await credential.destroy()).toBe(204)
    expect(await account.destroy()).toBe(204)
  })
})

import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Description, Name } from '../../src/domain/name.ts'
import { seconds } from '../../src/domain/time.ts'
import { disableServiceAccount } from '../../src/management/service-accounts.ts'
import { createGroup, removeGroup } from '../../src/management/groups.ts'
import { breakable } from '../support/breakable.ts'
import { openTestDatabase } from '../support/database.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { buildDemoHouse, joinPlatform, requestToken } from '../support/fixtures.ts'

async function houseWithBreakableDatabase(
  maxStale = seconds(300),
): Promise<DemoHouse & Omit<ReturnType<typeof breakable>, 'db'>> {
  const real = await openTestDatabase()
  onTestFinished(async () => real.close())
  const { db, ...ways } = breakable(real)
  const house = await buildDemoHouse({ db, maxStale })
  return { ...house, ...ways }
}

const absent = {
  id: 'sa_01kaaaaaaaaaaaaaaaaaaaaaaa' as DemoHouse['terraform']['id'],
}

describe('while the database is away', () => {
  it('a client in memory goes on getting tokens, marked as stale', async () => {
    const house = await houseWithBreakableDatabase()
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    house.take()
    house.clock.turn(60)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events.filter(({ kind }) => kind === 'token_issued')).toMatchObject([
      { stale: false },
      { stale: true },
    ])
  })

  it('nobody is told 401 who could be a good client: 503 and Retry-After', async () => {
    const house = await houseWithBreakableDatabase()
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    house.take()
    house.clock.turn(60)
    const notInMemory = await requestToken(house, house.ci)
    const unknown = await requestToken(house, { ...house.terraform, ...absent })
    const newSecret = await requestToken(house, { ...house.terraform, secret: house.ci.secret })
    for (const answer of [notInMemory, unknown, newSecret]) {
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' })
    }
  })

  it('nobody is told 401 because it failed before, for it may have been put right since', async () => {
    const house = await houseWithBreakableDatabase()
    const place = { organization: house.demo.organization, account: house.terraform.id }
    await disableServiceAccount(house.house.management, house.act(), place)
    await house.caughtUp()
    expect((await requestToken(house, house.terraform)).status).toBe(401)
    house.take()
    house.clock.turn(5)
    expect((await requestToken(house, house.terraform)).status).toBe(503)
  })

  it('a member of a group removed just before gets 503, but for what it asked for since', async () => {
    const house = await houseWithBreakableDatabase()
    const { terraform } = house
    const group = await joinPlatform(house, terraform)
    expect((await requestToken(house, terraform)).status).toBe(200)
    await removeGroup(house.house.management, house.act(), group)
    await house.caughtUp()

    house.take()
    house.clock.turn(60)
    expect((await requestToken(house, terraform)).status).toBe(503)
    house.giveBack()
    house.clock.turn(2)
    expect((await requestToken(house, terraform)).status).toBe(200)
    // Access is worked out anew after a change of any group; what is gone is still known to be gone.
    await createGroup(house.house.management, house.act(), {
      organization: group.organization,
      name: 'another' as Name,
      description: '' as Description,
    })
    await house.caughtUp()
    house.take()
    house.clock.turn(60)
    expect((await requestToken(house, terraform)).status).toBe(200)
  })

  it('nothing is answered from memory older than MAX_STALE, but keys and metadata are', async () => {
    const house = await houseWithBreakableDatabase(seconds(300))
    await requestToken(house, house.terraform)
    house.take()
    house.clock.turn(299)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    house.clock.turn(2)
    expect((await requestToken(house, house.terraform)).status).toBe(503)

    const keys = await fetch(`${house.url}/.well-known/jwks.json`)
    expect(keys.status).toBe(200)
    expect(keys.headers.get('cache-control')).toBe('no-cache')
    const metadata = await fetch(`${house.url}/.well-known/oauth-authorization-server`)
    expect(metadata.status).toBe(200)
    expect((await fetch(`${house.url}/health/live`)).status).toBe(200)
    expect((await fetch(`${house.url}/health/ready`)).status).toBe(503)
  })

  it('nothing is dropped from memory before it can be read anew', async () => {
    const house = await houseWithBreakableDatabase()
    await requestToken(house, house.terraform)
    house.takeReads()
    await sql`update change_counter set epoch = 'another'`.execute(house.db.management)
    house.clock.turn(60)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events).not.toContainEqual(expect.objectContaining({ kind: 'memory_dropped' }))
    house.giveBack()
    house.clock.turn(2)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events).toContainEqual({
      kind: 'memory_dropped',
      why: 'the log has a new epoch',
    })
  })

  it('MAX_STALE 0 means that nothing stale is ever answered', async () => {
    const house = await houseWithBreakableDatabase(seconds(0))
    await requestToken(house, house.terraform)
    house.take()
    house.clock.turn(2)
    expect((await requestToken(house, house.terraform)).status).toBe(503)
  })

  it('and when it is back, everything is as before', async () => {
    const house = await houseWithBreakableDatabase()
    await requestToken(house, house.terraform)
    house.take()
    house.clock.turn(400)
    expect((await requestToken(house, house.terraform)).status).toBe(503)
    house.giveBack()
    house.clock.turn(2)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect((await requestToken(house, house.ci)).status).toBe(200)
    expect((await fetch(`${house.url}/health/ready`)).status).toBe(200)
  })
})

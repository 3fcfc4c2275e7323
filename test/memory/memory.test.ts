import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/time.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { accept } from '../../src/domain/result.ts'
import { removeGroup } from '../../src/management/groups.ts'
import { testClock } from '../support/clock.ts'
import { buildDemoHouse, joinPlatform, requestToken, tokenClaims } from '../support/fixtures.ts'
import { keyEncryptionKey, openTestHouse } from '../support/house.ts'

describe('beside a newer program', () => {
  it('a change of an unknown kind drops all that is remembered', async () => {
    const house = await buildDemoHouse()
    await tokenClaims(house, house.terraform)
    await sql`
      with counter as (update change_counter set position = position + 1 returning position)
      insert into change (position, id, kind, subject, at)
      select position, 'new', 'kind_of_tomorrow', 'x', clock_timestamp() from counter
    `.execute(house.db.management)
    await house.caughtUp()
    expect(house.events).toContainEqual({
      kind: 'memory_dropped',
      why: 'a newer program wrote a change of a kind unknown here',
    })
    expect((await requestToken(house, house.terraform)).status).toBe(200)
  })

  it('a credential of an unknown kind cannot be used, and does no harm', async () => {
    const house = await buildDemoHouse()
    const { db, demo, terraform } = house
    const outcome = await inTransaction(db, demo.organization, house.act(), async (tx) => {
      await sql`update credential set kind = 'kind_of_tomorrow'
        where principal_id = ${terraform.id}`.execute(tx)
      return accept({
        value: undefined,
        audit: [{ kind: 'credential.changed', target: { type: 'credential', id: 'x' } }],
        changes: [{ kind: 'principal', organization: demo.organization, subject: terraform.id }],
      })
    })
    expect(outcome.ok).toBe(true)
    await house.caughtUp()
    expect((await requestToken(house, terraform)).status).toBe(401)
    expect((await requestToken(house, house.ci)).status).toBe(200)
  })
})

describe('a group that is removed', () => {
  it('is gone for the members that are remembered with it', async () => {
    const house = await buildDemoHouse()
    const { terraform, ci } = house
    const group = await joinPlatform(house, terraform)
    expect(await tokenClaims(house, terraform)).toMatchObject({ groups: ['platform'] })
    expect((await requestToken(house, ci)).status).toBe(200)

    await removeGroup(house.house.management, house.act(), group)
    await house.caughtUp()
    expect(await tokenClaims(house, terraform)).not.toHaveProperty('groups')
    expect((await requestToken(house, ci)).status).toBe(400)
  })
})

describe('a clock that is more than 5 s from the database’s', () => {
  it('is put aside: dates follow the database, and the difference is reported [196]', async () => {
    const clock = testClock()
    const hourBehind = milliseconds(clock.wall() - 3_600_000)
    const house = await buildDemoHouse({ clock, databaseTime: () => hourBehind })
    const claims = await tokenClaims(house, house.terraform)
    expect(claims['iat']).toBe(clock.now() - 3600)
    expect(house.events).toContainEqual({ kind: 'clock_differs', seconds: -3600 })
  })

  it('is left alone when it is nearer than that [196]', async () => {
    const clock = testClock()
    const near = milliseconds(clock.wall() - 4000)
    const house = await buildDemoHouse({ clock, databaseTime: () => near })
    const claims = await tokenClaims(house, house.terraform)
    expect(claims['iat']).toBe(clock.now())
    expect(house.events.some(({ kind }) => kind === 'clock_differs')).toBe(false)
  })
})

describe('a process with another key-encryption key', () => {
  it('is not ready, signs and shows nothing, and leaves the keys as they are', async () => {
    const house = await buildDemoHouse()
    await tokenClaims(house, house.terraform)
    const before = await keyIds(house.url)
    const stranger = await openTestHouse({
      db: house.db,
      issuer: house.issuer,
      clock: house.clock,
      keyEncryptionKeys: [keyEncryptionKey('ab'.repeat(32))],
    })
    try {
      const ready = await fetch(`${stranger.url}/health/ready`)
      expect(ready.status).toBe(503)
      expect(JSON.stringify(await ready.json())).toContain('cannot be opened')
      expect((await requestToken({ issuer: stranger.url }, house.terraform)).status).toBe(503)
      // It cannot tell a key of ours from one that somebody placed in the database.
      expect((await fetch(`${stranger.url}/.well-known/jwks.json`)).status).toBe(503)
      expect(await keyIds(house.url)).toEqual(before)
    } finally {
      await stranger.close()
    }
  })
})

async function keyIds(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/.well-known/jwks.json`)
  const { keys } = (await answer.json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

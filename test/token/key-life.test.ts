import { sql } from 'kysely'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keyVault } from '../../src/crypto/key-vault.ts'
import { seconds } from '../../src/domain/time.ts'
import { rewrapSigningKeys } from '../../src/management/key-encryption-key.ts'
import { rotateDueKeys } from '../../src/jobs/key-rotation.ts'
import { rotateSigningKeys } from '../../src/management/signing-keys.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Name } from '../../src/domain/name.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { newKeyEncryptionKey, tamperWithKeys } from '../management/keys.ts'
import { breakable, withoutManagement } from '../support/breakable.ts'
import { openTestDatabase } from '../support/database.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { buildDemoHouse, fetchToken, requestToken } from '../support/fixtures.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'

const rules = testKeyRules()

function keyPorts(db: Database) {
  return { db, vault: keyVault([testKeyEncryptionKey]), rules }
}

/** Plans the rotation; returns the kid of the key that comes. */
async function planSuccessor({ act }: DemoHouse, db: Database): Promise<string> {
  const outcome = await rotateSigningKeys(keyPorts(db), act())
  const [successor] = outcome.ok ? outcome.value : []
  if (successor === undefined) throw new Error('nothing planned')
  return successor.kid
}

async function kidOf(token: Promise<string>): Promise<string | undefined> {
  return decodeProtectedHeader(await token).kid
}

async function publishedAt(url: string) {
  const response = await fetch(`${url}/.well-known/jwks.json`)
  const { keys } = (await response.json()) as { keys: { kid: string; x: string }[] }
  return { keys, cache: response.headers.get('cache-control') }
}

async function readiness(url: string) {
  const response = await fetch(`${url}/health/ready`)
  const { reasons = [] } = (await response.json()) as { reasons?: readonly string[] }
  return { status: response.status, reasons }
}

describe('a process that was stopped while a key was succeeded', () => {
  it('signs with the new one when it goes on', async () => {
    const house = await buildDemoHouse()
    const first = await kidOf(fetchToken(house, house.terraform))
    const next = await planSuccessor(house, house.db)
    expect(next).not.toBe(first)
    house.clock.turn(rules.lead - 1)
    expect(await kidOf(fetchToken(house, house.terraform))).toBe(first)
    house.clock.turn(1)
    expect(await kidOf(fetchToken(house, house.terraform))).toBe(next)
    const { keys } = await publishedAt(house.url)
    expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([first, next]))
  })
})

async function cutOff() {
  const real = await openTestDatabase()
  onTestFinished(async () => real.close())
  const { db, take } = breakable(real)
  const house = await buildDemoHouse({ db, maxStale: seconds(300) })
  return { house, take, real, first: await kidOf(fetchToken(house, house.terraform)) }
}

describe('a process that is cut off from the database', () => {
  it('keeps to a moment that it heard of', async () => {
    const { house, take, real } = await cutOff()
    const next = await planSuccessor(house, real)
    house.clock.turn(rules.lead - 60)
    await house.caughtUp()
    await fetchToken(house, house.terraform)
    take()
    house.clock.turn(60)
    expect(await kidOf(fetchToken(house, house.terraform))).toBe(next)
  })

  it('has stopped signing before a key begins that it did not hear of', async () => {
    const { house, take, real, first } = await cutOff()
    take()
    await planSuccessor(house, real)
    house.clock.turn(300)
    expect(await kidOf(fetchToken(house, house.terraform))).toBe(first)
    expect((await publishedAt(house.url)).cache).toBe('no-cache')
    house.clock.turn(1)
    expect((await requestToken(house, house.terraform)).status).toBe(503)
    expect(rules.lead).toBeGreaterThan(301)
  })
})

describe('the log of a process', () => {
  it('tells of every change of the keys once, and of none where there was none', async () => {
    const house = await buildDemoHouse()
    const told = () => house.events.filter(({ kind }) => kind === 'signing_keys_changed')
    expect(told()).toHaveLength(1)
    await createOrganization(house.house.management, house.act(), { name: 'Another' as Name })
    await house.caughtUp()
    expect(told()).toHaveLength(1)

    const revokedAt = '2026-01-01 00:00:00+00'
    await tamperWithKeys(
      house.db,
      sql`update signing_key set revoked_at = ${revokedAt} where signs_from is null`,
    )
    await house.caughtUp()
    expect(told()).toHaveLength(2)
    expect(told().at(-1)).toMatchObject({
      keys: expect.arrayContaining([
        expect.objectContaining({ signs_from: null, revoked_at: '2026-01-01T00:00:00Z' }),
      ]),
    })
  })
})

describe('a key that somebody placed in the database', () => {
  it('is shown to nobody, even if what the server says of its own seal was changed with it', async () => {
    const house = await buildDemoHouse()
    const before = await publishedAt(house.url)
    await tamperWithKeys(house.db, sql`update server set key_encryption_key_id = 'theirs'`)
    await tamperWithKeys(
      house.db,
      sql`
        insert into signing_key (
          kid, use, alg, public_jwk, sealed_private_key, key_encryption_key_id, announced_at
        )
        select ${'c'.repeat(43)}, use, alg, public_jwk,
          ${sealOf('theirs')}, 'theirs', announced_at
        from signing_key limit 1
      `,
    )
    await house.caughtUp()
    expect((await publishedAt(house.url)).keys).toEqual(before.keys)
    expect((await requestToken(house, house.terraform)).status).toBe(200)
  })

  it('is shown to nobody, whatever seals it, and the others go on', async () => {
    const house = await buildDemoHouse()
    const before = await publishedAt(house.url)
    for (const [kid, kek] of [
      ['a', testKeyEncryptionKey.id],
      ['b', newKeyEncryptionKey().id],
    ] as const) {
      await tamperWithKeys(
        house.db,
        sql`
          insert into signing_key (
            kid, use, alg, public_jwk, sealed_private_key, key_encryption_key_id, announced_at
          )
          select ${kid.repeat(43)}, use, alg, public_jwk, sealed_private_key, ${kek}, announced_at
          from signing_key limit 1
        `,
      )
    }
    await house.caughtUp()
    expect((await publishedAt(house.url)).keys).toEqual(before.keys)
    expect(await readiness(house.url)).toEqual({ status: 200, reasons: [] })
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    expect(house.events.findLast(({ kind }) => kind === 'signing_keys_unusable')).toMatchObject({
      problems: expect.arrayContaining([
        `signing key ${'a'.repeat(43)} cannot be opened: signing_key_mismatched`,
      ]),
    })
  })

  it('cannot take the place of the public half of another', async () => {
    const house = await buildDemoHouse()
    const before = await publishedAt(house.url)
    await tamperWithKeys(
      house.db,
      sql`update signing_key set public_jwk = jsonb_set(public_jwk, '{x}', '"forged"')`,
    )
    await house.caughtUp()
    expect((await publishedAt(house.url)).keys).toEqual(before.keys)
  })

  it('that begins to sign stops the signing, and the process says why', async () => {
    const house = await buildDemoHouse()
    await tamperWithKeys(
      house.db,
      sql`update signing_key set sealed_private_key = 'forged', kid = reverse(kid)
        where signs_from is not null`,
    )
    await house.caughtUp()
    const { status, reasons } = await readiness(house.url)
    expect([status, reasons]).toEqual([
      503,
      [expect.stringMatching(/cannot be opened: seal_broken$/)],
    ])
    expect((await requestToken(house, house.terraform)).status).toBe(503)
  })

  it('counts among those that cannot be opened until it is revoked', async () => {
    const house = await buildDemoHouse()
    const unopened = () => house.house.vitals().keys.filter((key) => key.unopened).length
    await tamperWithKeys(
      house.db,
      sql`update signing_key set sealed_private_key = 'forged', kid = reverse(kid)
        where signs_from is null`,
    )
    await house.caughtUp()
    expect(unopened()).toBe(1)
    await tamperWithKeys(
      house.db,
      sql`update signing_key set revoked_at = to_timestamp(${house.clock.now()})
        where sealed_private_key = 'forged'`,
    )
    await house.caughtUp()
    expect(unopened()).toBe(0)
    expect(await readiness(house.url)).toEqual({ status: 200, reasons: [] })
  })
})

describe('a process that holds only the key-encryption key before the current one', () => {
  it('goes on signing with what it has opened, and is not ready', async () => {
    const house = await buildDemoHouse()
    const kid = await kidOf(fetchToken(house, house.terraform))
    const before = await publishedAt(house.url)
    const other = newKeyEncryptionKey()
    const vault = keyVault([other, testKeyEncryptionKey])
    expect(await rewrapSigningKeys({ db: house.db, vault }, house.act())).toMatchObject({
      ok: true,
    })
    await house.caughtUp()
    const { status, reasons } = await readiness(house.url)
    expect(status).toBe(503)
    expect(reasons).toContain(
      `signing key ${kid} cannot be opened: it is sealed under the key-encryption key ${other.id}, and this process holds ${testKeyEncryptionKey.id}; see Signing keys in docs/operations.md`,
    )
    expect(await kidOf(fetchToken(house, house.terraform))).toBe(kid)
    expect((await publishedAt(house.url)).keys).toEqual(before.keys)
  })
})

describe('rotating the keys', () => {
  it('reports that it cannot, and lets the server go on', async () => {
    const house = await buildDemoHouse()
    const events: unknown[] = []
    const broken = withoutManagement(house.db)
    await rotateDueKeys({
      ...keyPorts(broken),
      act: house.act,
      events: { record: (event) => void events.push(event) },
    })
    expect(events).toMatchObject([{ kind: 'key_rotation_failed' }])
  })
})

/** What looks like a seal under a key of that name. */
function sealOf(kid: string): string {
  const header = JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid })
  return [header, '', 'i'.repeat(12), 'sealed', 't'.repeat(16)]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
}

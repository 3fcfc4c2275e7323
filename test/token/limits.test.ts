import { describe, expect, it, onTestFinished } from 'vitest'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { systemClock } from '../../src/house.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import { wrongSecret } from '../support/wrong-secret.ts'
import { openTestDatabase } from '../support/database.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'

const random = systemRandom(systemClock)

describe('a network that fails again and again', () => {
  it('is turned away, noise without a look at the database, and good clients there go on', async () => {
    const real = await openTestDatabase()
    onTestFinished(async () => real.close())
    let reads = 0
    const house = await buildDemoHouse({
      db: { ...real, reads: watched(real.reads, () => (reads += 1)) },
    })
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    const guess = async () =>
      requestToken(house, { ...house.terraform, id: random.id('service_account') })

    const malformed = async () => requestToken(house, { ...house.terraform, secret: 'x' })

    for (let batch = 0; batch < 5; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 42 }, guess))
      expect(answers.map(({ status }) => status)).toContain(401)
    }
    const guesses = await Promise.all(Array.from({ length: 20 }, guess))
    const before = reads
    const noise = await Promise.all(Array.from({ length: 20 }, malformed))
    expect(reads).toBe(before)
    expect(reads).toBeGreaterThan(0)
    for (const { status, headers } of [...guesses, ...noise]) {
      expect(status).toBe(429)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    // Not remembered yet, and behind the same address: slower, but not locked out.
    expect((await requestToken(house, house.ci)).status).toBe(200)
    const wrong = await requestToken(house, { ...house.ci, secret: house.terraform.secret })
    expect(wrong.status).toBe(429)

    house.clock.turn(1)
    expect((await guess()).status).toBe(401)
  })
})

describe('many attempts at one client in the same moment', () => {
  it('are no more guesses than one after the other', async () => {
    const house = await buildDemoHouse()
    const guess = async (_: unknown, number: number) =>
      requestToken(house, {
        ...house.ci,
        secret: wrongSecret(house.ci, number),
      })
    const statuses = (await Promise.all(Array.from({ length: 40 }, guess))).map(
      ({ status }) => status,
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
    expect((await requestToken(house, house.ci)).status).toBe(200)
  })

  it('all succeed with its right secret, though it is new here', async () => {
    const house = await buildDemoHouse({ failuresMax: { perClient: 1, perNetwork: 1 } })
    const asked = await Promise.all(
      Array.from({ length: 120 }, async () => requestToken(house, house.ci)),
    )
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('do not count where nobody could tell', async () => {
    const real = await openTestDatabase()
    onTestFinished(async () => real.close())
    let isAway = false
    const house = await buildDemoHouse({
      failuresMax: { perClient: 1, perNetwork: 1 },
      db: {
        ...real,
        reads: watched(real.reads, () => {
          if (isAway) throw new Unavailable('the database is away', seconds(1))
        }),
      },
    })
    isAway = true
    const away = await Promise.all(
      Array.from({ length: 5 }, async () => requestToken(house, house.ci)),
    )
    expect(away.map(({ status }) => status)).toContain(503)
    isAway = false
    expect(
      (await requestToken(house, { ...house.ci, secret: house.terraform.secret })).status,
    ).toBe(401)
  })
})

/** A door into the database that tells whenever somebody goes through. */
function watched<Door extends object>(door: Door, told: () => void): Door {
  return new Proxy(door, {
    get: (target, name) => {
      told()
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

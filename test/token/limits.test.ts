import { describe, expect, it, onTestFinished } from 'vitest'
import { random as systemRandom } from '../../src/crypto/random.ts'
import type { ClientSecret } from '../../src/domain/secret.ts'
import { systemClock } from '../../src/house.ts'
import { openTestDatabase } from '../support/database.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'

const random = systemRandom(systemClock)

describe('a network that fails again and again', () => {
  it('is turned away, noise without a look at the database, and good clients there go on', async () => {
    const real = await openTestDatabase()
    onTestFinished(async () => real.close())
    let reads = 0
    const house = await buildDemoHouse({
      db: {
        ...real,
        get reads() {
          reads += 1
          return real.reads
        },
      },
    })
    expect((await requestToken(house, house.terraform)).status).toBe(200)
    const guess = async () =>
      requestToken(house, { ...house.terraform, id: random.id('service_account') })

    const malformed = async () =>
      requestToken(house, { ...house.terraform, secret: 'x' as ClientSecret })

    const first = await Promise.all(Array.from({ length: 210 }, guess))
    expect(new Set(first.map(({ status }) => status))).toContain(401)
    const guesses = await Promise.all(Array.from({ length: 20 }, guess))
    const before = reads
    const noise = await Promise.all(Array.from({ length: 20 }, malformed))
    expect(reads).toBe(before)
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

import { describe, expect, it, onTestFinished } from 'vitest'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { systemClock } from '../../src/house.ts'
import { openTestDatabase } from '../support/database.ts'
import { buildDemoHouse, requestToken } from '../support/fixtures.ts'

const random = systemRandom(systemClock)

describe('a network that fails again and again', () => {
  it('is turned away without a look at the database, and good clients there go on', async () => {
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

    const first = await Promise.all(Array.from({ length: 210 }, guess))
    expect(new Set(first.map(({ status }) => status))).toContain(401)
    const before = reads
    const answers = await Promise.all(Array.from({ length: 20 }, guess))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429))
    expect(answers.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true)
    expect(reads).toBe(before)
    expect((await requestToken(house, house.terraform)).status).toBe(200)

    house.clock.turn(1)
    expect((await guess()).status).toBe(401)
  })
})

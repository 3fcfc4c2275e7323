import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/time.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken } from '../support/fixtures.ts'
import { chance } from './chance.ts'
import type { Offender } from './exchange.ts'
import { exchange } from './exchange.ts'
import { malformed } from './malformed.ts'

const count = Number(process.env['FUZZ_COUNT'] ?? 2000)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
const atATime = 16

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

describe(`${count} malformed requests from seed ${seed}`, () => {
  it(
    'are each answered or closed, without a fault, and good clients go on [33, 34]',
    async () => {
      const statuses = new Map<string, number>()
      const offenders: (Offender & { readonly number: number })[] = []
      let next = 0
      const sender = async () => {
        while (next < count) {
          const number = next
          next += 1
          // Each has a seed of its own, so that any can be sent again by itself.
          const request = malformed(house.terraform, chance(seed * 1_000_003 + number))
          const outcome = await exchange(Number(new URL(house.url).port), request)
          for (const status of outcome.statuses)
            statuses.set(status, (statuses.get(status) ?? 0) + 1)
          if (outcome.offence !== undefined) {
            offenders.push({ number, offence: outcome.offence, hex: outcome.hex })
          }
          // Those who guess are limited, and would see nothing but that.
          if (number % 100 === 0) house.clock.turn(10)
        }
      }
      await Promise.all(Array.from({ length: atATime }, sender))
      const counts = [...statuses]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([status, times]) => `${status}: ${times}`)
      process.stdout.write(`fuzz: ${count} from seed ${seed}: ${counts.join(', ')}\n`)
      expect(offenders).toEqual([])
      expect(statuses.get('200')).toBeGreaterThan(0)
      expect(house.events.filter(({ kind }) => kind === 'request_failed')).toEqual([])
      expect((await requestToken(house, house.terraform)).status).toBe(200)
      expect((await requestToken(house, house.ci)).status).toBe(200)
    },
    milliseconds(60_000 + count * 20),
  )
})

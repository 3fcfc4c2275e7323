import { describe, expect, it } from 'vitest'
import { random as systemRandom } from '../../src/crypto/random.ts'
import { signIns } from '../../src/memory/sign-ins.ts'
import { testClock } from '../support/clock.ts'

const here = { email: 'ada@example.com', network: '192.0.2.1' }
const there = { email: 'ada@example.com', network: '198.51.100.7' }

describe('the limit on sign-ins', () => {
  it('stops who fails for one email from one network, and lets them on a minute later', () => {
    const clock = testClock()
    const limits = signIns(clock)
    for (let tries = 0; tries < 10; tries += 1) expect(limits.begin(here)).toBeUndefined()
    expect(limits.begin(here)).toBe(60)
    clock.turn(61)
    expect(limits.begin(here)).toBeUndefined()
    expect(limits.begin(here)).toBeGreaterThan(0)
  })

  it('lets nobody lock out somebody who signs in from elsewhere', () => {
    const limits = signIns(testClock())
    while (limits.begin(here) === undefined);
    expect(limits.begin(there)).toBeUndefined()
  })

  it('counts a network, too, whatever emails it tries', () => {
    const limits = signIns(testClock())
    const begin = (email: string) => limits.begin({ email, network: '2001:db8::1' })
    for (let tries = 0; tries < 100; tries += 1) expect(begin(`${tries}@x`)).toBeUndefined()
    expect(begin('another@x')).toBe(6)
    expect(limits.begin({ email: 'another@x', network: '2001:db8::ffff' })).toBe(6)
    expect(limits.begin({ email: 'another@x', network: '2001:db8:0:1::1' })).toBeUndefined()
  })

  it('takes no account of who succeeds', () => {
    const limits = signIns(testClock())
    for (let tries = 0; tries < 200; tries += 1) {
      expect(limits.begin(here)).toBeUndefined()
      limits.giveBack(here)
    }
  })

  it('counts codes by the person, wherever they are tried', () => {
    const clock = testClock()
    const limits = signIns(clock)
    const person = systemRandom(clock).id('person')
    for (let tries = 0; tries < 10; tries += 1) expect(limits.beginCode(person)).toBeUndefined()
    expect(limits.beginCode(person)).toBe(360)
    limits.giveBackCode(person)
    expect(limits.beginCode(person)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { limiter, networkOf } from '../../src/memory/limiter.ts'
import { testClock } from '../support/clock.ts'

describe('the limiter', () => {
  const allowance = { burst: 3, perSecond: 0.5 }

  it('lets a caller fail as often as its allowance, and then at its pace', () => {
    const clock = testClock()
    const { take } = limiter(allowance, clock)
    for (let failed = 0; failed < 3; failed += 1) expect(take('a')).toBeUndefined()
    expect(take('a')).toBe(2)
    clock.turn(1)
    expect(take('a')).toBe(1)
    clock.turn(1)
    expect(take('a')).toBeUndefined()
    expect(take('a')).toBe(2)
  })

  it('does not count what is given back', () => {
    const { take, giveBack } = limiter(allowance, testClock())
    for (let succeeded = 0; succeeded < 10; succeeded += 1) {
      expect(take('a')).toBeUndefined()
      giveBack('a')
    }
    giveBack('a')
    for (let failed = 0; failed < 3; failed += 1) expect(take('a')).toBeUndefined()
    expect(take('a')).toBe(2)
  })

  it('counts each caller apart', () => {
    const { take } = limiter(allowance, testClock())
    for (let failed = 0; failed < 5; failed += 1) take('a')
    expect(take('a')).toBe(2)
    expect(take('b')).toBeUndefined()
  })

  it('never saves up more than the allowance', () => {
    const clock = testClock()
    const { take } = limiter(allowance, clock)
    take('a')
    clock.turn(1000)
    for (let failed = 0; failed < 3; failed += 1) take('a')
    expect(take('a')).toBe(2)
  })
})

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1:2:3:4', 'fe80:0:0:0'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callerAddress } from '../../src/protocol/forwarded-for.ts'
import { parseNetwork } from '../../src/protocol/network-address.ts'

const trusted = ['10.0.0.0/8', 'fd00::/8'].map((text) => parseNetwork(text) ?? expect.unreachable())
const caller = (from: string, forwardedFor?: string) => callerAddress(from, forwardedFor, trusted)

describe('the address of a caller', () => {
  it.each<[string, string, string | undefined, string]>([
    ['that comes by itself', '203.0.113.9', undefined, '203.0.113.9'],
    ['that comes by itself and claims another', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['behind a proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['behind a proxy that speaks IPv6 for IPv4', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['behind two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['that invents hops', '10.0.0.1', '192.0.2.1, 10.0.0.9, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['behind a proxy that adds ports', '10.0.0.1', '203.0.113.9:1234', '203.0.113.9'],
    ['of IPv6', 'fd00::1', '2001:DB8:0::1', '2001:db8::1'],
    ['of IPv6 with a port', 'fd00::1', '[2001:db8::1]:1234', '2001:db8::1'],
    ['that is a proxy itself', '10.0.0.1', undefined, '10.0.0.1'],
    ['among proxies alone', '10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
    ['that a proxy does not know', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['that a proxy hides', '10.0.0.1', '203.0.113.9, _hidden', '10.0.0.1'],
    ['behind a proxy that says nothing', '10.0.0.1', '203.0.113.9, ', '10.0.0.1'],
    ['that sends something malformed', '10.0.0.1', "1.2.3.4'; --, 10.0.0.2", '10.0.0.2'],
    ['over no network', 'unknown', '203.0.113.9', 'unknown'],
  ])('%s', (_, from, forwardedFor, expected) => {
    expect(caller(from, forwardedFor)).toBe(expected)
  })

  it('is looked for along 16 hops', () => {
    expect(caller('10.0.0.1', ['203.0.113.9', ...hops(15)].join(','))).toBe('203.0.113.9')
    expect(caller('10.0.0.1', ['203.0.113.9', ...hops(16)].join(','))).toBe('10.0.1.0')
  })

  it('is never one that the caller has chosen', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.constantFrom('10.0.0.7', '192.0.2.1', ',', ', ', 'unknown', '[', '::1', '10.0.0.1:80'),
      fc.ipV6(),
    )
    fc.assert(
      fc.property(
        fc.array(anything),
        fc.constantFrom([], ['10.0.0.2'], ['fd00::2', '10.0.0.3']),
        (claimed, proxies) => {
          const header = [...claimed, '203.0.113.9', ...proxies].join(', ')
          expect(caller('10.0.0.1', header)).toBe('203.0.113.9')
        },
      ),
    )
  })
})

function hops(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `10.0.1.${index}`)
}

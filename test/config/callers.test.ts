import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDevConfig } from '../../src/config.ts'
import { parseNetwork } from '../../src/protocol/network-address.ts'

describe('a setting', () => {
  it('names trusted proxies by addresses and networks, all of which can be read later', () => {
    const named = [
      '10.0.0.0/8',
      '192.0.2.7',
      'fd00::1',
      '2001:db8::/32',
      '::ffff:192.0.2.7',
      '::/0',
    ]
    const text = ` ${named.join(' , ')},`
    expect(readDevConfig({ TRUSTED_PROXIES: text })).toMatchObject({
      value: { trustedProxies: named.map(parseNetwork) },
    })
    expect(named.map(parseNetwork)).not.toContain(undefined)
  })

  it('takes just the trusted proxies that can be read', () => {
    const mapped = fc.ipV4().map((text) => `::ffff:${text}`)
    const address = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), mapped)
    const bits = fc.oneof(fc.constant(''), fc.integer({ min: -1, max: 130 }).map(String))
    const network = fc.tuple(address, bits).map(([text, size]) => `${text}${size && `/${size}`}`)
    fc.assert(
      fc.property(fc.oneof(address, network, fc.string({ maxLength: 20 })), (text) => {
        fc.pre(text.trim() !== '' && !text.includes(','))
        const readable = parseNetwork(text.trim())
        const read = readDevConfig({ TRUSTED_PROXIES: text })
        expect(read.ok ? read.value.trustedProxies : []).toEqual(readable ? [readable] : [])
      }),
    )
  })

  it('says how to write a network of IPv4 addresses', () => {
    expect(readDevConfig({ TRUSTED_PROXIES: '::1,::ffff:10.0.0.0/104' })).toMatchObject({
      refusal: [
        { name: 'TRUSTED_PROXIES', complaint: expect.stringContaining('`10.0.0.0/8`, not') },
      ],
    })
  })

  it.each([
    'a',
    '10.0.0.0/33',
    '1.2.3',
    '*',
    'loopback',
    '10.0.0.0/8;::1',
    '10.0.0.1,'.repeat(101),
  ])('%s is not accepted for TRUSTED_PROXIES', (text) => {
    expect(readDevConfig({ TRUSTED_PROXIES: text })).toMatchObject({
      refusal: [{ name: 'TRUSTED_PROXIES' }],
    })
  })
})

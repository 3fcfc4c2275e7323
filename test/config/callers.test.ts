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
      value: { trustedProxies: named },
    })
    expect(named.map(parseNetwork)).not.toContain(undefined)
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

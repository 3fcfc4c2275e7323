import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWithin, parseNetwork, parseNetworkAddress } from '../../src/protocol/network-address.ts'

const address = (text: string) => parseNetworkAddress(text) ?? expect.unreachable(text)
const network = (text: string) => parseNetwork(text) ?? expect.unreachable(text)

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, written) => {
    expect(address(text).text).toBe(written)
  })

  it.each([
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1',
    'localhost',
    'unknown',
    '_x',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    'fe80::1%eth0',
    '12345::',
    'g::',
    '[::1]',
    '::1]/a',
    '::ffff:1.2.3',
    '::01.2.3.4.5',
  ])('is not %j', (text) => {
    expect(parseNetworkAddress(text)).toBeUndefined()
  })

  it('is read from every way in which IPv6 is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const parsed = parseNetworkAddress(text)
        expect(parsed).toBeDefined()
        expect(parseNetworkAddress(parsed?.text ?? '')).toEqual(parsed)
      }),
    )
  })
})

describe('a network', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.9/8', '10.1.2.3', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['192.0.2.128/25', '192.0.2.128', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.6', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '10.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['fd00::1', 'fd00::1', true],
  ])('%s and %s: %s', (within, text, expected) => {
    expect(isWithin(address(text), network(within))).toBe(expected)
  })

  it.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    '::ffff:10.0.0.0/104',
    'a/8',
  ])('is not %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined()
  })

  it('holds just the addresses with the same first bits', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const ip = fc.tuple(byte, byte, byte, byte)
    fc.assert(
      fc.property(
        ip,
        ip,
        fc.integer({ min: 0, max: 32 }),
        fc.boolean(),
        (one, other, bits, near) => {
          const second = near ? [...one.slice(0, 2), ...other.slice(2)] : other
          const same = bitsOf(one).slice(0, bits) === bitsOf(second).slice(0, bits)
          expect(isWithin(address(second.join('.')), network(`${one.join('.')}/${bits}`))).toBe(
            same,
          )
        },
      ),
    )
  })
})

function bitsOf(parts: readonly number[]): string {
  return parts.map((part) => part.toString(2).padStart(8, '0')).join('')
}

import { describe, expect, it } from 'vitest'
import { random } from '../../src/crypto/random.ts'
import { milliseconds } from '../../src/domain/time.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A clock that shows the given moments, one after the other, and then the last for ever. */
function clockOf(...moments: number[]) {
  return {
    wall: () => milliseconds(moments.length > 1 ? (moments.shift() ?? 0) : (moments[0] ?? 0)),
  }
}

function uuidOf(id: string): bigint {
  return Array.from(id.slice(id.indexOf('_') + 1)).reduce(
    (value, digit) => value * 32n + BigInt(alphabet.indexOf(digit)),
    0n,
  )
}

/** Fills with 1, 2, 3 … in four bytes each, so that every byte given out can be recognised. */
function counted() {
  let next = 0
  return (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE((next += 1), at)
  }
}

describe('an id, RFC 9562 §5.7', () => {
  it('is a UUIDv7 of the moment it was made', () => {
    const moment = 1_764_000_000_123
    const uuid = uuidOf(random(clockOf(moment + 0.9)).id('role'))
    expect(uuid >> 80n).toBe(BigInt(moment))
    expect((uuid >> 76n) & 0xfn).toBe(7n)
    expect((uuid >> 62n) & 3n).toBe(2n)
  })

  it('sorts after every id made before it, in the same millisecond too', () => {
    const { id } = random(clockOf(1_764_000_000_000))
    const ids = Array.from({ length: 20_000 }, () => id('role'))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('sorts after every id made before it, when the clock was turned back', () => {
    const { id } = random(clockOf(1_764_000_000_000, 1_763_000_000_000, 1_764_000_000_001))
    const ids = [id('api'), id('api'), id('api')]
    expect(ids).toEqual(ids.toSorted())
    expect(ids.map((one) => uuidOf(one) >> 80n)).toEqual([
      1_764_000_000_000n,
      1_764_000_000_000n,
      1_764_000_000_001n,
    ])
  })

  it('takes at least 2,048 ids of a millisecond before it runs ahead of the clock', () => {
    const { id } = random(clockOf(5))
    const times = Array.from({ length: 4097 }, () => uuidOf(id('api')) >> 80n)
    expect(times.slice(0, 2049)).toEqual(Array.from({ length: 2049 }, () => 5n))
    expect(times.at(-1)).toBe(6n)
  })

  it('has 62 random bits beside those that order it', () => {
    const { id } = random(clockOf(5))
    const seen = Array.from({ length: 2000 }, () => uuidOf(id('api')) & (2n ** 62n - 1n))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.reduce((all, one) => all | one, 0n)).toBe(2n ** 62n - 1n)
    expect(seen.reduce((all, one) => all & one)).toBe(0n)
  })

  it('says what it names', () => {
    const { id } = random(clockOf(5))
    expect(id('service_account')).toMatch(/^sa_/)
    expect(id('credential')).toMatch(/^crd_/)
  })
})

describe('a token id, RFC 7519 §4.1.7', () => {
  it('is 128 random bits in base64url', () => {
    const { tokenId } = random(clockOf(0))
    const ids = Array.from({ length: 20_000 }, () => tokenId())
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id))).toBe(true)
    expect(Buffer.from(ids[0] ?? '', 'base64url')).toHaveLength(16)
  })
})

describe('a trace id, W3C Trace Context §3.2.2.3', () => {
  it('is 32 lower-case hexadecimal digits', () => {
    const { traceId } = random(clockOf(0))
    const ids = Array.from({ length: 2000 }, () => traceId())
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
  })

  it('is never all zeros', () => {
    let drawn = 0
    const { traceId } = random(clockOf(0), (bytes) => bytes.fill(0).writeUInt8((drawn += 1), 20))
    expect(traceId()).toBe('00000000010000000000000000000000')
  })
})

describe('the randomness of a process', () => {
  it('uses no byte twice, whatever it is drawn for', () => {
    const source = random(clockOf(0), counted())
    const drawn = Array.from({ length: 3000 }, (_, index) =>
      index % 2 === 0
        ? Buffer.from(source.tokenId(), 'base64url')
        : Buffer.from(source.traceId(), 'hex'),
    )
    const numbers = drawn.flatMap((bytes) => [0, 4, 8, 12].map((at) => bytes.readUInt32BE(at)))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })

  it('wastes none of a draw while the rest still suffices', () => {
    let draws = 0
    const { tokenId } = random(clockOf(0), () => (draws += 1))
    for (let made = 0; made < 256; made += 1) tokenId()
    expect(draws).toBe(1)
    tokenId()
    expect(draws).toBe(2)
  })
})

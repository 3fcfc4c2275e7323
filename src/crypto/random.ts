/**
 * Keys and secrets: everything that draws a random number, hashes, seals or signs, over node:crypto,
 * jose and argon2. Nothing here knows of requests, tables or tenants.
 */
import { randomFillSync } from 'node:crypto'
import { encodeId } from '../domain/id.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

const poolBytes = 4096
const tokenIdBytes = 16
const traceIdBytes = 16

type Fill = (bytes: Buffer) => unknown

/** The randomness of this process. Drawing bytes costs far more than using them, so it is done in bulk. */
export function random(clock: Pick<Clock, 'wall'>, fill: Fill = randomFillSync): Random {
  const take = randomBytesPool(fill)
  const nextUuid = uuidSequence(clock, take)
  return {
    id: (noun) => encodeId(noun, nextUuid()),
    tokenId: () => take(tokenIdBytes).toString('base64url'),
    traceId: () => traceId(take),
  }
}

type Take = (bytes: number) => Buffer

/** Gives out each random byte once. What is given is to be used before the next call. */
function randomBytesPool(fill: Fill): Take {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes
  return (bytes) => {
    if (used + bytes > poolBytes) {
      fill(pool)
      used = 0
    }
    used += bytes
    return pool.subarray(used - bytes, used)
  }
}

const noTrace = '0'.repeat(2 * traceIdBytes)

/** Never all zeros, which means "no trace". W3C Trace Context §3.2.2.3. */
function traceId(take: Take): string {
  const text = take(traceIdBytes).toString('hex')
  return text === noTrace ? traceId(take) : text
}

const counterMax = 0xf_ff

/**
 * UUIDv7, each greater than the one before (RFC 9562 §5.7, §6.2 method 1): the 12 bits after the
 * time are a counter. It starts anew, at random in its lower half, with every millisecond; when it
 * is full, or the clock was turned back, the ids keep the greater time they already had.
 */
function uuidSequence(clock: Pick<Clock, 'wall'>, take: Take): () => Uint8Array {
  let time = 0
  let counter = 0
  return () => {
    const now = Math.floor(clock.wall())
    if (now > time || counter === counterMax) {
      time = Math.max(now, time + 1)
      counter = take(2).readUInt16BE() >>> 5
    } else {
      counter += 1
    }
    const uuid = Buffer.alloc(16)
    take(8).copy(uuid, 8)
    uuid.writeUIntBE(time, 0, 6)
    uuid.writeUInt16BE(0x70_00 | counter, 6)
    uuid.writeUInt8(0x80 | (uuid.readUInt8(8) & 0x3f), 8)
    return uuid
  }
}

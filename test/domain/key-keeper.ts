import type { Kid, SigningKeyTimes } from '../../src/domain/key-ring.ts'
import { parseKid } from '../../src/domain/key-ring.ts'
import type { Asked, RotationTimes, WantedRing } from '../../src/domain/key-rotation.ts'
import { decideRotation } from '../../src/domain/key-rotation.ts'
import type { NumericDate } from '../../src/domain/time.ts'
import { numericDate } from '../../src/domain/time.ts'
import { made } from './specimens.ts'

export const tokens = { use: 'access_token', alg: 'ES256', atOnce: true } as const
export const lists = { use: 'status_list', alg: 'ES256', atOnce: false } as const

export type Ring = readonly SigningKeyTimes[]

export function kid(index: number): Kid {
  // Not in the order in which they are made.
  return made(parseKid(`${(index * 7) % 10}`.padEnd(4, 'k') + String(index).padStart(39, '0')))
}

/** What decides for a ring in a test, and carries out what was decided. */
export function keeper(
  times: RotationTimes,
  isUsable: (key: SigningKeyTimes) => boolean = () => true,
) {
  let count = 0
  const decide = (
    ring: Ring,
    wanted: WantedRing,
    now: NumericDate,
    asked: Asked = 'nothing',
  ): Ring => {
    const { begins, announced } = decideRotation(ring, wanted, now, { times, isUsable, asked })
    const planned = ring.map((key) =>
      key.kid === begins?.kid ? { ...key, signsFrom: begins.signsFrom } : key,
    )
    const { use, alg } = wanted
    const fresh = announced.map(({ signsFrom }) => {
      count += 1
      return { kid: kid(count), use, alg, announcedAt: now, signsFrom, revokedAt: undefined }
    })
    return [...planned, ...fresh]
  }
  return decide
}

export function revoke(ring: Ring, kidRevoked: Kid, revokedAt: NumericDate): Ring {
  return ring.map((key) => (key.kid === kidRevoked ? { ...key, revokedAt } : key))
}

export const start = 1000

export function at(offset: number): NumericDate {
  return numericDate(start + offset)
}

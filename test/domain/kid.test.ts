import { describe, expect, it } from 'vitest'
import { parseKid } from '../../src/domain/key-ring.ts'

describe('a kid', () => {
  it('is 43 characters of base64url', () => {
    const thumbprint = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
    expect(parseKid(thumbprint)).toBe(thumbprint)
    for (const text of [
      '',
      thumbprint.slice(1),
      `${thumbprint}A`,
      thumbprint.replace('-', '+'),
      `${thumbprint.slice(1)}\n`,
    ]) {
      expect(parseKid(text)).toBeUndefined()
    }
  })
})

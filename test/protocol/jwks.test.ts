import { describe, expect, it } from 'vitest'
import type { Kid } from '../../src/domain/key-ring.ts'
import { numericDate } from '../../src/domain/time.ts'
import { jwks } from '../../src/protocol/jwks.ts'

describe('jwks', () => {
  it('shows the public members of a key, even if it was given more', () => {
    const publicJwk = { kty: 'EC', crv: 'P-256', x: 'xx', y: 'yy', d: 'private' } as const
    const key = {
      kid: 'thumbprint' as Kid,
      use: 'access_token',
      alg: 'ES256',
      announcedAt: numericDate(0),
      signsFrom: numericDate(0),
      revokedAt: undefined,
      publicJwk,
    } as const
    expect(jwks([key])).toEqual({
      keys: [
        { kty: 'EC', crv: 'P-256', x: 'xx', y: 'yy', kid: 'thumbprint', alg: 'ES256', use: 'sig' },
      ],
    })
  })
})

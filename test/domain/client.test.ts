import { describe, expect, it } from 'vitest'
import type { Client } from '../../src/domain/client.ts'
import { authenticated, whyClientRefused } from '../../src/domain/client.ts'
import { numericDate } from '../../src/domain/time.ts'
import { idOf } from './specimens.ts'

const client: Client = {
  id: idOf('service_account', 1),
  organization: idOf('organization', 1),
  principal: idOf('service_account', 1),
  principalType: 'service_account',
  enabled: true,
  expiresAt: numericDate(10),
  tokenLifetime: undefined,
  credentials: [],
  groups: [],
  bindings: [],
}
const credential = {
  id: idOf('credential', 1),
  enabled: true,
  expiresAt: numericDate(20),
  kind: 'unknown',
} as const

describe('a client', () => {
  it('is welcome until its account ends', () => {
    expect(whyClientRefused(client, numericDate(9))).toBeUndefined()
    expect(whyClientRefused(client, numericDate(10))).toEqual({
      reason: 'client_expired',
      client: client.id,
    })
    expect(whyClientRefused({ ...client, expiresAt: undefined }, numericDate(99))).toBeUndefined()
  })

  it('is refused while its account is switched off', () => {
    expect(whyClientRefused({ ...client, enabled: false }, numericDate(0))).toEqual({
      reason: 'client_disabled',
      client: client.id,
    })
  })

  it('that has proved itself ends with the earlier of its account and its credential', () => {
    expect(authenticated(client, credential)).toEqual({ client, credential, endsAt: 10 })
    expect(authenticated({ ...client, expiresAt: numericDate(30) }, credential).endsAt).toBe(20)
    const endless = { ...credential, expiresAt: undefined }
    expect(authenticated({ ...client, expiresAt: undefined }, endless).endsAt).toBeUndefined()
  })
})

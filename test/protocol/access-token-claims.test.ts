import { describe, expect, it } from 'vitest'
import { managementAudience } from '../../src/domain/management-permission.ts'
import { numericDate } from '../../src/domain/time.ts'
import { readAccessTokenClaims } from '../../src/protocol/access-token-claims.ts'

const issuer = 'https://id.example.com'
const audience = managementAudience(issuer)
const now = numericDate(1_900_000_000)
const account = `sa_${'0'.repeat(26)}`
const organization = `org_${'0'.repeat(26)}`
const credential = `crd_${'0'.repeat(26)}`
const good = {
  iss: issuer,
  sub: account,
  client_id: account,
  aud: audience,
  iat: now - 60,
  exp: now + 60,
  jti: 'abc',
  org_id: organization,
  principal_type: 'service_account',
  credential_id: credential,
  scope: 'roles:read roles:manage',
}

const read = (wishes: Record<string, unknown> = {}) =>
  readAccessTokenClaims(
    new Map(Object.entries({ ...good, ...wishes }).filter(([, value]) => value !== undefined)),
    { issuer, audience, now },
  )
const whatOf = (wishes: Record<string, unknown>) => {
  const outcome = read(wishes)
  return outcome.ok ? undefined : outcome.refusal.what
}

describe('the claims of an access token', () => {
  it('say who comes, from where, and for what at most', () => {
    expect(read()).toEqual({
      ok: true,
      value: {
        organization,
        principal: { type: 'service_account', id: account },
        client: account,
        gotWith: credential,
        scope: ['roles:read', 'roles:manage'],
        jti: 'abc',
        expiresAt: now + 60,
      },
    })
  })

  it('of a member name the application key that asked', () => {
    const [member, key] = [`mem_${'0'.repeat(26)}`, `key_${'0'.repeat(26)}`]
    const ofMember = { principal_type: 'member', sub: member, client_id: key }
    expect(read(ofMember)).toMatchObject({
      ok: true,
      value: { principal: { type: 'member', id: member }, client: key, gotWith: key },
    })
    const unlike = 'its claims are not those of an access token of this server'
    expect(whatOf({ ...ofMember, client_id: member })).toBe(unlike)
    expect(whatOf({ ...ofMember, client_id: account })).toBe(unlike)
    expect(whatOf({ ...ofMember, sub: account })).toBe(unlike)
    expect(whatOf({ client_id: key })).toBe(unlike)
  })

  it('without a scope give nothing on the whole organization', () => {
    expect(read({ scope: undefined })).toMatchObject({ ok: true, value: { scope: [] } })
  })

  it('that another program might write are not taken for ours', () => {
    const unlike = [
      { sub: undefined },
      { sub: organization },
      { sub: `mem_${'0'.repeat(26)}` },
      { client_id: undefined },
      { credential_id: undefined },
      { credential_id: account },
      { client_id: `sa_${'1'.repeat(26)}` },
      { org_id: undefined },
      { org_id: account },
      { jti: undefined },
      { jti: '' },
      { jti: 7 },
      { principal_type: undefined },
      { principal_type: 'person' },
      { scope: '' },
      { scope: ['roles:read'] },
      { scope: 'roles:read  roles:manage' },
      { scope: 'roles:read"' },
    ]
    for (const wishes of unlike) {
      expect(whatOf(wishes)).toBe('its claims are not those of an access token of this server')
    }
  })

  it('that bind a token to a key are not those of a bearer token', () => {
    expect(whatOf({ cnf: { jkt: 'x' } })).toBe('it is bound to a key, and none was proved')
  })
})

describe('RFC 9068 §4', () => {
  it('takes the very issuer [150]', () => {
    const others = ['https://id.example.com/', 'https://ID.example.com', 'http://id.example.com']
    for (const iss of [...others, [issuer], undefined, null]) {
      expect(whatOf({ iss })).toBe('it is of another issuer')
    }
  })

  it('takes the very audience [150]', () => {
    const others = [issuer, '/api', `${audience}/`, `${audience}/v1`, [audience], [], undefined]
    for (const aud of others) expect(whatOf({ aud })).toBe('it is for another audience')
  })

  it('takes a token from its issue to its end, and not for longer than any lives [152]', () => {
    expect(whatOf({ exp: now })).toBe('it has expired, or does not say when')
    expect(whatOf({ exp: now + 1 })).toBe(undefined)
    expect(whatOf({ iat: now + 5 })).toBe(undefined)
    expect(whatOf({ iat: now + 6 })).toBe('it was not issued yet, or does not say when')
    expect(whatOf({ nbf: now + 6 })).toBe('its time has not come')
    expect(whatOf({ iat: now - 3000, exp: now + 601 })).toBe(
      'it would live longer than any token of this server',
    )
  })

  it('takes whole seconds for dates, and nothing else [152]', () => {
    for (const date of [null, '', String(now), now + 0.5, 1e300, [now], true]) {
      expect(whatOf({ exp: date })).toBe('it has expired, or does not say when')
      expect(whatOf({ iat: date })).toBe('it was not issued yet, or does not say when')
      expect(whatOf({ nbf: date })).toBe('its time has not come')
    }
    expect(whatOf({ exp: undefined })).toBe('it has expired, or does not say when')
    expect(whatOf({ iat: undefined })).toBe('it was not issued yet, or does not say when')
  })
})

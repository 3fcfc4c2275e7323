import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import type { Name } from '../../src/domain/name.ts'
import { parseName } from '../../src/domain/name.ts'
import { numericDate, seconds } from '../../src/domain/time.ts'
import { accessTokenClaims } from '../../src/protocol/access-token.ts'

const moment = {
  issuer: 'https://id.example.com',
  now: numericDate(1_800_000_000),
  jti: 'kq3pV0gT7cYw1mZ9eXb2Rg',
}

const bare = {
  client: 'sa_01h455vb4pex5vsknk084sn02q',
  organization: 'org_01h455vb4pex5vsknk084sn02q',
  principalType: 'service_account',
  audience: 'https://api.example.com',
  scope: [],
  roles: [],
  groups: [],
  details: [],
  lifetime: seconds(900),
} as unknown as Grant

const grantOf = (parts: Record<string, unknown>) => ({ ...bare, ...parts }) as Grant

const listOf = (count: number, text: string) =>
  Array.from({ length: count }, (_, n) => `${text}${String(n).padStart(3, '0')}`)

function claimsOf(grant: Grant) {
  const claims = accessTokenClaims(grant, moment)
  if (!claims.ok) throw new Error(claims.refusal.reason)
  return claims.value
}

const base64urlBytes = (value: object) =>
  Buffer.from(JSON.stringify(value)).toString('base64url').length
const headerBytes = base64urlBytes({ alg: 'ES256', typ: 'at+jwt', kid: 'x'.repeat(43) })
const signatureBytes = 86

/** The size of an ES256 token with these claims. */
function bytesOf(claims: object): number {
  return headerBytes + 1 + base64urlBytes(claims) + 1 + signatureBytes
}

describe('accessTokenClaims', () => {
  it('states a grant', () => {
    const grant = grantOf({
      scope: ['orders:read', 'orders:write'],
      roles: ['Reader'],
      groups: ['Deployers'],
      details: [{ role: 'operator', resource: 'cluster/a', permissions: ['pods:read'] }],
    })
    expect(JSON.parse(JSON.stringify(claimsOf(grant)))).toEqual({
      iss: 'https://id.example.com',
      sub: 'sa_01h455vb4pex5vsknk084sn02q',
      client_id: 'sa_01h455vb4pex5vsknk084sn02q',
      aud: 'https://api.example.com',
      iat: 1_800_000_000,
      exp: 1_800_000_900,
      jti: 'kq3pV0gT7cYw1mZ9eXb2Rg',
      org_id: 'org_01h455vb4pex5vsknk084sn02q',
      principal_type: 'service_account',
      scope: 'orders:read orders:write',
      roles: ['Reader'],
      groups: ['Deployers'],
      authorization_details: [
        { type: 'role', role: 'operator', resource: 'cluster/a', permissions: ['pods:read'] },
      ],
    })
  })

  it('leaves out what has no value', () => {
    const members = Object.keys(JSON.parse(JSON.stringify(claimsOf(bare))))
    expect(members).toEqual([
      'iss',
      'sub',
      'client_id',
      'aud',
      'iat',
      'exp',
      'jti',
      'org_id',
      'principal_type',
    ])
  })

  it('keeps 50 roles and their scope within 4 kB', () => {
    const grant = grantOf({ scope: listOf(50, 'things:read'), roles: listOf(50, 'Thing reader ') })
    const claims = claimsOf(grant)
    expect(claims.roles).toHaveLength(50)
    expect(bytesOf(claims)).toBeLessThanOrEqual(4096)
  })

  it('gives up the groups, and says so, rather than pass 4 kB', () => {
    const claims = claimsOf(
      grantOf({ roles: ['Reader'], groups: listOf(150, 'A group of people ') }),
    )
    expect(claims.groups).toBeUndefined()
    expect(claims.groups_overflow).toBe(true)
    expect(claims.roles).toEqual(['Reader'])
  })

  it('does not speak of an overflow where there are no groups', () => {
    expect(claimsOf(grantOf({ roles: listOf(150, 'A rather long role ') })).groups_overflow).toBe(
      undefined,
    )
  })

  it('never cuts scope, roles or details: beyond 6 kB there is no token', () => {
    const claims = accessTokenClaims(grantOf({ roles: listOf(200, 'A rather long role ') }), moment)
    expect(claims).toMatchObject({ ok: false, refusal: { reason: 'token_too_large' } })
  })

  it('counts what the token will take, a little generously, whatever the characters', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map(parseName)
      .filter((each): each is Name => each !== undefined)
    const names = fc.array(name, { maxLength: 40 })
    const detail = fc.record({
      role: name,
      resource: fc.constant('cluster/prod-eu'),
      permissions: fc.constant(['pods:read', 'pods:restart']),
    })
    const parts = fc.record({
      roles: names,
      groups: names,
      details: fc.array(detail, { maxLength: 10 }),
    })
    fc.assert(
      fc.property(parts, (some) => {
        const grant = grantOf(some)
        const claims = accessTokenClaims(grant, moment)
        const everything = bytesOf({
          ...claimsOf(bare),
          roles: some.roles,
          groups: some.groups,
          authorization_details: some.details.map((each) => ({ type: 'role', ...each })),
        })
        const given = claims.ok ? claims.value : undefined
        const refused = given === undefined
        const cut = given?.groups_overflow === true
        const bytes = bytesOf(given ?? {})
        expect(refused && everything < 6000).toBe(false)
        expect(cut && everything < 3900).toBe(false)
        expect(bytes).toBeLessThanOrEqual(given?.groups === undefined ? 6144 : 4096)
      }),
      { numRuns: 300 },
    )
  })
})

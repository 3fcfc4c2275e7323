import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import { signingAlgs } from '../../src/domain/signing-alg.ts'
import { numericDate, seconds } from '../../src/domain/time.ts'
import { accessTokenClaims } from '../../src/protocol/access-token.ts'

const moment = {
  issuer: 'https://id.example.com',
  now: numericDate(1_800_000_000),
  jti: 'kq3pV0gT7cYw1mZ9eXb2Rg',
  alg: 'ES256',
} as const

const bare = {
  client: 'sa_01h455vb4pex5vsknk084sn02q',
  organization: 'org_01h455vb4pex5vsknk084sn02q',
  principal: 'sa_01h455vb4pex5vsknk084sn02q',
  principalType: 'service_account',
  audience: 'https://api.example.com',
  scope: [],
  roles: [],
  groups: [],
  details: [],
  lifetime: seconds(900),
} as unknown as Grant

/** A text of this length makes any token too large. */
const tooManyBytes = 7168

/** What a token may have, by what signs it: bytes with groups, bytes at all, bytes of signature. */
const sizes: Readonly<Record<SigningAlg, { comfortable: number; max: number; signature: number }>> =
  {
    ES256: { comfortable: 4096, max: 6144, signature: 64 },
    Ed25519: { comfortable: 4096, max: 6144, signature: 64 },
    RS256: { comfortable: 4096, max: 6144, signature: 256 },
    'ML-DSA-44': { comfortable: 6144, max: 7168, signature: 2420 },
  }
const anyAlg = fc.constantFrom(...signingAlgs)

const grantOf = (parts: Record<string, unknown>) => ({ ...bare, ...parts }) as Grant

const listOf = (count: number, text: string) =>
  Array.from({ length: count }, (_, n) => `${text}${String(n).padStart(3, '0')}`)

type Claims = { roles?: string[]; groups?: string[]; groups_overflow?: boolean }

const claimsIn = (text: string) => JSON.parse(text) as Claims

function claimsOf(grant: Grant): Claims {
  const claims = accessTokenClaims(grant, moment)
  if (!claims.ok) throw new Error(claims.refusal.reason)
  return claimsIn(claims.value)
}

const base64urlBytes = (value: object) =>
  Buffer.from(JSON.stringify(value)).toString('base64url').length

/** The size of a token with these claims. */
function bytesOf(claims: object, alg: SigningAlg = 'ES256'): number {
  const header = base64urlBytes({ alg, typ: 'at+jwt', kid: 'x'.repeat(43) })
  const signature = Buffer.alloc(sizes[alg].signature).toString('base64url').length
  return header + 1 + base64urlBytes(claims) + 1 + signature
}

/** The claims of a grant if nothing were left out: every name is there, however little it says. */
function everythingOf(
  parts: Record<string, unknown>,
  { issuer, now, jti }: { issuer: string; now: number; jti: string } = moment,
) {
  const grant = grantOf(parts)
  return {
    iss: issuer,
    sub: grant.principal,
    client_id: grant.client,
    aud: grant.audience,
    iat: now,
    exp: now + 900,
    jti,
    org_id: grant.organization,
    principal_type: 'service_account',
    scope: grant.scope.join(' '),
    roles: grant.roles,
    groups: grant.groups,
    groups_overflow: true,
    authorization_details: grant.details.map(({ role, resource, permissions }) => ({
      type: 'role',
      role,
      resource,
      permissions,
    })),
  }
}

describe('accessTokenClaims', () => {
  it('states a grant', () => {
    const grant = grantOf({
      scope: ['orders:read', 'orders:write'],
      roles: ['Reader'],
      groups: ['Deployers'],
      details: [{ role: 'operator', resource: 'cluster/a', permissions: ['pods:read'] }],
    })
    expect(claimsOf(grant)).toEqual({
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
    expect(Object.keys(claimsOf(bare))).toEqual([
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
})

describe('the size of a token', () => {
  /** Those that JSON or UTF-8 writes in more bytes than one, and their neighbours. */
  const characters = fc.constantFrom(
    ...Array.from('az"\\~\u00A0\u07FF\u0800\uD7FB\uE000\uFFFD\u{10000}\u{1F3FF}'),
  )
  const names = fc.array(fc.string({ unit: characters, minLength: 1, maxLength: 60 }), {
    maxLength: 40,
  })
  const text = fc.nat(300).map((length) => 'x'.repeat(length))
  const permissions = fc.nat(20).map((count) => listOf(count, 'things:verb'))
  const details = fc.array(
    fc.record({ role: fc.string({ unit: characters }), resource: text, permissions }),
    { maxLength: 40 },
  )
  const grants = fc.record({
    client: text,
    principal: text,
    organization: text,
    audience: text,
    scope: permissions,
    roles: names,
    groups: names,
    details,
  })

  it('is counted and not guessed at, whatever the characters: a refusal tells it', () => {
    fc.assert(
      fc.property(grants, text, text, anyAlg, (some, issuer, jti, alg) => {
        const parts = { ...some, roles: [...some.roles, 'x'.repeat(tooManyBytes)] }
        const at = { ...moment, issuer, jti, alg }
        const claims = accessTokenClaims(grantOf(parts), at)
        const counted = !claims.ok && claims.refusal.bytes
        const actual = bytesOf(everythingOf({ ...parts, groups: [] }, at), alg)
        // Commas are counted behind the last of a list, too, and scope as if it were one.
        const generosity = 35 + 3 * (some.scope.length + some.details.length)
        expect(counted).toBeGreaterThanOrEqual(actual)
        expect(counted).toBeLessThanOrEqual(actual + generosity)
      }),
    )
  })

  it.each(signingAlgs)(
    'with %s has its bounds with the groups and without, and not for nothing',
    (alg) => {
      const { comfortable, max } = sizes[alg]
      fc.assert(
        fc.property(grants, (some) => {
          const claims = accessTokenClaims(grantOf(some), { ...moment, alg })
          const given = claims.ok ? claimsIn(claims.value) : undefined
          const all = bytesOf(everythingOf(some), alg)
          expect(given === undefined && all < max - 144).toBe(false)
          expect(given?.groups_overflow === true && all < comfortable - 396).toBe(false)
          const bytesMax = given?.groups === undefined ? max : comfortable
          expect(bytesOf(given ?? {}, alg)).toBeLessThanOrEqual(bytesMax)
        }),
        { numRuns: 300 },
      )
    },
  )

  it.each([
    ['ES256', 6144],
    ['ML-DSA-44', 7168],
  ] as const)('with %s may be %i bytes and no more', (alg, max) => {
    // Three bytes of claims are four of a token, so that not every size occurs.
    const refused = [0, 1, 2].map((more) => refusedSize(tooManyBytes + more, alg) ?? 0)
    const more = refused.findIndex((size) => size % 4 === max % 4)
    const largest = tooManyBytes + more - (((refused[more] ?? 0) - max) / 4) * 3
    expect(refusedSize(largest, alg)).toBeUndefined()
    expect(refusedSize(largest + 1, alg)).toBeGreaterThan(max)
  })

  it('keeps 20 roles and their scope in a token of the largest signature', () => {
    const grant = grantOf({ scope: listOf(20, 'things:read'), roles: listOf(20, 'Thing reader ') })
    const claims = accessTokenClaims(grant, { ...moment, alg: 'ML-DSA-44' })
    expect(claims.ok && bytesOf(claimsIn(claims.value), 'ML-DSA-44')).toBeLessThanOrEqual(6144)
  })
})

/** How many bytes a token with a role of this length is refused for. */
function refusedSize(length: number, alg: SigningAlg): number | undefined {
  const claims = accessTokenClaims(grantOf({ roles: ['x'.repeat(length)] }), { ...moment, alg })
  return claims.ok ? undefined : claims.refusal.bytes
}

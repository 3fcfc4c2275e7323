import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideAudience, parseAudience, parseTokenLifetime } from '../../src/domain/api.ts'
import { audience, idOf } from './specimens.ts'

const issuer = 'https://auth.example.com'
const mine = idOf('organization', 1)
const theirs = idOf('organization', 2)
const tenant = { issuer, organization: mine, byOperator: false, approved: false, alone: false }
const operator = { ...tenant, byOperator: true }
const onlyTenant = { ...tenant, alone: true }

function mostly(usual: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

/** The most lenient reading: everything decoded, then resolved. */
function lenient(text: string): string {
  const url = new URL(decodeURIComponent(text))
  return `${url.protocol}//${url.hostname.replace(/\.$/, '')}${url.pathname}`
}

describe('an audience, RFC 8707 §2', () => {
  it.each([
    'https://api.example.com',
    'https://api.example.com/',
    'https://api.example.com/v1/orders',
    'https://api.example.com:8443/v1',
    'https://[::1]:8443/v1',
    'http://localhost:3000/api',
    'api://orders',
    'urn:example:orders',
    'spiffe://example.com/orders',
    "https://api.example.com/a-b.c_d~e!$&'()*+,;=:[x]",
    `https://api.example.com/${'a'.repeat(231)}`,
  ])('can be %j', (text) => {
    expect(parseAudience(text)).toBe(text)
  })

  it.each([
    ['no scheme', 'api.example.com/orders'],
    ['a relative path', '/orders'],
    ['only a scheme', 'https:'],
    ['no host', 'https://'],
    ['an empty text', ''],
    ['a query', 'https://api.example.com/?a=b'],
    ['an empty query', 'https://api.example.com/?'],
    ['a fragment', 'https://api.example.com/#a'],
    ['an empty fragment', 'https://api.example.com/#'],
    ['a space', 'https://api.example.com/a b'],
    ['something in front', ' https://api.example.com/'],
    ['a line break behind it', 'https://api.example.com/\n'],
    ['a character outside ASCII', 'https://api.exämple.com/'],
    ['a backslash', 'https:\\\\api.example.com/'],
    ['256 characters', `https://api.example.com/${'a'.repeat(232)}`],
    ['a port that is none', 'https://api.example.com:99999/'],
  ])('is refused with %s', (_, text) => {
    expect(parseAudience(text)).toBeUndefined()
  })

  it.each([
    ['an upper-case scheme', 'HTTPS://api.example.com/'],
    ['an upper-case host', 'https://API.example.com/'],
    ['the default port', 'https://api.example.com:443/'],
    ['the default port of http', 'http://api.example.com:80/'],
    ['an empty port', 'https://api.example.com:/'],
    ['a leading zero in the port', 'https://api.example.com:08443/'],
    ['a dot segment', 'https://api.example.com/./orders'],
    ['a double-dot segment', 'https://api.example.com/a/../orders'],
    ['a double dot at the end', 'https://api.example.com/a/..'],
    ['an encoded double dot', 'https://api.example.com/a/%2e%2e/orders'],
    ['a half-encoded double dot', 'https://api.example.com/a/.%2E/orders'],
    ['an encoded letter', 'https://api.example.com/%6frders'],
    ['an encoded slash', 'https://api.example.com/a%2Fb'],
    ['a broken encoding', 'https://api.example.com/%zz'],
    ['a user', 'https://user@api.example.com/'],
    ['a user and a password', 'https://user:password@api.example.com/'],
    ['an empty user', 'https://@api.example.com/'],
    ['too few slashes', 'https:/api.example.com/'],
    ['no slashes', 'https:api.example.com/'],
    ['too many slashes', 'https:///api.example.com/'],
    ['a host that ends in a dot', 'https://api.example.com./orders'],
    ['a shortened IPv4 address', 'https://127.1/'],
    ['a hexadecimal IPv4 address', 'https://0x7f000001/'],
    ['a lengthened IPv6 address', 'https://[0:0::1]/'],
  ])('has one spelling, without %s', (_, text) => {
    expect(parseAudience(text)).toBeUndefined()
  })
})

describe('the lifetime of the tokens of an API', () => {
  it('is a whole number of seconds from one minute to one hour', () => {
    expect(parseTokenLifetime(60)).toBe(60)
    expect(parseTokenLifetime(3600)).toBe(3600)
    for (const count of [59, 3601, 90.5, 0, -60, Number.NaN, Infinity]) {
      expect(parseTokenLifetime(count)).toBeUndefined()
    }
  })
})

describe('the audiences an organization may use', () => {
  it('are all those below its own address', () => {
    const own = audience(`${issuer}/o/${mine}/orders/v1`)
    expect(decideAudience(own, tenant)).toEqual({ ok: true, value: own })
  })

  it('are elsewhere those that an operator approves', () => {
    const foreign = audience('https://api.example.com/orders')
    const refusal = { reason: 'audience_needs_operator', audience: foreign }
    expect(decideAudience(foreign, tenant)).toEqual({ ok: false, refusal })
    expect(decideAudience(foreign, operator)).toEqual({ ok: true, value: foreign })
    const approved = { ...tenant, approved: true }
    expect(decideAudience(foreign, approved)).toEqual({ ok: true, value: foreign })
    const others = audience(`${issuer}/o/${theirs}/orders`)
    expect(decideAudience(others, approved)).toMatchObject({ ok: false })
  })

  it('are elsewhere any, for the only organization of a server', () => {
    const foreign = audience('https://api.example.com/orders')
    expect(decideAudience(foreign, onlyTenant)).toEqual({ ok: true, value: foreign })
  })

  it.each([
    ['the issuer', issuer],
    ['the issuer with a slash', `${issuer}/`],
    ['the management API', `${issuer}/api`],
    ['the space of another', `${issuer}/o/${theirs}/orders`],
    ['the space of all', `${issuer}/o/`],
    ['its own address itself', `${issuer}/o/${mine}`],
    ['its own address with a slash', `${issuer}/o/${mine}/`],
    ['an organization whose id begins alike', `${issuer}/o/${mine}0/orders`],
    ['its own space written differently', `${issuer}/O/${mine}/orders`],
    ['its own space one level down', `${issuer}/x/o/${mine}/orders`],
  ])('are never %s, whoever asks', (_, text) => {
    const refusal = { reason: 'audience_reserved', audience: text }
    for (const asking of [tenant, operator, onlyTenant]) {
      expect(decideAudience(audience(text), asking)).toEqual({ ok: false, refusal })
    }
  })

  it.each([
    'https://auth.example.com.evil.example/api',
    'https://auth.example.community/api',
    'https://auth.example.com:8443/api',
    'http://auth.example.com/api',
    `https://evil.example/${issuer.slice(8)}/o/${mine}/api`,
  ])('are nobody’s for beginning like the issuer: %j', (text) => {
    const refusal = { reason: 'audience_needs_operator', audience: text }
    expect(decideAudience(audience(text), tenant)).toEqual({ ok: false, refusal })
    expect(decideAudience(audience(text), operator)).toMatchObject({ ok: true })
  })

  it('are counted below the path of an issuer that has one', () => {
    const withPath = { ...tenant, issuer: 'https://example.com/auth' }
    const decide = (text: string) => decideAudience(audience(text), withPath)
    expect(decide(`https://example.com/auth/o/${mine}/orders`)).toMatchObject({ ok: true })
    expect(decide('https://example.com/auth')).toMatchObject({
      refusal: { reason: 'audience_reserved' },
    })
    expect(decide(`https://example.com/o/${mine}/orders`)).toMatchObject({
      refusal: { reason: 'audience_needs_operator' },
    })
    expect(decide('https://example.com/authentic')).toMatchObject({
      refusal: { reason: 'audience_needs_operator' },
    })
  })

  it.each([
    'https://AUTH.example.com',
    'https://auth.example.com:443',
    'https://auth.example.com/',
  ])('are the same for an issuer set as %j', (written) => {
    const asking = { ...operator, issuer: written }
    expect(decideAudience(audience(`${issuer}/o/${mine}/a`), asking)).toMatchObject({ ok: true })
    expect(decideAudience(audience(`${issuer}/api`), asking)).toMatchObject({ ok: false })
  })

  /** Addresses as somebody would write them who hopes that two programs read them differently. */
  const crafted = fc
    .tuple(
      mostly('https://', 'https:/', 'HTTPS://', 'https:\\\\'),
      mostly('', 'u@', 'u:p@', 'api.example.com@', 'api.example.com%40'),
      mostly('auth.example.com', 'AUTH.example.com', 'auth.example.com.', 'auth%2eexample.com'),
      mostly('', ':443', ':', ':0443'),
      mostly(`/o/${mine}`, '', '/o', `/%6f/${mine}`, `/o/${theirs}`),
      fc.array(
        fc.constantFrom(
          theirs,
          'api',
          'o',
          '',
          '.',
          '..',
          '...',
          '%2e%2e',
          '.%2E',
          '%2F..',
          '%5c..',
        ),
        { maxLength: 5 },
      ),
    )
    .map((parts) => [...parts.slice(0, -1), ...parts[5].map((segment) => `/${segment}`)].join(''))

  it('are read as being in the space of another by no program, however they are written', () => {
    let accepted = 0
    fc.assert(
      fc.property(crafted, (text) => {
        const parsed = parseAudience(text)
        if (parsed === undefined) return
        for (const asking of [tenant, operator, onlyTenant]) {
          const decided = decideAudience(parsed, asking)
          if (!decided.ok) continue
          accepted += 1
          expect(lenient(text)).toMatch(new RegExp(`^${issuer}/o/${mine}/`))
        }
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})

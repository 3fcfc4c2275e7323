import { describe, expect, it } from 'vitest'
import type { Kid } from '../../src/domain/key-ring.ts'
import { milliseconds, numericDate } from '../../src/domain/time.ts'
import type { PublishedKey } from '../../src/ports/signing-keys.ts'
import { openEdge } from './edge.ts'

function keyOf(kid: string, signsFrom: number): PublishedKey {
  return {
    kid: kid as Kid,
    use: 'access_token',
    alg: 'ES256',
    announcedAt: numericDate(0),
    signsFrom: numericDate(signsFrom),
    revokedAt: undefined,
    publicJwk: { kty: 'EC', crv: 'P-256', x: `x-${kid}`, y: `y-${kid}` },
  }
}

const kidsOf = async (response: Response) =>
  ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)

describe('GET /.well-known/jwks.json', () => {
  it('may be kept as long as configured', async () => {
    const { url } = await openEdge({ signingKeys: { all: () => [keyOf('a', 0)] } })
    const response = await fetch(`${url}/.well-known/jwks.json`)
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(await kidsOf(response)).toEqual(['a'])
  })

  it('must not be kept from a process that lost the database', async () => {
    let state: 'fresh' | 'stale' | 'too_old' = 'stale'
    const { url } = await openEdge({
      signingKeys: { all: () => [keyOf('a', 0)] },
      freshness: { state: () => state },
    })
    for (state of ['stale', 'too_old'] as const) {
      const response = await fetch(`${url}/.well-known/jwks.json`)
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    }
  })

  it('shows a new key at once, and no longer one whose time is over', async () => {
    let now = 1_800_000_000
    let ring = [keyOf('a', 0)]
    const { url } = await openEdge({
      signingKeys: { all: () => ring },
      clock: { now: () => numericDate(now), monotonic: () => milliseconds(0) },
    })
    const kids = async () => kidsOf(await fetch(`${url}/.well-known/jwks.json`))
    expect(await kids()).toEqual(['a'])
    ring = [...ring, keyOf('b', now + 100)]
    expect(await kids()).toEqual(['a', 'b'])
    now += 100 + 3959
    expect(await kids()).toEqual(['a', 'b'])
    now += 1
    expect(await kids()).toEqual(['b'])
  })

  it('is unavailable, rather than empty, while no key is known', async () => {
    const { url } = await openEdge({ signingKeys: { all: () => [] } })
    const response = await fetch(`${url}/.well-known/jwks.json`)
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(response.headers.get('retry-after')).toBe('5')
  })

  it('is not sent again to whoever has it', async () => {
    let ring = [keyOf('a', 0)]
    const { url } = await openEdge({ signingKeys: { all: () => ring } })
    const get = (headers: Record<string, string>) =>
      fetch(`${url}/.well-known/jwks.json`, { headers })
    const etag = (await get({})).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await get({ 'if-none-match': known })
      expect([response.status, await response.text()]).toEqual([304, ''])
      expect(response.headers.get('etag')).toBe(etag)
      expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    }
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200)
    ring = [keyOf('b', 0)]
    expect((await get({ 'if-none-match': etag })).status).toBe(200)
  })

  it('answers HEAD with the headers alone', async () => {
    const { url } = await openEdge({ signingKeys: { all: () => [keyOf('a', 0)] } })
    const head = await fetch(`${url}/.well-known/jwks.json`, { method: 'HEAD' })
    const get = await fetch(`${url}/.well-known/jwks.json`)
    expect(await head.text()).toBe('')
    for (const name of ['etag', 'cache-control', 'content-type', 'access-control-allow-origin']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
  })
})

describe('the metadata', () => {
  it('is the same bytes at every place, for an issuer with a path too', async () => {
    const { url } = await openEdge({}, { issuer: 'https://id.example.com/a/b' })
    const places = [
      '/.well-known/oauth-authorization-server/a/b',
      '/.well-known/openid-configuration/a/b',
      '/a/b/.well-known/oauth-authorization-server',
      '/a/b/.well-known/openid-configuration',
    ]
    const texts = await Promise.all(
      places.map(async (place) => (await fetch(`${url}${place}`)).text()),
    )
    expect(new Set(texts).size).toBe(1)
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ issuer: 'https://id.example.com/a/b' })
    expect((await fetch(`${url}/.well-known/oauth-authorization-server`)).status).toBe(404)
  })

  it('cannot be changed by a header of the request', async () => {
    const { url } = await openEdge()
    const get = async (headers: Record<string, string>) =>
      (await fetch(`${url}/.well-known/oauth-authorization-server`, { headers })).text()
    const forged = {
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example.com;proto=http',
    }
    expect(await get(forged)).toBe(await get({}))
  })

  it('has a validator', async () => {
    const { url } = await openEdge()
    const place = `${url}/.well-known/openid-configuration`
    const etag = (await fetch(place)).headers.get('etag') ?? ''
    expect((await fetch(place, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })
})

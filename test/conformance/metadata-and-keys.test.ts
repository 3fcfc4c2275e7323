import type { JWK } from 'jose'
import { calculateJwkThumbprint } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken } from '../support/fixtures.ts'
import { readServeConfig } from '../../src/config.ts'
import { basic, post } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse({ issuerPath: '/tenant/a' })))
afterAll(async () => house.close())

async function metadataOf(): Promise<Record<string, unknown>> {
  const response = await fetch(`${house.url}/.well-known/oauth-authorization-server/tenant/a`)
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

async function keysOf(): Promise<JWK[]> {
  const { jwks_uri } = await metadataOf()
  return ((await (await fetch(String(jwks_uri))).json()) as { keys: JWK[] }).keys
}

function serve(issuer: string): boolean {
  return readServeConfig({
    ISSUER: issuer,
    DATABASE_URL: 'postgresql://localhost/x',
    KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  }).ok
}

describe('RFC 8414 §3', () => {
  it('is found between the host and the path of the issuer [101, 103]', async () => {
    const place = `${house.url}/.well-known/oauth-authorization-server/tenant/a`
    const response = await fetch(place)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json',
    ])
    expect((await fetch(`${house.url}/.well-known/oauth-authorization-server`)).status).toBe(404)
  })

  it('is found where OpenID Connect Discovery looks, with the same bytes [101]', async () => {
    const texts = []
    for (const place of [
      '/.well-known/oauth-authorization-server/tenant/a',
      '/.well-known/openid-configuration/tenant/a',
      '/tenant/a/.well-known/openid-configuration',
    ]) {
      texts.push(await (await fetch(`${house.url}${place}`)).text())
    }
    expect(new Set(texts).size).toBe(1)
  })

  it('leaves out lists that would be empty, but for the one that is required [104]', async () => {
    const lists = Object.entries(await metadataOf()).filter(([, value]) => Array.isArray(value))
    const empty = lists.filter(([, value]) => Array.isArray(value) && value.length === 0)
    expect(empty).toEqual([['response_types_supported', []]])
  })
})

describe('RFC 8414 §2', () => {
  it('names the issuer as it was asked for, without query or fragment [102]', async () => {
    expect((await metadataOf())['issuer']).toBe(`${house.url}/tenant/a`)
    expect(serve('https://id.example.com/tenant')).toBe(true)
    for (const issuer of [
      'http://id.example.com',
      'https://id.example.com?a=b',
      'https://id.example.com#a',
      'https://id.example.com/',
      'HTTPS://id.example.com',
    ]) {
      expect(serve(issuer)).toBe(false)
    }
  })

  it('promises what the token endpoint does, method by method and grant by grant [105]', async () => {
    const metadata = await metadataOf()
    expect(metadata['token_endpoint']).toBe(`${house.issuer}/oauth2/token`)
    expect(metadata).toMatchObject({
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      authorization_details_types_supported: ['role'],
    })
    const { id, secret } = house.ci
    const body = 'grant_type=client_credentials'
    const byBasic = await post(house, { headers: basic(house.ci), body })
    const byPost = await post(house, { body: `${body}&client_id=${id}&client_secret=${secret}` })
    expect([byBasic.status, byPost.status]).toEqual([200, 200])
    expect(await keysOf()).not.toEqual([])
  })

  it('says nothing of algorithms where none is to be chosen, and never "none" [106]', async () => {
    const metadata = await metadataOf()
    expect(Object.keys(metadata).filter((name) => name.includes('alg_values'))).toEqual([])
    expect(JSON.stringify(metadata)).not.toContain('none')
  })

  it('mentions no feature that is not there [107]', async () => {
    const metadata = await metadataOf()
    for (const [member, path] of [
      ['introspection_endpoint', '/oauth2/introspect'],
      ['revocation_endpoint', '/oauth2/revoke'],
      ['authorization_endpoint', '/oauth2/authorize'],
      ['registration_endpoint', '/oauth2/register'],
      ['status_list_aggregation_endpoint', '/status-lists'],
    ] as const) {
      const exists = (await fetch(`${house.issuer}${path}`, { method: 'POST' })).status !== 404
      expect({ member, told: member in metadata }).toEqual({ member, told: exists })
    }
    for (const member of [
      'dpop_signing_alg_values_supported',
      'mtls_endpoint_aliases',
      'tls_client_certificate_bound_access_tokens',
    ]) {
      expect(metadata).not.toHaveProperty(member)
    }
  })
})

describe('RFC 7517 §9.2', () => {
  it('shows public members alone [108]', async () => {
    for (const key of await keysOf()) {
      expect(Object.keys(key).toSorted((a, b) => a.localeCompare(b))).toEqual([
        'alg',
        'crv',
        'kid',
        'kty',
        'use',
        'x',
        'y',
      ])
    }
  })
})

describe('RFC 7638 §3', () => {
  it('names each key by its thumbprint [109]', async () => {
    const keys = await keysOf()
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key, 'sha256'))
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
  })
})

describe('RFC 9111 §5.2', () => {
  it('lets keys be kept for a stated time, and checked without being sent again [115]', async () => {
    const place = `${house.issuer}/.well-known/jwks.json`
    const response = await fetch(place)
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    expect((await fetch(place, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('lets nobody keep keys from a process that may not know the newest [115]', async () => {
    await requestToken(house, house.ci)
    house.clock.turn(2)
    const stale = await fetch(`${house.issuer}/.well-known/jwks.json`)
    expect([stale.status, stale.headers.get('cache-control')]).toEqual([200, 'no-cache'])
  })
})

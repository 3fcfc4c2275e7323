import { createPublicKey, verify } from 'node:crypto'
import type { JWK } from 'jose'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { later, seconds } from '../../src/domain/time.ts'
import type { DemoHouse, TestClient } from '../support/fixtures.ts'
import { openDemoHouse, requestToken, tokenClaims } from '../support/fixtures.ts'
import { addApi, addClient, addGroup, addRole, addTenant } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

async function tokenOf(client: TestClient, parameters = {}): Promise<string> {
  const response = await requestToken(house, client, parameters)
  expect(response.status).toBe(200)
  return ((await response.json()) as { access_token: string }).access_token
}

async function keysOf(): Promise<JWK[]> {
  const response = await fetch(`${house.issuer}/.well-known/jwks.json`)
  return ((await response.json()) as { keys: JWK[] }).keys
}

async function lifetimeOf(client: TestClient): Promise<number> {
  const { iat, exp } = await tokenClaims(house, client)
  return Number(exp) - Number(iat)
}

const textsOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])

describe('RFC 9068 §2.1', () => {
  it('says that it is an access token, and how it is signed [85, 91]', async () => {
    const header = decodeProtectedHeader(await tokenOf(house.ci))
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
  })

  it('is verified by a library that nobody here wrote [91, 110]', async () => {
    const token = await tokenOf(house.ci)
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: await keysOf() }), {
      issuer: house.issuer,
      audience: house.demo.audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
      currentDate: new Date(house.clock.wall()),
    })
    expect(payload.sub).toBe(house.ci.id)
  })
})

describe('RFC 9068 §2.2', () => {
  it('names the issuer exactly as the metadata does [86]', async () => {
    const metadata = await fetch(`${house.issuer}/.well-known/oauth-authorization-server`)
    const { issuer } = (await metadata.json()) as { issuer: string }
    expect((await tokenClaims(house, house.ci))['iss']).toBe(issuer)
  })

  it('has every claim that is required [87]', async () => {
    expect(await tokenClaims(house, house.ci)).toMatchObject({
      iss: expect.any(String),
      exp: expect.any(Number),
      aud: house.demo.audience,
      sub: house.ci.id,
      client_id: house.ci.id,
      iat: house.clock.now(),
      jti: expect.stringMatching(/^[\w-]{22,}$/),
    })
  })

  it('has a subject that is the client, in a form that no member has [88]', async () => {
    const claims = await tokenClaims(house, house.ci)
    expect(claims['sub']).toBe(claims['client_id'])
    expect(claims['sub']).toMatch(/^sa_/)
    expect(claims['principal_type']).toBe('service_account')
  })

  it('tells the scope that was asked for [89]', async () => {
    const claims = await tokenClaims(house, house.terraform, { scope: 'deployments:read' })
    expect(claims['scope']).toBe('deployments:read')
  })

  it('never uses a jti twice [94]', async () => {
    const jtis = new Set<unknown>()
    for (let count = 0; count < 100; count += 1) {
      jtis.add((await tokenClaims(house, house.ci))['jti'])
    }
    expect(jtis.size).toBe(100)
  })
})

describe('RFC 9068 §2.2.3.1, RFC 7643 §4.1.2', () => {
  it('lists roles and groups as texts [90]', async () => {
    const claims = await tokenClaims(house, house.ci)
    expect(claims).toMatchObject({ roles: ['reader'], groups: ['platform'] })
    expect(claims).not.toHaveProperty('entitlements')
  })
})

describe('RFC 9068 §5', () => {
  it('has another audience for another resource [92]', async () => {
    const { organization, api, role } = await addTenant(house)
    const audience = `${house.issuer}/o/${organization}/second`
    const second = await addApi(house, organization, { audience, objects: ['bills'] })
    const biller = await addRole(house, organization, { api: second.id, objects: ['bills'] })
    const client = await addClient(house, organization, { roles: [{ role }, { role: biller }] })
    const audiences = [api.audience, second.audience]
    for (const resource of audiences) {
      expect((await tokenClaims(house, client, { resource }))['aud']).toBe(resource)
    }
    expect(new Set(audiences).size).toBe(2)
  })
})

describe('RFC 7517 §4.5, RFC 8725 §3.1', () => {
  it('is signed with a published key, and the next key is published too [93]', async () => {
    const keys = await keysOf()
    const { kid } = decodeProtectedHeader(await tokenOf(house.ci))
    expect(keys.map((key) => key.kid)).toContain(kid)
    expect(keys.length).toBeGreaterThanOrEqual(2)
  })

  it('uses each key with the one algorithm that is published for it [95]', async () => {
    const { kid, alg } = decodeProtectedHeader(await tokenOf(house.ci))
    const keys = await keysOf()
    expect(keys.find((key) => key.kid === kid)?.alg).toBe(alg)
    for (const key of keys) expect(key).toMatchObject({ alg: 'ES256', use: 'sig' })
  })
})

describe('RFC 7518 §3.4', () => {
  it('has a signature of R and S, 32 bytes each [110]', async () => {
    for (let count = 0; count < 20; count += 1) {
      const token = await tokenOf(house.ci)
      const [header = '', claims = '', signature = ''] = token.split('.')
      const raw = Buffer.from(signature, 'base64url')
      expect(raw).toHaveLength(64)
      const { kid } = decodeProtectedHeader(token)
      const jwk = (await keysOf()).find((key) => key.kid === kid) ?? {}
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      const signed = Buffer.from(`${header}.${claims}`)
      expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true)
    }
  })
})

describe('RFC 7519 §2, RFC 8725 §3.7', () => {
  it('is valid UTF-8 and has whole seconds [96]', async () => {
    const { organization, api } = await addTenant(house)
    const text = 'Pr\u00FCfer "\u{1F511}" \u65E5\u672C'
    const role = await addRole(house, organization, {
      api: api.id,
      objects: ['orders'],
      name: text,
    })
    const group = await addGroup(house, organization, `${text} group`)
    const client = await addClient(house, organization, { roles: [{ role }], groups: [group] })
    const [, claims = ''] = (await tokenOf(client)).split('.')
    const bytes = Buffer.from(claims, 'base64url')
    const read = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    expect(JSON.parse(read)).toMatchObject({ roles: [text], groups: [`${text} group`] })
    const { iat, exp } = JSON.parse(read) as { iat: number; exp: number }
    expect([Number.isInteger(iat), Number.isInteger(exp)]).toEqual([true, true])
  })
})

describe('the size of a token', () => {
  it('stays within 4 kB with 50 roles, and gives up groups before it grows further [97]', async () => {
    const { organization, api } = await addTenant(house)
    const roles = []
    for (let count = 0; count < 50; count += 1) {
      const named = { api: api.id, objects: ['orders'], name: `A role of some kind ${count}` }
      roles.push({ role: await addRole(house, organization, named) })
    }
    const groups = []
    for (let count = 0; count < 60; count += 1) {
      groups.push(await addGroup(house, organization, `A group of some people ${count}`))
    }
    const few = await tokenOf(
      await addClient(house, organization, { roles, groups: groups.slice(0, 5) }),
    )
    expect(few.length).toBeLessThanOrEqual(4096)
    expect(textsOf(decodeJwt(few)['roles'])).toHaveLength(50)
    expect(textsOf(decodeJwt(few)['groups'])).toHaveLength(5)
    expect(decodeJwt(few)).not.toHaveProperty('groups_overflow')

    const many = await tokenOf(await addClient(house, organization, { roles, groups }))
    expect(many.length).toBeLessThanOrEqual(4096)
    expect(textsOf(decodeJwt(many)['roles'])).toHaveLength(50)
    expect(decodeJwt(many)).toMatchObject({ groups_overflow: true })
    expect(decodeJwt(many)).not.toHaveProperty('groups')
  })
})

describe('RFC 7800 §3.1', () => {
  it('says nothing of a key it is bound to, as it is bound to none [98]', async () => {
    expect(await tokenClaims(house, house.ci)).not.toHaveProperty('cnf')
  })
})

describe('the lifetime of a token', () => {
  it('is 15 minutes, and what the API or the account say if that is shorter [100]', async () => {
    const { organization, role } = await addTenant(house)
    const account = (terms = {}) => addClient(house, organization, { roles: [{ role }], ...terms })
    expect(await lifetimeOf(await account())).toBe(900)
    expect(await lifetimeOf(await account({ tokenLifetime: seconds(120) }))).toBe(120)
    expect(await lifetimeOf(await account({ tokenLifetime: seconds(3600) }))).toBe(900)

    const { organization: other } = await addTenant(house)
    const audience = `${house.issuer}/o/${other}/long`
    const objects = ['reports']
    const long = await addApi(house, other, { audience, objects, tokenLifetime: seconds(3600) })
    const reporter = await addRole(house, other, { api: long.id, objects })
    const patient = await addClient(house, other, { roles: [{ role: reporter }] })
    expect(await lifetimeOf(patient)).toBe(3600)
  })

  it('ends with what it stands on: the account, the role [100]', async () => {
    const { organization, role } = await addTenant(house)
    const soon = later(house.clock.now(), seconds(300))
    const account = { roles: [{ role }], expiresAt: soon }
    expect(await lifetimeOf(await addClient(house, organization, account))).toBe(300)
    const bound = { roles: [{ role, expiresAt: soon }] }
    expect(await lifetimeOf(await addClient(house, organization, bound))).toBe(300)
  })
})

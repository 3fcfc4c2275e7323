import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { managementPermissions } from '../../src/domain/management-permission.ts'
import { listApis } from '../../src/management/apis.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { changeOrganization } from '../../src/management/organizations.ts'
import { createRole } from '../../src/management/roles.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import { revokeSigningKey } from '../../src/management/signing-key-revocation.ts'
import { keyVault } from '../../src/crypto/key-vault.ts'
import { description, name, permission } from '../management/desk.ts'
import type { DemoHouse, TestClient } from '../support/fixtures.ts'
import { fetchToken, openDemoHouse, requestToken } from '../support/fixtures.ts'
import { testKeyEncryptionKey, testKeyRules } from '../support/house.ts'
import { accepted, roleNamed } from '../support/operator.ts'

let house: DemoHouse
let api: string
beforeAll(async () => {
  house = await openDemoHouse()
  api = `${house.issuer}/api`
})
afterAll(async () => house.close())

/** A new account that holds these roles, with a secret. */
async function client(...roles: readonly string[]): Promise<TestClient> {
  const { house: opened, act, demo, caughtUp } = house
  const { organization } = demo
  const ports = opened.management
  const held = await Promise.all(
    roles.map(async (role) => ({ role: await roleNamed(ports, organization, role) })),
  )
  const input = { organization, description: description(''), roles: held }
  const called = name(`account of ${roles.join(' and ')} ${crypto.randomUUID()}`)
  const { id } = accepted(await createServiceAccount(ports, act(), { ...input, name: called }))
  const credential = { organization, principal: id, name: name('test') }
  const { secret } = accepted(await createClientSecret(ports, act(), credential))
  await caughtUp()
  return { id, secret }
}

async function claimsOf(of: TestClient, parameters: Record<string, string> = {}) {
  return decodeJwt(await fetchToken(house, of, { resource: api, ...parameters }))
}

async function errorOf(of: TestClient, parameters: Record<string, string>): Promise<unknown> {
  const response = await requestToken(house, of, parameters)
  return ((await response.json()) as { error?: string }).error
}

describe('a token for the management API', () => {
  it('is asked for by its absolute audience, and says so', async () => {
    const owner = await client('Owner')
    for (const asked of [{ resource: api }, { audience: api }]) {
      const token = await fetchToken(house, owner, asked)
      expect(decodeJwt(token)).toMatchObject({
        iss: house.issuer,
        aud: api,
        sub: owner.id,
        roles: ['Owner'],
        scope: Object.keys(managementPermissions).map(String).toSorted().join(' '),
      })
      expect(decodeProtectedHeader(token).alg).toBe('ES256')
      const { exp = 0, iat = 0 } = decodeJwt(token)
      expect(exp - iat).toBe(900)
    }
  })

  it('has what a custom role gives, and what was asked for alone', async () => {
    const { management } = house.house
    const { organization } = house.demo
    const built = (await listApis(management, organization)).items.find(({ builtIn }) => builtIn)
    if (built === undefined) throw new Error('no management API')
    const permissions = ['audit:read', 'apis:read', 'apis:manage'].map((text) => ({
      api: built.id,
      permission: permission(text),
    }))
    const input = { organization, name: name('Registrar'), description: description('') }
    accepted(await createRole(management, house.act(), { ...input, permissions }))
    const registrar = await client('Registrar', 'reader')
    expect(await claimsOf(registrar)).toMatchObject({
      scope: 'apis:manage apis:read audit:read',
      roles: ['Registrar'],
    })
    const narrowed = await claimsOf(registrar, { scope: 'apis:manage' })
    expect(narrowed['scope']).toBe('apis:manage')
    expect(narrowed).not.toHaveProperty('roles')
    expect(await errorOf(registrar, { resource: api, scope: 'roles:manage' })).toBe('invalid_scope')
  })

  it('is given to nobody who holds nothing there', async () => {
    expect(await errorOf(house.ci, { resource: api })).toBe('invalid_target')
  })

  it('is never meant by a request that names no API', async () => {
    const only = await client('Viewer')
    const both = await client('Viewer', 'reader')
    expect(await errorOf(only, {})).toBe('invalid_target')
    expect(decodeJwt(await fetchToken(house, both))['aud']).toBe(house.demo.audience)
    const { organization } = house.demo
    const withoutDefault = { organization, defaultAudience: null }
    accepted(await changeOrganization(house.house.management, house.act(), withoutDefault))
    await house.caughtUp()
    expect(await errorOf(only, {})).toBe('invalid_target')
    expect(decodeJwt(await fetchToken(house, both))['aud']).toBe(house.demo.audience)
  })

  it('is not had by another spelling of its audience', async () => {
    const viewer = await client('Viewer')
    for (const resource of [
      '/api',
      `${api}/`,
      `${house.issuer}/o/${house.demo.organization}/api`,
    ]) {
      expect(await errorOf(viewer, { resource })).toBe('invalid_target')
    }
  })
})

async function verify(token: string) {
  return house.house.verifyAccessToken(token, house.house.clock.now())
}

describe('the verifier of our own API', () => {
  it('says who holds a token for it, and what it was given', async () => {
    const viewer = await client('Viewer')
    const token = await fetchToken(house, viewer, { resource: api, scope: 'roles:read' })
    const { jti, exp, credential_id: gotWith } = decodeJwt(token)
    expect(await verify(token)).toEqual({
      ok: true,
      value: {
        organization: house.demo.organization,
        principal: { type: 'service_account', id: viewer.id },
        client: viewer.id,
        gotWith,
        scope: ['roles:read'],
        jti,
        expiresAt: exp,
      },
    })
  })

  it('takes no token for another API', async () => {
    expect(await verify(await fetchToken(house, house.terraform))).toEqual({
      ok: false,
      refusal: { reason: 'token_invalid', what: 'it is for another audience' },
    })
  })

  it('takes no token that has expired, or whose key was revoked', async () => {
    const viewer = await client('Viewer')
    const early = await fetchToken(house, viewer, { resource: api })
    house.clock.turn(900)
    await house.caughtUp()
    expect(await verify(early)).toMatchObject({
      refusal: { what: expect.stringMatching(/expired/) },
    })

    const token = await fetchToken(house, viewer, { resource: api })
    expect(await verify(token)).toMatchObject({ ok: true })
    const keys = { db: house.db, vault: keyVault([testKeyEncryptionKey]), rules: testKeyRules() }
    const kid = decodeProtectedHeader(token).kid ?? ''
    accepted(
      await revokeSigningKey(keys, house.act(), kid as Parameters<typeof revokeSigningKey>[2]),
    )
    await house.caughtUp()
    expect(await verify(token)).toEqual({
      ok: false,
      refusal: { reason: 'token_invalid', what: 'no key of this server signed it' },
    })
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeJwt } from 'jose'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken, tokenClaims } from '../support/fixtures.ts'
import { addApi, addClient, addRole, addTenant, basic, errorOf, post } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

async function errorCode(response: Response | Promise<Response>): Promise<unknown> {
  const answered = await response
  expect(answered.status).toBe(400)
  return (await errorOf(answered))['error']
}

/** A client with one role at each of two APIs of its organization, which has no default. */
async function clientOfTwoApis() {
  const { organization, api, role } = await addTenant(house)
  const audience = `${house.issuer}/o/${organization}/billing`
  const billing = await addApi(house, organization, { audience, objects: ['bills'] })
  const biller = await addRole(house, organization, { api: billing.id, objects: ['bills'] })
  const client = await addClient(house, organization, { roles: [{ role }, { role: biller }] })
  return { client, orders: api.audience, billing: billing.audience }
}

describe('RFC 8707 §2', () => {
  it.each([
    'deploy.example.com',
    '/deploy',
    '//deploy.example.com',
    'https://deploy.example.com#a',
    'https://deploy.example.com?a=b',
    'https://deploy.example.com/a b',
  ])('refuses the resource %j [78]', async (resource) => {
    expect(await errorCode(requestToken(house, house.ci, { resource }))).toBe('invalid_target')
  })

  it('does not tell an unknown resource from one of others or one without roles [79]', async () => {
    const other = await addTenant(house)
    const { orders } = await clientOfTwoApis()
    const own = await addApi(house, house.demo.organization, {
      audience: `${house.issuer}/o/${house.demo.organization}/unused`,
      objects: ['things'],
    })
    const answers = []
    for (const resource of [
      'https://nobody.example.com',
      other.api.audience,
      orders,
      own.audience,
      `${house.issuer}/api`,
    ]) {
      const response = await requestToken(house, house.ci, { resource })
      answers.push({ status: response.status, body: await errorOf(response) })
    }
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
      expect(answer).toEqual(answers[0])
    }
  })

  it('gives a token for one resource, the one that was asked for [80]', async () => {
    const { client, orders, billing } = await clientOfTwoApis()
    expect((await tokenClaims(house, client, { resource: orders }))['aud']).toBe(orders)
    expect((await tokenClaims(house, client, { resource: billing }))['aud']).toBe(billing)
    expect((await tokenClaims(house, client, { audience: billing }))['aud']).toBe(billing)
    const both = [orders, billing].map((uri) => `resource=${encodeURIComponent(uri)}`).join('&')
    const body = `grant_type=client_credentials&${both}`
    expect(await errorCode(post(house, { headers: basic(client), body }))).toBe('invalid_target')
  })
})

describe('RFC 9068 §3', () => {
  it('uses the default resource where none is asked for [81]', async () => {
    expect((await tokenClaims(house, house.ci))['aud']).toBe(house.demo.audience)
  })

  it('uses the only possible resource, and refuses to choose among several [81]', async () => {
    const { organization, api, role } = await addTenant(house)
    const single = await addClient(house, organization, { roles: [{ role }] })
    expect((await tokenClaims(house, single))['aud']).toBe(api.audience)
    const { client } = await clientOfTwoApis()
    expect(await errorCode(requestToken(house, client))).toBe('invalid_target')
  })

  it('refuses scope that means something only at another resource [81, 82]', async () => {
    const { client, orders, billing } = await clientOfTwoApis()
    const elsewhere = { resource: orders, scope: 'orders:read bills:read' }
    expect(await errorCode(requestToken(house, client, elsewhere))).toBe('invalid_scope')
    expect((await tokenClaims(house, client, { resource: orders }))['scope']).toBe('orders:read')
    expect((await tokenClaims(house, client, { resource: billing }))['scope']).toBe('bills:read')
  })
})

const restarter = { type: 'role', role: 'node-restarter', resource: 'cluster/prod-eu' }
const ask = (details: unknown) =>
  requestToken(house, house.terraform, {
    authorization_details: typeof details === 'string' ? details : JSON.stringify(details),
  })

describe('RFC 9396 §5', () => {
  it.each<[string, unknown]>([
    ['text that is not JSON', 'role'],
    ['an object', restarter],
    ['an empty list', []],
    ['a list of words', ['node-restarter']],
    ['an element without a type', [{ role: 'node-restarter', resource: 'cluster/prod-eu' }]],
    ['an unknown type', [{ ...restarter, type: 'payment_initiation' }]],
    ['an unknown field', [{ ...restarter, actions: ['restart'] }]],
    ['a missing field', [{ type: 'role', role: 'node-restarter' }]],
    ['a field of another type', [{ ...restarter, role: ['node-restarter'] }]],
    ['a bad value', [{ ...restarter, resource: 'prod' }]],
    ['one bad element among good ones', [restarter, { ...restarter, extra: 1 }]],
    ['a role that is not held there', [{ ...restarter, resource: 'cluster/prod-us' }]],
    ['a permission that the role lacks', [{ ...restarter, permissions: ['deployments:write'] }]],
  ])('refuses %s [83, 84]', async (_, details) => {
    expect(await errorCode(ask(details))).toBe('invalid_authorization_details')
  })
})

describe('RFC 9396 §7, §9.1', () => {
  it('tells the granted details in the response and in the token [84]', async () => {
    const granted = [{ ...restarter, permissions: ['nodes:restart'] }]
    const everything = await requestToken(house, house.terraform)
    const asked = await ask([restarter])
    for (const response of [everything, asked]) {
      const body = (await response.json()) as Record<string, unknown>
      expect(body['authorization_details']).toEqual(granted)
      const claims = decodeJwt(String(body['access_token']))
      expect(claims['authorization_details']).toEqual(granted)
    }
  })

  it('says what is held on one resource as a detail alone [82, 84]', async () => {
    const claims = await tokenClaims(house, house.terraform)
    expect(claims['scope']).not.toContain('nodes:restart')
    expect(claims['roles']).toEqual(['deployer'])
  })
})

import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken, tokenClaims } from '../support/fixtures.ts'

let house: DemoHouse
beforeAll(async () => {
  house = await openDemoHouse()
})
afterAll(async () => house.close())

describe('the token of an account with access of its own', () => {
  it('says what it holds: on the organization as scope and roles, on a resource as details', async () => {
    const claims = await tokenClaims(house, house.terraform)
    expect(claims).toMatchObject({
      iss: house.issuer,
      sub: house.terraform.id,
      client_id: house.terraform.id,
      aud: house.demo.audience,
      org_id: house.demo.organization,
      principal_type: 'service_account',
      scope: 'deployments:read deployments:write',
      roles: ['deployer'],
      authorization_details: [
        {
          type: 'role',
          role: 'node-restarter',
          resource: 'cluster/prod-eu',
          permissions: ['nodes:restart'],
        },
      ],
    })
    expect(claims).not.toHaveProperty('groups')
  })

  it('has only what was asked for, when anything was', async () => {
    const claims = await tokenClaims(house, house.terraform, { scope: 'deployments:read' })
    expect(claims['scope']).toBe('deployments:read')
    expect(claims).not.toHaveProperty('roles')
    expect(claims).not.toHaveProperty('authorization_details')
  })
})

describe('the token of an account with access through a group', () => {
  it('says what the group holds, and names the group', async () => {
    expect(await tokenClaims(house, house.ci)).toMatchObject({
      scope: 'deployments:read',
      roles: ['reader'],
      groups: ['platform'],
      authorization_details: [
        {
          type: 'role',
          role: 'node-restarter',
          resource: 'cluster/staging',
          permissions: ['nodes:restart'],
        },
      ],
    })
  })

  it('leaves groups and roles out when a detail alone was asked for', async () => {
    const detail = { type: 'role', role: 'node-restarter', resource: 'cluster/staging' }
    const claims = await tokenClaims(house, house.ci, {
      authorization_details: JSON.stringify([detail]),
    })
    expect(claims['authorization_details']).toEqual([{ ...detail, permissions: ['nodes:restart'] }])
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['scope']))
    expect(claims).not.toHaveProperty('roles')
    expect(claims).not.toHaveProperty('groups')
  })

  it('cannot be widened to what another account holds', async () => {
    const response = await requestToken(house, house.ci, { scope: 'deployments:write' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_scope' })
  })
})

import { describe, expect, it } from 'vitest'
import { effectiveAccessOf } from '../../src/management/access.ts'
import { createBinding } from '../../src/management/bindings.ts'
import {
  accepted,
  audience,
  inDays,
  newAccount,
  newApi,
  newGroup,
  newOrganization,
  newRole,
  resource,
  useDesk,
} from './desk.ts'

describe('the access of an account', () => {
  const desk = useDesk()

  it('names every path that gives it: directly, through a group, on one resource', async () => {
    const { id: organization } = await newOrganization(desk())
    const orders = await newApi(desk(), organization, ['orders:read', 'orders:write'])
    const stock = await newApi(desk(), organization, ['stock:read'])
    const reader = await newRole(desk(), organization, [
      [orders, 'orders:read'],
      [stock, 'stock:read'],
    ])
    const writer = await newRole(desk(), organization, [[orders, 'orders:write']])
    const group = await newGroup(desk(), organization)
    const account = await newAccount(desk(), {
      organization,
      groups: [group.id],
      roles: [
        { role: reader.id, expiresAt: inDays(desk(), 1) },
        { role: writer.id, resource: resource('shop/berlin') },
      ],
    })
    const subject = { type: 'group', id: group.id } as const
    accepted(await createBinding(desk(), desk().act, { organization, role: reader.id, subject }))

    const now = desk().act.at
    const place = { organization, account: account.id }
    const all = accepted(await effectiveAccessOf(desk(), place, { now }))
    expect(all.map((access) => access.audience)).toEqual(
      [orders.audience, stock.audience].toSorted(),
    )
    const at = { audience: orders.audience, now }
    expect(accepted(await effectiveAccessOf(desk(), place, at))).toMatchObject([
      {
        audience: orders.audience,
        roles: [
          {
            name: reader.name,
            permissions: ['orders:read'],
            paths: [
              { group: undefined, expiresAt: inDays(desk(), 1) },
              { group: { name: group.name }, expiresAt: undefined },
            ],
          },
        ],
        details: [{ name: writer.name, resource: 'shop/berlin', permissions: ['orders:write'] }],
        groups: [group.name],
      },
    ])
    const tomorrow = { audience: orders.audience, now: inDays(desk(), 1) }
    expect(accepted(await effectiveAccessOf(desk(), place, tomorrow))).toMatchObject([
      { roles: [{ paths: [{ group: { name: group.name } }] }] },
    ])
  })

  it('is nothing at an audience where nothing is held', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    const place = { organization, account }
    const now = desk().act.at
    expect(accepted(await effectiveAccessOf(desk(), place, { now }))).toEqual([])
    const at = { audience: audience('https://nowhere.example.com'), now }
    expect(accepted(await effectiveAccessOf(desk(), place, at))).toMatchObject([
      { roles: [], details: [] },
    ])
  })

  it('is read through the connections of management, never through those of the token plane', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    const db = {
      ...desk().db,
      get reads(): never {
        throw new Error('of the token plane')
      },
    }
    const now = desk().act.at
    expect(accepted(await effectiveAccessOf({ db }, { organization, account }, { now }))).toEqual(
      [],
    )
  })

  it('is told of an account of the organization alone', async () => {
    const { id: own } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization: own })
    const { id: organization } = await newOrganization(desk())
    const now = desk().act.at
    expect(await effectiveAccessOf(desk(), { organization, account }, { now })).toEqual({
      ok: false,
      refusal: { reason: 'service_account_unknown', account },
    })
  })
})

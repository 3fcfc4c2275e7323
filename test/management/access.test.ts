import { describe, expect, it } from 'vitest'
import type { AccessSources } from '../../src/domain/access.ts'
import { accessSources, effectiveAccess } from '../../src/domain/access.ts'
import type { ServiceAccountId } from '../../src/domain/id.ts'
import { effectiveAccessOf } from '../../src/management/access.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { addGroupMember } from '../../src/management/groups.ts'
import { findClient, findGroupTerms, findRoleTerms } from '../../src/storage/clients.ts'
import type { Desk } from './desk.ts'
import {
  accepted,
  audience,
  inDays,
  newAccount,
  newApi,
  newGroup,
  newMember,
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
    const place = { organization, principal: account.id }
    const all = accepted(await effectiveAccessOf(desk(), place, { now })).access
    expect(all.map((access) => access.audience)).toEqual(
      [orders.audience, stock.audience].toSorted(),
    )
    const at = { audience: orders.audience, now }
    expect(accepted(await effectiveAccessOf(desk(), place, at)).access).toMatchObject([
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
    expect(accepted(await effectiveAccessOf(desk(), place, tomorrow)).access).toMatchObject([
      { roles: [{ paths: [{ group: { name: group.name } }] }] },
    ])
  })

  it('is nothing at an audience where nothing is held', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    const place = { organization, principal: account }
    const now = desk().act.at
    expect(accepted(await effectiveAccessOf(desk(), place, { now })).access).toEqual([])
    const at = { audience: audience('https://nowhere.example.com'), now }
    expect(accepted(await effectiveAccessOf(desk(), place, at)).access).toMatchObject([
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
    const held = await effectiveAccessOf({ db }, { organization, principal: account }, { now })
    expect(accepted(held).access).toEqual([])
  })

  it('is told of a member as of an account, and is what a token would say', async () => {
    const { id: organization } = await newOrganization(desk())
    const api = await newApi(desk(), organization, ['a:read', 'a:write'])
    const [reader, writer] = [
      await newRole(desk(), organization, [[api, 'a:read']]),
      await newRole(desk(), organization, [[api, 'a:write']]),
    ]
    const { id: group } = await newGroup(desk(), organization)
    const subject = { type: 'group', id: group } as const
    accepted(await createBinding(desk(), desk().act, { organization, role: writer.id, subject }))
    const roles = [{ role: reader.id }, { role: writer.id, resource: resource('shop/berlin') }]
    const account = await newAccount(desk(), { organization, groups: [group], roles })
    const member = await newMember(desk(), organization)
    const place = { organization, group, principal: member.id }
    accepted(await addGroupMember(desk(), desk().act, place))

    const now = desk().act.at
    const ofMember = accepted(await effectiveAccessOf(desk(), place, { now }))
    expect(ofMember.principal).toMatchObject({ kind: 'member', name: member.name, enabled: true })
    expect(ofMember.access).toMatchObject([
      { audience: api.audience, whole: { scope: ['a:write'] }, details: [] },
    ])
    const ofAccount = { organization, principal: account.id }
    const { access } = accepted(await effectiveAccessOf(desk(), ofAccount, { now }))
    expect(access).toEqual([
      effectiveAccess(await sourcesOfTokens(desk(), account.id), api.audience, now),
    ])
  })

  it('is told of an account of the organization alone', async () => {
    const { id: own } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization: own })
    const { id: organization } = await newOrganization(desk())
    const now = desk().act.at
    expect(await effectiveAccessOf(desk(), { organization, principal: account }, { now })).toEqual({
      ok: false,
      refusal: { reason: 'principal_unknown', principal: account },
    })
  })
})

/** As the token plane reads them. */
async function sourcesOfTokens(
  { db: { reads: db } }: Desk,
  id: ServiceAccountId,
): Promise<AccessSources> {
  const client = await findClient(db, id)
  if (client === undefined) throw new Error('no such client')
  return accessSources(client, {
    group: async (group) => findGroupTerms(db, group),
    role: async (role) => findRoleTerms(db, role),
  })
}

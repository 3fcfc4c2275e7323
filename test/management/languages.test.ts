import { describe, expect, it } from 'vitest'
import { effectiveAccessOf } from '../../src/management/access.ts'
import { changeApi, showApi } from '../../src/management/apis.ts'
import { changeRole, showRole } from '../../src/management/roles.ts'
import { onPostgres, openEnglishDatabase } from '../support/database.ts'
import {
  accepted,
  newAccount,
  newApi,
  newOrganization,
  newRole,
  nothingWritten,
  permission,
  resource,
  tracesOf,
  useDesk,
} from './desk.ts'

// English sorts "admin:all" first: its order is another than that of the characters' numbers.
const texts = ['orders:write', 'Orders:read', 'admin:all']
const inOrder = ['Orders:read', 'admin:all', 'orders:write']

describe.runIf(onPostgres)('on a database that sorts by a language', () => {
  const desk = useDesk(openEnglishDatabase)

  it('a change of an API that changes nothing writes nothing', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: api, name } = await newApi(desk(), organization, texts)
    const change = { organization, api, name }
    expect(await tracesOf(desk(), async () => changeApi(desk(), desk().act, change))).toEqual(
      nothingWritten,
    )
    const shown = accepted(await showApi(desk(), { organization, api }))
    expect(shown.permissions.map((one) => one.permission)).toEqual(inOrder)
  })

  it('a change of a role that changes nothing writes nothing', async () => {
    const { id: organization } = await newOrganization(desk())
    const api = await newApi(desk(), organization, texts)
    const held = texts.map((text) => [api, text] as const)
    const { id: role } = await newRole(desk(), organization, held)
    const addPermissions = [{ api: api.id, permission: permission('orders:write') }]
    const change = { organization, role, addPermissions }
    expect(await tracesOf(desk(), async () => changeRole(desk(), desk().act, change))).toEqual(
      nothingWritten,
    )
    const shown = accepted(await showRole(desk(), { organization, role }))
    expect([...shown.permissions.values()]).toEqual([inOrder])
  })

  it('a token names the permissions of a role in the same order as everywhere', async () => {
    const { id: organization } = await newOrganization(desk())
    const api = await newApi(desk(), organization, texts)
    const held = texts.map((text) => [api, text] as const)
    const { id: role } = await newRole(desk(), organization, held)
    const roles = [{ role, resource: resource('shop/berlin') }, { role }]
    const { id: account } = await newAccount(desk(), { organization, roles })
    const now = desk().act.at
    const outcome = await effectiveAccessOf(desk(), { organization, principal: account }, { now })
    const [access] = accepted(outcome).access
    expect(access?.whole.scope).toEqual(inOrder)
    expect(access?.whole.details[0]?.permissions).toEqual(inOrder)
  })
})

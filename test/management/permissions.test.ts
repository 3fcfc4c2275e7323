import { describe, expect, it } from 'vitest'
import { changeApi, showApi } from '../../src/management/apis.ts'
import { changeRole, showRole } from '../../src/management/roles.ts'
import {
  accepted,
  newApi,
  newOrganization,
  newRole,
  nothingWritten,
  offered,
  permission,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('the permissions', () => {
  const desk = useDesk()

  it('of an API are given anew as a whole, but for those that a role holds', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: api } = await newApi(desk(), organization, ['a:read', 'a:write'])
    const given = { organization, api, permissions: offered(['a:read', 'b:read']) }
    const whole = accepted(await changeApi(desk(), desk().act, given))
    expect(whole.permissions).toEqual(given.permissions)
    expect(accepted(await showApi(desk(), { organization, api }))).toEqual(whole)
    const again = await tracesOf(desk(), async () => changeApi(desk(), desk().act, given))
    expect(again).toEqual(nothingWritten)

    const { name: holder } = await newRole(desk(), organization, [[whole, 'a:read']])
    const emptied = { organization, api, permissions: [] }
    expect(await changeApi(desk(), desk().act, emptied)).toEqual({
      ok: false,
      refusal: { reason: 'permission_in_use', roles: [holder] },
    })
  })

  it('of a role are given anew as a whole', async () => {
    const { id: organization } = await newOrganization(desk())
    const [api, other] = [
      await newApi(desk(), organization, ['a:read', 'a:write']),
      await newApi(desk(), organization, ['b:read']),
    ]
    const { id: role } = await newRole(desk(), organization, [
      [api, 'a:read'],
      [other, 'b:read'],
    ])
    const change = {
      organization,
      role,
      permissions: [
        { api: api.id, permission: permission('a:read') },
        { api: api.id, permission: permission('a:write') },
      ],
    }
    const after = accepted(await changeRole(desk(), desk().act, change))
    expect(after.permissions).toEqual(new Map([[api.audience, ['a:read', 'a:write']]]))
    expect(accepted(await showRole(desk(), { organization, role }))).toEqual(after)
    const emptied = accepted(
      await changeRole(desk(), desk().act, { organization, role, permissions: [] }),
    )
    expect(emptied.permissions).toEqual(new Map())
    expect(accepted(await showRole(desk(), { organization, role }))).toEqual(emptied)
  })
})

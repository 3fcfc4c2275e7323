import { describe, expect, it } from 'vitest'
import { createBinding } from '../../src/management/bindings.ts'
import { listApis } from '../../src/management/apis.ts'
import {
  changeRole,
  createRole,
  listRoles,
  permissionsOfRoleMax,
  removeRole,
  showRole,
} from '../../src/management/roles.ts'
import {
  accepted,
  description,
  name,
  newAccount,
  newApi,
  newGroup,
  newOrganization,
  newRole,
  nothingWritten,
  permission,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a role', () => {
  const desk = useDesk()
  const owner = async () => (await newOrganization(desk())).id

  it('holds permissions of several APIs', async () => {
    const organization = await owner()
    const orders = await newApi(desk(), organization, ['orders:read', 'orders:write'])
    const stock = await newApi(desk(), organization, ['stock:read'])
    const input = {
      organization,
      name: name('Clerk'),
      description: description('Looks things up'),
      permissions: [
        { api: stock.id, permission: permission('stock:read') },
        { api: orders.id, permission: permission('orders:write') },
        { api: orders.id, permission: permission('orders:read') },
        { api: orders.id, permission: permission('orders:read') },
      ],
    }
    const { changes, audit } = await tracesOf(desk(), async () =>
      createRole(desk(), desk().act, input),
    )
    const role = (await listRoles(desk(), organization)).items.find(({ builtIn }) => !builtIn)
    expect(role).toEqual({
      id: expect.stringMatching(/^rol_/),
      organization,
      name: 'Clerk',
      description: 'Looks things up',
      builtIn: false,
      permissions: new Map([
        [orders.audience, ['orders:read', 'orders:write']],
        [stock.audience, ['stock:read']],
      ]),
      version: 1,
      createdAt: desk().act.at,
      createdBy: { id: 'operator:ada', name: 'ada' },
    })
    expect(changes).toEqual([`role ${role?.id}`])
    expect(audit).toMatchObject([
      { kind: 'role.created', after: { permissions: { [stock.audience]: ['stock:read'] } } },
    ])
  })

  it('holds no permission that its API does not have', async () => {
    const organization = await owner()
    const api = await newApi(desk(), organization, ['a:read'])
    const role = await newRole(desk(), organization)
    const permissions = [{ api: api.id, permission: permission('a:write') }]
    const refused = { ok: false, refusal: { reason: 'permission_unknown', permission: 'a:write' } }
    const input = { organization, name: name('Writer'), description: description(''), permissions }
    expect(await createRole(desk(), desk().act, input)).toEqual(refused)
    const change = { organization, role: role.id, addPermissions: permissions }
    expect(await changeRole(desk(), desk().act, change)).toEqual(refused)
  })

  it("holds no permission of another organization's API", async () => {
    const organization = await owner()
    const foreign = await newApi(desk(), await owner(), ['a:read'])
    const role = await newRole(desk(), organization)
    const permissions = [{ api: foreign.id, permission: permission('a:read') }]
    const refused = { ok: false, refusal: { reason: 'api_unknown', api: foreign.id } }
    const input = { organization, name: name('Thief'), description: description(''), permissions }
    expect(await createRole(desk(), desk().act, input)).toEqual(refused)
    const change = { organization, role: role.id, addPermissions: permissions }
    expect(await changeRole(desk(), desk().act, change)).toEqual(refused)
  })

  it('takes no name that another one of its organization has, built-in ones included', async () => {
    const organization = await owner()
    const { id: role } = await newRole(desk(), organization)
    const refused = { ok: false, refusal: { reason: 'role_name_taken', name: 'Owner' } }
    const input = { organization, name: name('Owner'), description: description('') }
    expect(await createRole(desk(), desk().act, input)).toEqual(refused)
    const change = { organization, role, name: name('Owner') }
    expect(await changeRole(desk(), desk().act, change)).toEqual(refused)
  })

  it('changes its name, description and permissions in one go', async () => {
    const organization = await owner()
    const api = await newApi(desk(), organization, ['a:read', 'a:write', 'b:read'])
    const before = await newRole(desk(), organization, [
      [api, 'a:read'],
      [api, 'a:write'],
    ])
    const change = {
      organization,
      role: before.id,
      name: name('Reader'),
      description: description('Reads'),
      addPermissions: [{ api: api.id, permission: permission('b:read') }],
      removePermissions: [{ api: api.id, permission: permission('a:write') }],
    }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeRole(desk(), desk().act, change),
    )
    const after = accepted(await showRole(desk(), { organization, role: before.id }))
    expect(after).toEqual({
      ...before,
      version: 2,
      name: 'Reader',
      description: 'Reads',
      permissions: new Map([[api.audience, ['a:read', 'b:read']]]),
    })
    expect(changes).toEqual([`role ${before.id}`])
    expect(audit).toMatchObject([
      {
        kind: 'role.changed',
        before: { permissions: { [api.audience]: ['a:read', 'a:write'] } },
        after: { permissions: { [api.audience]: ['a:read', 'b:read'] } },
      },
    ])
    const { addPermissions } = change
    const again = { organization, role: before.id, addPermissions }
    expect(await tracesOf(desk(), async () => changeRole(desk(), desk().act, again))).toEqual(
      nothingWritten,
    )
  })

  it('loses no permission that it does not hold', async () => {
    const organization = await owner()
    const api = await newApi(desk(), organization, ['a:read'])
    const { id: role } = await newRole(desk(), organization)
    const removePermissions = [{ api: api.id, permission: permission('a:read') }]
    const change = { organization, role, removePermissions }
    expect(await changeRole(desk(), desk().act, change)).toEqual({
      ok: false,
      refusal: { reason: 'permission_not_in_role', permission: 'a:read' },
    })
  })

  it('can lose its last permission at an API', async () => {
    const organization = await owner()
    const api = await newApi(desk(), organization, ['a:read'])
    const { id: role } = await newRole(desk(), organization, [[api, 'a:read']])
    const removePermissions = [{ api: api.id, permission: permission('a:read') }]
    accepted(await changeRole(desk(), desk().act, { organization, role, removePermissions }))
    expect(accepted(await showRole(desk(), { organization, role })).permissions.size).toBe(0)
  })

  it(`holds at most ${permissionsOfRoleMax} permissions, over all its APIs`, async () => {
    const organization = await owner()
    const texts = Array.from({ length: permissionsOfRoleMax }, (_, index) => `a:${index}`)
    const [full, other] = [
      await newApi(desk(), organization, texts),
      await newApi(desk(), organization, ['b:read']),
    ]
    const role = await newRole(
      desk(),
      organization,
      texts.map((text) => [full, text] as const),
    )
    const one = { api: other.id, permission: permission('b:read') }
    const change = { organization, role: role.id, addPermissions: [one] }
    expect(await changeRole(desk(), desk().act, change)).toEqual({
      ok: false,
      refusal: { reason: 'permissions_too_many', max: permissionsOfRoleMax },
    })
  })

  it('is removed when nobody holds it, and only then', async () => {
    const organization = await owner()
    const { id: role } = await newRole(desk(), organization)
    const account = await newAccount(desk(), { organization, roles: [{ role }] })
    const group = await newGroup(desk(), organization)
    const subject = { type: 'group', id: group.id } as const
    accepted(await createBinding(desk(), desk().act, { organization, role, subject }))
    expect(account.organization).toBe(organization)
    expect(await removeRole(desk(), desk().act, { organization, role })).toEqual({
      ok: false,
      refusal: { reason: 'role_in_use', bindings: 2 },
    })

    const unused = await newRole(desk(), organization)
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeRole(desk(), desk().act, { organization, role: unused.id }),
    )
    expect(changes).toEqual([`role ${unused.id}`])
    expect(audit).toMatchObject([{ kind: 'role.removed', before: { name: unused.name } }])
    const listed = (await listRoles(desk(), organization)).items.map(({ id }) => id)
    expect(listed).toContain(role)
    expect(listed).not.toContain(unused.id)
  })

  it('is neither changed nor removed if it is built in', async () => {
    const organization = await owner()
    const { items } = await listRoles(desk(), organization)
    expect(items.map((role) => role.name)).toEqual(['Owner', 'Member manager', 'Viewer'])
    for (const { id: role } of items) {
      const refused = { ok: false, refusal: { reason: 'role_built_in', role } }
      const change = { organization, role, name: name('Mine now') }
      expect(await changeRole(desk(), desk().act, change)).toEqual(refused)
      expect(await removeRole(desk(), desk().act, { organization, role })).toEqual(refused)
    }
  })

  it('may hold permissions of the management API', async () => {
    const organization = await owner()
    const api = (await listApis(desk(), organization)).items[0]?.id
    if (api === undefined) throw new Error('no management API')
    const permissions = [{ api, permission: permission('roles:read') }]
    const input = { organization, name: name('Reader'), description: description(''), permissions }
    const role = accepted(await createRole(desk(), desk().act, input))
    expect(accepted(await showRole(desk(), { organization, role: role.id })).permissions).toEqual(
      new Map([['/api', ['roles:read']]]),
    )
  })

  it('must be there, in its own organization, for anything that is done to it', async () => {
    const own = await owner()
    const { id: role } = await newRole(desk(), own)
    const organization = await owner()
    const unknown = { ok: false, refusal: { reason: 'role_unknown', role } }
    expect(await showRole(desk(), { organization, role })).toEqual(unknown)
    expect(await changeRole(desk(), desk().act, { organization, role })).toEqual(unknown)
    expect(await removeRole(desk(), desk().act, { organization, role })).toEqual(unknown)
    accepted(await showRole(desk(), { organization: own, role }))
  })
})

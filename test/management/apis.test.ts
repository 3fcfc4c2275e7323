import { describe, expect, it } from 'vitest'
import { theServer } from '../../src/domain/audit.ts'
import { seconds } from '../../src/domain/time.ts'
import type { ApiRegistration } from '../../src/management/apis.ts'
import {
  changeApi,
  listApis,
  permissionsOfApiMax,
  registerApi,
  removeApi,
  showApi,
} from '../../src/management/apis.ts'
import { changeOrganization } from '../../src/management/organizations.ts'
import {
  accepted,
  audience,
  description,
  issuer,
  name,
  newApi,
  newOrganization,
  newRole,
  nothingWritten,
  offered,
  permission,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('an API', () => {
  const desk = useDesk()
  const registration = async (wishes: Partial<ApiRegistration> = {}): Promise<ApiRegistration> => {
    const organization = wishes.organization ?? (await newOrganization(desk())).id
    return {
      organization,
      name: name('Orders'),
      audience: audience(`${issuer}/o/${organization}/orders`),
      ...wishes,
    }
  }

  it('is registered with its audience, its permissions and a token lifetime', async () => {
    const input = await registration({ permissions: offered(['orders:write', 'orders:read']) })
    const { changes, audit } = await tracesOf(desk(), async () =>
      registerApi(desk(), desk().act, input),
    )
    const { items } = await listApis(desk(), input.organization)
    expect(items.filter(({ builtIn }) => !builtIn)).toEqual([
      {
        ...input,
        id: expect.stringMatching(/^api_/),
        permissions: offered(['orders:read', 'orders:write']),
        builtIn: false,
        applicationKeys: false,
        tokenLifetime: 900,
        signingAlg: 'ES256',
        signingAlgBefore: undefined,
        version: 1,
        createdAt: desk().act.at,
        createdBy: { id: 'operator:ada', name: 'ada' },
      },
    ])
    expect(changes).toEqual([`api ${input.audience}`])
    expect(audit).toMatchObject([
      {
        kind: 'api.created',
        after: { audience: input.audience, token_lifetime: 900, signing_alg: 'ES256' },
      },
    ])
  })

  it('takes no audience that is registered already, and does not say by whom', async () => {
    const mine = await registration({ audience: audience('https://orders.example.com') })
    const theirs = await registration({ audience: mine.audience })
    accepted(await registerApi(desk(), desk().act, mine))
    const refused = {
      ok: false,
      refusal: { reason: 'audience_taken', audience: mine.audience },
    }
    expect(await registerApi(desk(), desk().act, theirs)).toEqual(refused)
    const again = { ...mine, name: name('Orders again') }
    expect(await registerApi(desk(), desk().act, again)).toEqual(refused)
  })

  it('takes no audience below the issuer but its own, not even from an operator', async () => {
    const { id: other } = await newOrganization(desk())
    const foreign = [`${issuer}/o/${other}/orders`, `${issuer}/api`, issuer, `${issuer}/o/`]
    const { organization } = await registration()
    for (const text of foreign) {
      const input = await registration({ organization, audience: audience(text) })
      expect(await registerApi(desk(), desk().act, input)).toEqual({
        ok: false,
        refusal: { reason: 'audience_reserved', audience: text },
      })
    }
  })

  it("takes an audience outside the issuer on an operator's word alone", async () => {
    const input = await registration({ audience: audience('https://billing.example.com') })
    const byTheServer = { ...desk().act, actor: theServer }
    expect(await registerApi(desk(), byTheServer, input)).toEqual({
      ok: false,
      refusal: { reason: 'audience_needs_operator', audience: input.audience },
    })
    accepted(await registerApi(desk(), byTheServer, await registration()))
    accepted(await registerApi(desk(), desk().act, input))
  })

  it('takes no name that another one of its organization has', async () => {
    const { organization } = await registration()
    const [one, other] = [await newApi(desk(), organization), await newApi(desk(), organization)]
    const refusal = { reason: 'api_name_taken', name: one.name }
    const input = await registration({ organization, name: one.name })
    expect(await registerApi(desk(), desk().act, input)).toEqual({ ok: false, refusal })
    const change = { organization, api: other.id, name: one.name }
    expect(await changeApi(desk(), desk().act, change)).toEqual({ ok: false, refusal })
  })

  it('changes its name, lifetime and permissions in one go, and keeps the rest', async () => {
    const { organization } = await registration()
    const before = await newApi(desk(), organization, ['a:read', 'a:write'])
    const read = { permission: permission('a:read'), description: description('Read all') }
    const change = {
      organization,
      api: before.id,
      tokenLifetime: seconds(60),
      addPermissions: [...offered(['b:read']), read],
      removePermissions: [permission('a:write')],
    }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeApi(desk(), desk().act, change),
    )
    const after = accepted(await showApi(desk(), { organization, api: before.id }))
    const permissions = [read, ...offered(['b:read'])]
    expect(after).toEqual({ ...before, version: 2, tokenLifetime: 60, permissions })
    expect(changes).toEqual([`api ${before.audience}`])
    expect(audit).toMatchObject([
      {
        kind: 'api.changed',
        before: { permissions: { 'a:read': '', 'a:write': '' } },
        after: { token_lifetime: 60, permissions: { 'a:read': 'Read all', 'b:read': '' } },
      },
    ])
    const again = { organization, api: before.id, addPermissions: offered(['b:read']) }
    expect(await tracesOf(desk(), async () => changeApi(desk(), desk().act, again))).toEqual(
      nothingWritten,
    )
  })

  it('loses no permission that it does not have', async () => {
    const { organization } = await registration()
    const { id: api } = await newApi(desk(), organization, ['a:read'])
    const removePermissions = [permission('a:read'), permission('a:write')]
    const change = { organization, api, removePermissions }
    expect(await changeApi(desk(), desk().act, change)).toEqual({
      ok: false,
      refusal: { reason: 'permission_unknown', permission: 'a:write' },
    })
  })

  it('loses no permission while a role holds it', async () => {
    const { organization } = await registration()
    const api = await newApi(desk(), organization, ['a:read', 'a:write'])
    const role = await newRole(desk(), organization, [[api, 'a:read']])
    const held = { organization, api: api.id, removePermissions: [permission('a:read')] }
    expect(await changeApi(desk(), desk().act, held)).toEqual({
      ok: false,
      refusal: { reason: 'permission_in_use', roles: [role.name] },
    })
    const free = { organization, api: api.id, removePermissions: [permission('a:write')] }
    accepted(await changeApi(desk(), desk().act, free))
  })

  it(`has at most ${permissionsOfApiMax} permissions`, async () => {
    const many = offered(Array.from({ length: permissionsOfApiMax }, (_, index) => `a:${index}`))
    const refused = {
      ok: false,
      refusal: { reason: 'permissions_too_many', max: permissionsOfApiMax },
    }
    const input = await registration({ permissions: [...many, ...offered(['b:0'])] })
    expect(await registerApi(desk(), desk().act, input)).toEqual(refused)
    const { id, organization } = accepted(
      await registerApi(desk(), desk().act, { ...input, permissions: many }),
    )
    const change = { organization, api: id, addPermissions: offered(['b:0']) }
    expect(await changeApi(desk(), desk().act, change)).toEqual(refused)
  })

  it('is removed, and its audience is free again', async () => {
    const input = await registration({ permissions: offered(['a:read']) })
    const { id: api, organization } = accepted(await registerApi(desk(), desk().act, input))
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeApi(desk(), desk().act, { organization, api }),
    )
    expect(changes).toEqual([`api ${input.audience}`])
    expect(audit).toMatchObject([{ kind: 'api.removed', before: { audience: input.audience } }])
    accepted(await registerApi(desk(), desk().act, input))
  })

  it('is not removed while a role holds one of its permissions', async () => {
    const { organization } = await registration()
    const api = await newApi(desk(), organization, ['a:read'])
    const role = await newRole(desk(), organization, [[api, 'a:read']])
    expect(await removeApi(desk(), desk().act, { organization, api: api.id })).toEqual({
      ok: false,
      refusal: { reason: 'api_in_use', roles: [role.name], isDefault: false },
    })
  })

  it('is not removed while it is the default audience', async () => {
    const { organization } = await registration()
    const api = await newApi(desk(), organization)
    const change = { organization, defaultAudience: api.audience }
    accepted(await changeOrganization(desk(), desk().act, change))
    expect(await removeApi(desk(), desk().act, { organization, api: api.id })).toEqual({
      ok: false,
      refusal: { reason: 'api_in_use', roles: [], isDefault: true },
    })
  })

  it('is neither changed nor removed nor a default audience if it is built in', async () => {
    const { id: organization } = await newOrganization(desk())
    const [api] = (await listApis(desk(), organization)).items
    if (api === undefined) throw new Error('no management API')
    const refused = { ok: false, refusal: { reason: 'api_built_in', api: api.id } }
    const change = { organization, api: api.id, name: name('Mine now') }
    expect(await changeApi(desk(), desk().act, change)).toEqual(refused)
    const removal = { organization, api: api.id }
    expect(await removeApi(desk(), desk().act, removal)).toEqual(refused)
    const implicit = { organization, defaultAudience: api.audience }
    expect(await changeOrganization(desk(), desk().act, implicit)).toEqual(refused)
  })

  it('must be there, in its own organization, for anything that is done to it', async () => {
    const { organization: own } = await registration()
    const { id: api } = await newApi(desk(), own)
    const { id: organization } = await newOrganization(desk())
    const unknown = { ok: false, refusal: { reason: 'api_unknown', api } }
    expect(await showApi(desk(), { organization, api })).toEqual(unknown)
    expect(await changeApi(desk(), desk().act, { organization, api })).toEqual(unknown)
    expect(await removeApi(desk(), desk().act, { organization, api })).toEqual(unknown)
    accepted(await showApi(desk(), { organization: own, api }))
  })
})

describe('the only organization of a server', () => {
  const desk = useDesk()

  it('takes any audience outside the issuer by itself', async () => {
    const { id: organization } = await newOrganization(desk())
    const input = {
      organization,
      name: name('Orders'),
      audience: audience('https://orders.example.com'),
    }
    const byTheServer = { ...desk().act, actor: theServer }
    expect(await registerApi(desk(), byTheServer, input)).toMatchObject({ ok: true })
  })
})

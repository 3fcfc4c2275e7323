import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  builtInRoles,
  managementApiPermissions,
  managementApiTerms,
} from '../../src/domain/management-permission.ts'
import {
  changeOrganization,
  createOrganization,
  disableOrganization,
  enableOrganization,
  listOrganizations,
  showOrganization,
} from '../../src/management/organizations.ts'
import { listApis } from '../../src/management/apis.ts'
import { listRoles } from '../../src/management/roles.ts'
import { pageItemsMax } from '../../src/storage/page.ts'
import {
  accepted,
  audience,
  inBulk,
  name,
  newApi,
  newOrganization,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('an organization', () => {
  const desk = useDesk()

  it('is created enabled, without a default audience, and says by whom', async () => {
    const created = accepted(await createOrganization(desk(), desk().act, { name: name('Acme') }))
    expect(accepted(await showOrganization(desk(), created.id))).toEqual({
      id: created.id,
      name: 'Acme',
      enabled: true,
      defaultAudience: undefined,
      version: 1,
      createdAt: desk().act.at,
      createdBy: { id: 'operator:ada', name: 'ada' },
    })
  })

  it('has the management API and the built-in roles over it from the start', async () => {
    const { id: organization } = await newOrganization(desk())
    expect((await listApis(desk(), organization)).items).toMatchObject([
      {
        ...managementApiTerms(organization),
        name: 'Management API',
        builtIn: true,
        permissions: expect.arrayContaining([...managementApiPermissions]),
      },
    ])
    const { items } = await listRoles(desk(), organization)
    expect(items).toMatchObject(
      Object.values(builtInRoles).map(({ name: called, description, permissions }) => ({
        organization,
        name: called,
        description,
        builtIn: true,
        permissions: new Map([['/api', permissions.map(String).toSorted()]]),
      })),
    )
  })

  it('is created in the audit chain of the server, as whatever concerns all tenants', async () => {
    const { audit, changes } = await tracesOf(desk(), async () => newOrganization(desk()))
    expect(audit).toMatchObject([
      { chain: 'server', kind: 'organization.created', actor: { id: 'operator:ada' } },
      { chain: 'server', kind: 'api.created' },
      { chain: 'server', kind: 'role.created' },
      { chain: 'server', kind: 'role.created' },
      { chain: 'server', kind: 'role.created' },
    ])
    expect(changes).toEqual([
      expect.stringMatching(/^organization org_/),
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^role rol_/)),
    ])
  })

  it('takes no name that another one has', async () => {
    const [one, other] = [await newOrganization(desk()), await newOrganization(desk())]
    const refusal = { reason: 'organization_name_taken', name: one.name }
    expect(await createOrganization(desk(), desk().act, { name: one.name })).toEqual({
      ok: false,
      refusal,
    })
    const change = { organization: other.id, name: one.name }
    expect(await changeOrganization(desk(), desk().act, change)).toEqual({ ok: false, refusal })
  })

  it('is renamed', async () => {
    const { id, name: before } = await newOrganization(desk())
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeOrganization(desk(), desk().act, { organization: id, name: name('Renamed') }),
    )
    expect(accepted(await showOrganization(desk(), id)).name).toBe('Renamed')
    expect(changes).toEqual([`organization ${id}`])
    expect(audit).toMatchObject([
      {
        chain: id,
        kind: 'organization.changed',
        before: { name: before },
        after: { name: 'Renamed' },
      },
    ])
  })

  it('gets one of its own APIs as default audience, and loses it again', async () => {
    const { id } = await newOrganization(desk())
    const api = await newApi(desk(), id)
    const change = { organization: id, defaultAudience: api.audience }
    const changed = accepted(await changeOrganization(desk(), desk().act, change))
    expect(changed.defaultAudience).toBe(api.audience)
    expect(accepted(await showOrganization(desk(), id)).defaultAudience).toBe(api.audience)

    const without = { organization: id, defaultAudience: null }
    accepted(await changeOrganization(desk(), desk().act, without))
    expect(accepted(await showOrganization(desk(), id)).defaultAudience).toBeUndefined()
  })

  it("takes neither an unknown audience nor another organization's as default", async () => {
    const [one, other] = [await newOrganization(desk()), await newOrganization(desk())]
    const foreign = await newApi(desk(), other.id)
    for (const defaultAudience of [foreign.audience, audience('https://nowhere.example.com')]) {
      const change = { organization: one.id, defaultAudience }
      expect(await changeOrganization(desk(), desk().act, change)).toEqual({
        ok: false,
        refusal: { reason: 'audience_unknown', audience: defaultAudience },
      })
    }
  })

  it('is disabled and enabled, each told once', async () => {
    const { id } = await newOrganization(desk())
    const disabled = await tracesOf(desk(), async () => disableOrganization(desk(), desk().act, id))
    expect(accepted(await showOrganization(desk(), id)).enabled).toBe(false)
    expect(disabled.changes).toEqual([`organization ${id}`])
    expect(disabled.audit).toMatchObject([{ kind: 'organization.disabled' }])
    const again = await tracesOf(desk(), async () => disableOrganization(desk(), desk().act, id))
    expect(again).toEqual(nothingWritten)

    const enabled = await tracesOf(desk(), async () => enableOrganization(desk(), desk().act, id))
    expect(accepted(await showOrganization(desk(), id)).enabled).toBe(true)
    expect(enabled.changes).toEqual([`organization ${id}`])
    expect(enabled.audit).toMatchObject([{ kind: 'organization.enabled' }])
  })

  it('writes nothing when a change asks for what is already so', async () => {
    const { id, name: same } = await newOrganization(desk())
    const traces = await tracesOf(desk(), async () =>
      changeOrganization(desk(), desk().act, { organization: id, name: same }),
    )
    expect(traces).toEqual(nothingWritten)
  })

  it('must be there to be shown, changed or switched', async () => {
    const organization = desk().random.id('organization')
    const unknown = { ok: false, refusal: { reason: 'organization_unknown', organization } }
    expect(await showOrganization(desk(), organization)).toEqual(unknown)
    expect(await changeOrganization(desk(), desk().act, { organization })).toEqual(unknown)
    expect(await disableOrganization(desk(), desk().act, organization)).toEqual(unknown)
    expect(await enableOrganization(desk(), desk().act, organization)).toEqual(unknown)
  })

  it('is listed in pages, in the order of creation', async () => {
    const { id: last } = await newOrganization(desk())
    await inBulk(desk(), last, pageItemsMax, (series, madeNow) => {
      const insert = sql`insert into organization (id, name, created_at, created_by_id,
        created_by_name)`
      return sql`${insert} select ${last} || n, 'bulk ' || n, ${madeNow} from ${series}`
    })
    const first = await listOrganizations(desk())
    expect(first.items).toHaveLength(pageItemsMax)
    const ids = [...first.items]
    for (let next = first.next; next !== undefined;) {
      const page = await listOrganizations(desk(), { start: next })
      ids.push(...page.items)
      next = page.next
    }
    expect(ids.length).toBeGreaterThan(pageItemsMax)
    expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length)
    expect(ids.map(({ id }) => id)).toEqual(ids.map(({ id }) => id).toSorted())
  })
})

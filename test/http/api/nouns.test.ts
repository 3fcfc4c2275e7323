import { describe, expect, it } from 'vitest'
import type { SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

/** A noun of an organization, as generic tools use it: one body makes it, shows it and replaces it. */
type Noun = {
  readonly path: string
  readonly whole: (owner: SignedInMember) => Promise<Readonly<Record<string, unknown>>>
  readonly change: Readonly<Record<string, unknown>>
  readonly unknown: string
}

const nouns: Readonly<Record<string, Noun>> = {
  group: {
    path: 'groups',
    whole: async () => ({ name: 'Builders', description: 'They build.' }),
    change: { description: 'They ship.' },
    unknown: 'group_unknown',
  },
  role: {
    path: 'roles',
    whole: async (owner) => ({
      name: 'Reader',
      description: 'Reads.',
      permissions: [{ audience: await registered(owner), permissions: ['a:read'] }],
    }),
    change: { permissions: [] },
    unknown: 'role_unknown',
  },
  binding: {
    path: 'bindings',
    whole: async (owner) => ({
      role_id: await madeIn(owner, 'roles', { name: 'Empty' }),
      principal_id: await madeIn(owner, 'service-accounts', { name: 'ci' }),
      group_id: null,
      resource: 'cluster/prod-eu',
      expires_at: '2031-01-01T00:00:00Z',
    }),
    change: { expires_at: null },
    unknown: 'binding_unknown',
  },
  API: {
    path: 'apis',
    whole: async (owner) => ({
      audience: audienceOf(owner, 'orders'),
      name: 'Orders',
      token_lifetime_seconds: 300,
      signing_alg: 'ES256',
      permissions: [{ permission: 'orders:read', description: 'Read orders' }],
    }),
    change: { name: 'Orders of all shops' },
    unknown: 'api_unknown',
  },
}

describe.each(Object.entries(nouns))('a %s over HTTP', (_, noun) => {
  it('is made, shown, listed, changed, replaced as it is, and removed', async () => {
    const owner = await api().owned()
    const collection = `/organizations/${owner.organization}/${noun.path}`
    const whole = await noun.whole(owner)
    const made = await owner.call('POST', collection, whole)
    expect([made.status, made.body]).toEqual([201, expect.objectContaining(whole)])
    const item = `${collection}/${made.body.id}`
    expect(made.headers.get('location')).toBe(`${api().issuer}/api/v1${item}`)
    const shown = await owner.call('GET', item)
    expect([shown.status, shown.body, shown.headers.get('etag')]).toEqual([200, made.body, '"1"'])
    const { body: listed } = await owner.call('GET', `${collection}?limit=100`)
    expect(listed.items).toContainEqual(made.body)

    const same = await owner.call('PUT', item, whole)
    expect([same.status, same.body, same.headers.get('etag')]).toEqual([200, made.body, '"1"'])
    const changed = await owner.call('PATCH', item, noun.change, { 'if-match': '"1"' })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
    expect(changed.body).toEqual({ ...made.body, ...noun.change })
    expect((await owner.call('PUT', item, whole)).body).toEqual(made.body)

    for (const [method, body] of [
      ['PATCH', noun.change],
      ['PUT', whole],
      ['DELETE', undefined],
    ] as const) {
      const late = await owner.call(method, item, body, { 'if-match': '"1"' })
      expect([late.status, late.body.code]).toEqual([412, 'version_mismatched'])
    }
    expect((await owner.call('DELETE', item, undefined, { 'if-match': '"3"' })).status).toBe(204)
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', noun.change],
      ['PUT', whole],
      ['DELETE', undefined],
    ] as const) {
      const gone = await owner.call(method, item, body)
      expect([method, gone.status, gone.body.code]).toEqual([method, 404, noun.unknown])
    }
  })

  it('is not there for another organization, and takes the permission to change', async () => {
    const owner = await api().owned()
    const collection = `/organizations/${owner.organization}/${noun.path}`
    const whole = await noun.whole(owner)
    const { body } = await owner.call('POST', collection, whole)
    const stranger = await api().owned()
    const elsewhere = `/organizations/${stranger.organization}/${noun.path}/${body.id}`
    expect((await stranger.call('GET', elsewhere)).body.code).toBe(noun.unknown)
    expect((await stranger.call('DELETE', elsewhere)).body.code).toBe(noun.unknown)
    expect((await stranger.call('GET', `${collection}/${body.id}`)).status).toBe(404)

    const viewer = await api().member(owner.organization, ['Viewer'])
    expect((await viewer.call('GET', `${collection}/${body.id}`)).status).toBe(200)
    const denied = await viewer.call('PATCH', `${collection}/${body.id}`, noun.change)
    expect([denied.status, denied.body.code]).toEqual([403, 'permission_missing'])
  })
})

describe('what a noun is refused for over HTTP', () => {
  it('is in its problem document, with the status that fits', async () => {
    const owner = await api().owned()
    const own = `/organizations/${owner.organization}`
    const audience = await registered(owner)
    const group = await madeIn(owner, 'groups', { name: 'Builders' })
    const role = await madeIn(owner, 'roles', {
      name: 'Reader',
      permissions: [{ audience, permissions: ['a:read'] }],
    })
    const given = { role_id: role, group_id: group }
    const binding = await madeIn(owner, 'bindings', given)
    const { body: apis } = await owner.call('GET', `${own}/apis?audience=${audience}`)
    const { body: builtIn } = await owner.call('GET', `${own}/roles?name=Owner`)
    const nobody = 'sa_01jmz4ytf0e8x9k2v6q3w5a7bc'
    const cases = [
      ['POST', 'groups', { name: 'Builders' }, 409, 'group_name_taken'],
      ['POST', 'roles', { name: 'Owner' }, 409, 'role_name_taken'],
      [
        'POST',
        'roles',
        { name: 'x', permissions: [permissionsOf('https://x.example')] },
        422,
        'audience_unknown',
      ],
      [
        'POST',
        'roles',
        { name: 'x', permissions: [permissionsOf(audience, 'b:read')] },
        422,
        'permission_unknown',
      ],
      ['DELETE', `roles/${role}`, undefined, 409, 'role_in_use'],
      ['PATCH', `roles/${builtIn.items[0].id}`, { name: 'x' }, 409, 'role_built_in'],
      ['POST', 'bindings', given, 409, 'binding_exists'],
      ['POST', 'bindings', { role_id: role }, 400, 'request_malformed'],
      ['POST', 'bindings', { ...given, principal_id: nobody }, 400, 'request_malformed'],
      ['POST', 'bindings', { role_id: role, principal_id: nobody }, 422, 'principal_unknown'],
      ['POST', 'bindings', { ...given, expires_at: '2020-01-01T00:00:00Z' }, 422, 'expiry_past'],
      [
        'PUT',
        `bindings/${binding}`,
        { ...given, resource: 'shop/berlin' },
        422,
        'member_immutable',
      ],
      ['POST', 'apis', { audience, name: 'Other' }, 409, 'audience_taken'],
      ['POST', 'apis', { audience: `${audience}/more`, name: 'Api' }, 409, 'api_name_taken'],
      [
        'POST',
        'apis',
        { audience: 'https://x.example', name: 'x' },
        403,
        'audience_needs_operator',
      ],
      ['POST', 'apis', { audience: `${api().issuer}/x`, name: 'x' }, 422, 'audience_reserved'],
      ['DELETE', `apis/${apis.items[0].id}`, undefined, 409, 'api_in_use'],
      ['PATCH', `apis/${apis.items[0].id}`, { permissions: [] }, 409, 'permission_in_use'],
      [
        'PUT',
        `apis/${apis.items[0].id}`,
        { audience: `${audience}/x`, name: 'Api' },
        422,
        'member_immutable',
      ],
      ['PUT', `groups/${group}/members/${nobody}`, undefined, 404, 'principal_unknown'],
      ['DELETE', `groups/${group}/members/${nobody}`, undefined, 404, 'member_unknown'],
    ] as const
    for (const [method, path, body, status, code] of cases) {
      const answer = await owner.call(method, `${own}/${path}`, body)
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, status, code])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  it('holds for lists, too: filters find what they say, and both subjects are none', async () => {
    const owner = await api().owned()
    const own = `/organizations/${owner.organization}`
    const group = await madeIn(owner, 'groups', { name: 'Builders' })
    await madeIn(owner, 'groups', { name: 'Others' })
    const account = await madeIn(owner, 'service-accounts', { name: 'ci', group_ids: [group] })
    const role = await madeIn(owner, 'roles', { name: 'Empty' })
    const ofGroup = await madeIn(owner, 'bindings', { role_id: role, group_id: group })
    const onShop = await madeIn(owner, 'bindings', {
      role_id: role,
      principal_id: account,
      resource: 'shop/berlin',
    })
    const lists = [
      ['groups?name=Builders', [group]],
      [`groups?principal_id=${account}`, [group]],
      [`groups/${group}/members`, [account]],
      [`bindings?role_id=${role}`, [ofGroup, onShop]],
      [`bindings?group_id=${group}`, [ofGroup]],
      [`bindings?principal_id=${account}`, [onShop]],
      ['bindings?resource=shop/berlin', [onShop]],
      [`bindings?resource=shop/berlin&group_id=${group}`, []],
    ] as const
    for (const [list, ids] of lists) {
      const { body } = await owner.call('GET', `${own}/${list}`)
      expect([list, body.items.map(({ id }: { id: string }) => id)]).toEqual([list, ids])
    }
    const first = await owner.call('GET', `${own}/bindings?role_id=${role}&limit=1`)
    const cursor = `cursor=${first.body.next_cursor}`
    const rest = await owner.call('GET', `${own}/bindings?role_id=${role}&limit=1&${cursor}`)
    expect([rest.body.items[0].id, rest.body.next_cursor]).toEqual([onShop, null])
    const foreign = await owner.call('GET', `${own}/bindings?${cursor}`)
    expect([foreign.status, foreign.body.code]).toEqual([400, 'request_malformed'])
    const both = `bindings?principal_id=${account}&group_id=${group}`
    expect((await owner.call('GET', `${own}/${both}`)).status).toBe(400)
  })

  it('is nothing where a principal is put into a group twice', async () => {
    const owner = await api().owned()
    const group = await madeIn(owner, 'groups', { name: 'Builders' })
    const account = await madeIn(owner, 'service-accounts', { name: 'ci' })
    const member = `/organizations/${owner.organization}/groups/${group}/members/${account}`
    expect((await owner.call('PUT', member)).status).toBe(204)
    expect((await owner.call('PUT', member)).status).toBe(204)
    expect((await owner.call('DELETE', member)).status).toBe(204)
    expect((await owner.call('DELETE', member)).status).toBe(404)
  })
})

async function madeIn(owner: SignedInMember, path: string, body: unknown): Promise<string> {
  const { status, body: made } = await owner.call(
    'POST',
    `/organizations/${owner.organization}/${path}`,
    body,
  )
  expect([status, made.code]).toEqual([201, undefined])
  return made.id
}

/** An API of the organization; returns its audience. */
async function registered(owner: SignedInMember): Promise<string> {
  const audience = audienceOf(owner, 'api')
  const permissions = [{ permission: 'a:read' }]
  await madeIn(owner, 'apis', { audience, name: 'Api', permissions })
  return audience
}

function audienceOf({ organization }: SignedInMember, name: string): string {
  return `${api().issuer}/o/${organization}/${name}`
}

function permissionsOf(audience: string, permission = 'a:read') {
  return { audience, permissions: [permission] }
}

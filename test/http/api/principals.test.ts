import { describe, expect, it } from 'vitest'
import type { SignedInMember } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'

const api = useApi()

async function scene() {
  const owner = await api().owned()
  const own = `/organizations/${owner.organization}`
  const audience = `${api().issuer}/o/${owner.organization}/orders`
  const permissions = [{ permission: 'a:read' }]
  await made(owner, 'apis', { audience, name: 'Orders', permissions })
  const role = await made(owner, 'roles', {
    name: 'Reader',
    permissions: [{ audience, permissions: ['a:read'] }],
  })
  const group = await made(owner, 'groups', { name: 'Builders' })
  const account = await made(owner, 'service-accounts', {
    name: 'ci',
    group_ids: [group],
    roles: [{ role_id: role, resource: 'shop/berlin', expires_at: '2031-01-01T00:00:00Z' }],
  })
  const bound = await made(owner, 'bindings', { role_id: role, group_id: group })
  return { owner, own, audience, role, group, account, bound }
}

async function made(owner: SignedInMember, path: string, body: unknown): Promise<string> {
  const answer = await owner.call('POST', `/organizations/${owner.organization}/${path}`, body)
  expect(answer.status).toBe(201)
  return answer.body.id
}

describe('GET …/principals/{principal_id}', () => {
  it('shows every permission with each path that gives it', async () => {
    const { owner, own, audience, role, group, account, bound } = await scene()
    const { status, body } = await owner.call(
      'GET',
      `${own}/principals/${account}/effective-access`,
    )
    expect(status).toBe(200)
    const path = { role_id: role, role_name: 'Reader' }
    expect(body).toEqual({
      principal_id: account,
      principal_type: 'service_account',
      principal_name: 'ci',
      enabled: true,
      expires_at: null,
      access: [
        {
          audience,
          groups: ['Builders'],
          permissions: [
            {
              permission: 'a:read',
              resource: null,
              expires_at: null,
              paths: [
                {
                  ...path,
                  binding_id: bound,
                  group_id: group,
                  group_name: 'Builders',
                  expires_at: null,
                },
              ],
            },
            {
              permission: 'a:read',
              resource: 'shop/berlin',
              expires_at: '2031-01-01T00:00:00Z',
              paths: [
                {
                  ...path,
                  binding_id: expect.stringMatching(/^bnd_/),
                  group_id: null,
                  group_name: null,
                  expires_at: '2031-01-01T00:00:00Z',
                },
              ],
            },
          ],
        },
      ],
    })
  })

  it('shows what a member may do at the management API, named as tokens name it', async () => {
    const { owner, own } = await scene()
    const management = `${api().issuer}/api`
    const access = `${own}/principals/${owner.id}/effective-access`
    const { body } = await owner.call('GET', `${access}?audience=${management}`)
    expect(body.access.map((one: { audience: string }) => one.audience)).toEqual([management])
    const { body: preview } = await owner.call(
      'GET',
      `${own}/principals/${owner.id}/removal-preview`,
    )
    expect(preview).toMatchObject({ principal_type: 'member', is_last_owner: true })
  })

  it('tells what would end with it', async () => {
    const { owner, own, audience, role, group, account } = await scene()
    const credentials = `service-accounts/${account}/credentials`
    const credential = await made(owner, credentials, { name: 'first' })
    const { status, body } = await owner.call('GET', `${own}/principals/${account}/removal-preview`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      credentials: [{ id: credential, name: 'first' }],
      groups: [{ id: group, name: 'Builders' }],
      bindings: [{ role_id: role, resource: 'shop/berlin' }],
      held_by_nobody_else: [
        { audience, permission: 'a:read', resource: null },
        { audience, permission: 'a:read', resource: 'shop/berlin' },
      ],
      is_last_owner: false,
      tokens_end_by: '2030-01-01T00:15:00Z',
    })
  })

  it('knows nobody of another organization', async () => {
    const { account } = await scene()
    const stranger = await api().owned()
    for (const what of ['effective-access', 'removal-preview']) {
      const path = `/organizations/${stranger.organization}/principals/${account}/${what}`
      const { status, body } = await stranger.call('GET', path)
      expect([status, body.code]).toEqual([404, 'principal_unknown'])
    }
  })
})

describe('a credential over HTTP', () => {
  it('shows its secret in the answer that makes it, and nowhere else', async () => {
    const { owner, own, account } = await scene()
    const credentials = `${own}/service-accounts/${account}/credentials`
    const expiring = { name: 'first', expires_at: '2031-01-01T00:00:00Z' }
    const created = await owner.call('POST', credentials, expiring)
    const { client_secret: secret, client_secret_expires_at: ends, ...shown } = created.body
    expect([created.status, secret, ends]).toEqual([
      201,
      expect.stringMatching(/^csk_/),
      Date.parse(expiring.expires_at) / 1000,
    ])
    const item = `${credentials}/${shown.id}`
    const read = await owner.call('GET', item)
    expect([read.body, read.headers.get('etag')]).toEqual([shown, '"1"'])
    const list = await owner.call('GET', `${credentials}?name=first`)
    expect(list.body).toEqual({ items: [shown], next_cursor: null })
    const switched = await owner.call('PATCH', item, { enabled: false, name: 'old' })
    expect(switched.body).toEqual({ ...shown, enabled: false, name: 'old' })
    const whole = await owner.call('PUT', item, { name: 'first' })
    expect(whole.body).toEqual({ ...shown, enabled: true, expires_at: null })
    const stale = await owner.call('DELETE', item, undefined, { 'if-match': '"1"' })
    expect([stale.status, stale.body.code]).toEqual([412, 'version_mismatched'])
    expect((await owner.call('DELETE', item)).status).toBe(204)
    expect((await owner.call('GET', item)).body.code).toBe('credential_unknown')
  })

  it('is registered blind by handle and hash, and then shows no secret', async () => {
    const { owner, own, account } = await scene()
    const credentials = `${own}/service-accounts/${account}/credentials`
    const hash = `$argon2id$v=19$m=1024,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
    const body = { name: 'blind', handle: 'abcdefgh01234567', hash }
    const created = await owner.call('POST', credentials, body)
    expect([created.status, created.body.handle]).toEqual([201, body.handle])
    expect(created.body).not.toHaveProperty('client_secret')
    const again = await owner.call('POST', credentials, { ...body, name: 'again' })
    expect([again.status, again.body.code]).toEqual([409, 'handle_taken'])
    const costly = { ...body, hash: hash.replace('m=1024', 'm=65536') }
    for (const wrong of [{ name: 'x', hash }, costly]) {
      const refused = await owner.call('POST', credentials, wrong)
      expect([refused.status, refused.body.code]).toEqual([400, 'request_malformed'])
    }
  })

  it('is refused for what it is', async () => {
    const { owner, own, account } = await scene()
    const other = await made(owner, 'service-accounts', { name: 'other' })
    const credentials = `${own}/service-accounts/${account}/credentials`
    const endless = await owner.call('POST', credentials, { name: 'first' })
    expect(endless.body.client_secret_expires_at).toBe(0)
    const taken = await owner.call('POST', credentials, { name: 'first' })
    expect([taken.status, taken.body.code]).toEqual([409, 'credential_name_taken'])
    const past = await owner.call('POST', credentials, {
      name: 'x',
      expires_at: '2020-01-01T00:00:00Z',
    })
    expect([past.status, past.body.code]).toEqual([422, 'expiry_past'])
    // Of one account it is not found at another.
    const astray = `${own}/service-accounts/${other}/credentials/${endless.body.id}`
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await owner.call(method, astray)
      expect([status, body.code]).toEqual([404, 'credential_unknown'])
    }
    const nobody = `${own}/service-accounts/sa_01jmz4ytf0e8x9k2v6q3w5a7bc/credentials`
    expect((await owner.call('GET', nobody)).body.code).toBe('principal_unknown')
    expect((await owner.call('POST', nobody, { name: 'x' })).status).toBe(404)
  })
})

describe('organizations over HTTP', () => {
  it('are made, seen as a whole and switched off by operators alone', async () => {
    const { owner, own } = await scene()
    const operator = await api().member(owner.organization, [], true)
    const name = `Shop of ${owner.id}`
    const created = await operator.call('POST', '/organizations', { name })
    expect([created.status, created.body.name]).toEqual([201, name])
    const taken = await operator.call('POST', '/organizations', { name })
    expect([taken.status, taken.body.code]).toEqual([409, 'organization_name_taken'])
    const denied = await owner.call('POST', '/organizations', { name: 'Mine' })
    expect([denied.status, denied.body.code]).toEqual([403, 'operator_needed'])

    const seen = await owner.call('GET', '/organizations')
    expect(seen.body.items.map(({ id }: { id: string }) => id)).toEqual([owner.organization])
    const named = await operator.call('GET', `/organizations?name=${encodeURIComponent(name)}`)
    expect(named.body.items).toEqual([created.body])

    const off = await owner.call('PATCH', own, { enabled: false })
    expect([off.status, off.body.code]).toEqual([403, 'operator_needed'])
    const place = `/organizations/${created.body.id}`
    const disabled = await operator.call('PATCH', place, { enabled: false })
    expect([disabled.status, disabled.body.enabled]).toEqual([200, false])
  })

  it('are renamed and get their default API from those who own them', async () => {
    const { owner, own, audience } = await scene()
    const before = await owner.call('GET', own)
    const changed = await owner.call('PATCH', own, { default_audience: audience })
    expect(changed.body).toEqual({ ...before.body, default_audience: audience })
    const nowhere = await owner.call('PATCH', own, { default_audience: 'https://nowhere.example' })
    expect([nowhere.status, nowhere.body.code]).toEqual([422, 'audience_unknown'])
    const stale = await owner.call('PUT', own, { name: 'x' }, { 'if-match': '"1"' })
    expect(stale.status).toBe(412)
    const whole = await owner.call('PUT', own, { name: before.body.name })
    expect(whole.body).toEqual(before.body)
  })
})

describe('approvals of audiences over HTTP', () => {
  it('let an organization register what is not its own, by the word of an operator', async () => {
    const { owner, own } = await scene()
    const operator = await api().member(owner.organization, [], true)
    const wish = { organization_id: owner.organization, audience: 'https://orders.example.com' }
    expect((await owner.call('POST', '/audience-approvals', wish)).body.code).toBe(
      'operator_needed',
    )
    const approved = await operator.call('POST', '/audience-approvals', wish)
    expect([approved.status, approved.body]).toEqual([201, expect.objectContaining(wish)])
    const { id } = approved.body
    expect((await operator.call('POST', '/audience-approvals', wish)).body.id).toBe(id)
    const item = `/audience-approvals/${id}`
    expect((await operator.call('GET', item)).body).toEqual(approved.body)
    const list = await operator.call('GET', '/audience-approvals')
    expect(list.body.items).toContainEqual(approved.body)
    const name = 'Orders far away'
    expect((await owner.call('POST', `${own}/apis`, { ...wish, name })).status).toBe(400)
    const { audience } = wish
    expect((await owner.call('POST', `${own}/apis`, { audience, name })).status).toBe(201)

    expect((await operator.call('DELETE', item)).status).toBe(204)
    expect((await operator.call('DELETE', item)).body.code).toBe('audience_approval_unknown')
    const unknown = { ...wish, organization_id: 'org_01jmz4ytf0e8x9k2v6q3w5a7bc' }
    const nowhere = await operator.call('POST', '/audience-approvals', unknown)
    expect([nowhere.status, nowhere.body.code]).toEqual([422, 'organization_unknown'])
    const reserved = { ...wish, audience: `${api().issuer}/x` }
    const ours = await operator.call('POST', '/audience-approvals', reserved)
    expect([ours.status, ours.body.code]).toEqual([422, 'audience_reserved'])
  })
})

import { describe, expect, it } from 'vitest'
import { addGroupMember } from '../../../src/management/groups.ts'
import { removeServiceAccount } from '../../../src/management/service-accounts.ts'
import { newGroup } from '../../management/desk.ts'
import { signedInHeaders, useApi } from '../../support/api.ts'
import { accepted } from '../../support/operator.ts'

const api = useApi()
const accountsOf = (organization: string) => `/organizations/${organization}/service-accounts`

const challenge = () =>
  `Bearer realm="management API", resource_metadata="${api().issuer}/.well-known/oauth-protected-resource/api"`

describe('RFC 6750 §3: a call without a good token', () => {
  it('is 401 without an error code when there is no credential at all [146]', async () => {
    const { organization } = await api().owned()
    for (const headers of [{}, { authorization: 'Basic YTpi' }] as const) {
      const answer = await api().caller(headers)('GET', accountsOf(organization))
      expect([answer.status, answer.body.code]).toEqual([401, 'authentication_needed'])
      expect(answer.headers.get('www-authenticate')).toBe(challenge())
    }
  })

  it('is 401 invalid_token when the token is no good [147, 148]', async () => {
    const { organization } = await api().owned()
    const account = await api().account(organization, ['Owner'])
    const altered = `${account.accessToken.slice(0, -4)}AAAA`
    for (const token of ['nonsense', altered]) {
      const call = api().caller({ authorization: `Bearer ${token}` })
      const answer = await call('GET', accountsOf(organization))
      expect([answer.status, answer.body.code]).toEqual([401, 'token_invalid'])
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="management API", error="invalid_token", resource_metadata="[^"]+"$/,
      )
    }
  })

  it('is 401 when whoever it was issued for is gone', async () => {
    const { organization } = await api().owned()
    const account = await api().account(organization, ['Owner'])
    expect((await account.call('GET', accountsOf(organization))).status).toBe(200)
    accepted(
      await removeServiceAccount(api().desk(), api().act(), { organization, account: account.id }),
    )
    const answer = await account.call('GET', accountsOf(organization))
    expect([answer.status, answer.body.code]).toEqual([401, 'token_invalid'])
  })
})

describe('RFC 6750 §2: the bearer token', () => {
  it('is read from the header, whatever the case of the scheme [144]', async () => {
    const { organization } = await api().owned()
    const { accessToken } = await api().account(organization, ['Viewer'])
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const call = api().caller({ authorization: `${scheme} ${accessToken}` })
      expect((await call('GET', accountsOf(organization))).status).toBe(200)
    }
  })

  it('is never read from the query or a form [145]', async () => {
    const { organization } = await api().owned()
    const { accessToken, call } = await api().account(organization, ['Viewer'])
    const inQuery = `${accountsOf(organization)}?access_token=${accessToken}`
    expect((await api().nobody('GET', inQuery)).status).toBe(401)
    expect((await call('GET', inQuery)).status).toBe(400)
    const asForm = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(
      (await api().nobody('POST', accountsOf(organization), { accessToken }, asForm)).status,
    ).toBe(401)
  })

  it('is refused beside the cookie of a session, and beside another [145]', async () => {
    const owner = await api().owned()
    const { accessToken } = await api().account(owner.organization, ['Viewer'])
    const cookie = signedInHeaders(api(), owner.token)
    const both = await api().caller({ ...cookie, authorization: `Bearer ${accessToken}` })(
      'GET',
      accountsOf(owner.organization),
    )
    expect([both.status, both.body.code]).toEqual([400, 'credentials_ambiguous'])
    expect(both.headers.get('www-authenticate')).toContain('error="invalid_request"')
    const twice = await api().caller({
      ...cookie,
      cookie: `${cookie['cookie']}; ${cookie['cookie']}`,
    })('GET', accountsOf(owner.organization))
    expect([twice.status, twice.body.code]).toEqual([400, 'credentials_ambiguous'])
  })

  it('opens what its scope and its principal hold both, and 403 says what was missing [147]', async () => {
    const { organization } = await api().owned()
    const viewer = await api().account(organization, ['Viewer'])
    const narrow = await api().account(organization, ['Owner'], 'service-accounts:read')
    for (const account of [viewer, narrow]) {
      expect((await account.call('GET', accountsOf(organization))).status).toBe(200)
      const answer = await account.call('POST', accountsOf(organization), { name: 'ci' })
      expect([answer.status, answer.body.code]).toEqual([403, 'permission_missing'])
      expect(answer.body.permission).toBe('service-accounts:manage')
      expect(answer.headers.get('www-authenticate')).toMatch(
        /error="insufficient_scope", scope="service-accounts:manage"/,
      )
    }
  })

  it('creates as the account it stands for', async () => {
    const { organization } = await api().owned()
    const account = await api().account(organization, ['Owner'])
    const made = await account.call('POST', accountsOf(organization), { name: 'ci' })
    expect([made.status, made.body.created_by.id]).toEqual([201, account.id])
  })

  it('opens no other organization, as if there were none', async () => {
    const [{ organization: own }, { organization: other }] = [
      await api().owned(),
      await api().owned(),
    ]
    const account = await api().account(own, ['Owner'])
    const nowhere = other.replace(/.{5}$/, '00000')
    const [foreign, none] = [
      await account.call('GET', accountsOf(other)),
      await account.call('GET', accountsOf(nowhere)),
    ]
    expect([foreign.status, none.status]).toEqual([404, 404])
    const told = (answer: typeof foreign, id: string) =>
      JSON.stringify({ ...answer.body, trace_id: '' }).replaceAll(id, 'ID')
    expect(told(foreign, other)).toBe(told(none, nowhere))
  })
})

describe('the cookie of a session', () => {
  it('reads without more, and writes only with origin and token of this server', async () => {
    const owner = await api().owned()
    const accounts = accountsOf(owner.organization)
    const { cookie = '', origin = '', ...token } = signedInHeaders(api(), owner.token)
    expect((await api().caller({ cookie })('GET', accounts)).status).toBe(200)
    const other = await api().member(owner.organization, ['Owner'])
    const foreignToken = signedInHeaders(api(), other.token)['x-csrf-token'] ?? ''
    for (const [headers, code] of [
      [{ cookie }, 'origin_mismatched'],
      [{ cookie, ...token }, 'origin_mismatched'],
      [{ cookie, ...token, origin: 'https://evil.example.com' }, 'origin_mismatched'],
      [{ cookie, ...token, origin: 'null' }, 'origin_mismatched'],
      [{ cookie, origin }, 'csrf_token_mismatched'],
      [{ cookie, origin, 'x-csrf-token': foreignToken }, 'csrf_token_mismatched'],
    ] as const) {
      const answer = await api().caller(headers)('POST', accounts, { name: 'ci' })
      expect([answer.status, answer.body.code]).toEqual([403, code])
    }
    const bare = await api().caller({ cookie })('POST', accounts, { name: 'ci' })
    expect(bare.body.detail).toContain(`send Origin: ${origin}, and`)
    expect((await owner.call('GET', accounts)).body.items).toEqual([])
  })

  it('is 401 when it is none of ours, altered or ended', async () => {
    const owner = await api().owned()
    const unused = api().house.management.tokens.session()
    for (const value of ['', 'x', unused, `${owner.token.slice(0, -1)}_`]) {
      const call = api().caller({ cookie: `__Host-countersign=${value}` })
      const answer = await call('GET', accountsOf(owner.organization))
      expect([answer.status, answer.body.code]).toEqual([401, 'session_invalid'])
      expect(answer.headers.get('www-authenticate')).toBe(challenge())
    }
  })

  it('is of no use under another name', async () => {
    const owner = await api().owned()
    const call = api().caller({
      cookie: `countersign=${owner.token}; x__Host-countersign=${owner.token}`,
    })
    expect((await call('GET', accountsOf(owner.organization))).status).toBe(401)
  })

  it('opens an organization to its members, by what they hold now, and to nobody else', async () => {
    const { organization } = await api().owned()
    const stranger = await api().owned()
    expect((await stranger.call('GET', accountsOf(organization))).status).toBe(404)
    const plain = await api().member(organization)
    expect((await plain.call('GET', accountsOf(organization))).status).toBe(403)
    const viewer = await api().member(organization, ['Viewer'])
    expect((await viewer.call('GET', accountsOf(organization))).status).toBe(200)
    const group = await newGroup(api().desk(), organization)
    const place = { organization, group: group.id, principal: plain.id }
    accepted(await addGroupMember(api().desk(), api().act(), place))
    expect((await plain.call('GET', accountsOf(organization))).status).toBe(403)
  })
})

describe('RFC 9728: the metadata of the management API', () => {
  it('names the resource, and where its tokens come from [159]', async () => {
    const url = `${api().issuer}/.well-known/oauth-protected-resource/api`
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      resource: `${api().issuer}/api`,
      authorization_servers: [api().issuer],
      bearer_methods_supported: ['header'],
      resource_documentation: `${api().issuer}/api/v1/docs`,
    })
  })
})

describe('a bearer token that was refused', () => {
  it('is in no event, and in no answer [160]', async () => {
    const { organization } = await api().owned()
    const { accessToken } = await api().account(organization, ['Viewer'])
    const call = api().caller({ authorization: `Bearer ${accessToken}` })
    const answers = [
      await call('POST', accountsOf(organization), { name: 'ci' }),
      await call('GET', `${accountsOf(organization)}?x=1`),
      await api().caller({ authorization: `Bearer ${accessToken}x` })(
        'GET',
        accountsOf(organization),
      ),
    ]
    for (const text of [answers.map(({ body }) => body), api().events]) {
      expect(JSON.stringify(text)).not.toContain(accessToken)
    }
    expect(api().events.filter(({ kind }) => kind === 'management_call').length).toBeGreaterThan(2)
    expect(api().events).toContainEqual(
      expect.objectContaining({
        kind: 'management_denied',
        operation: 'createServiceAccount',
        organization,
        reason: 'permission_missing',
      }),
    )
  })
})

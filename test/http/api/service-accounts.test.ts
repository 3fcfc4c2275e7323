import { describe, expect, it } from 'vitest'
import { useApi } from '../../support/api.ts'

const api = useApi()

const ifMatch = (tag: string) => ({ 'if-match': tag })

describe('a service account over HTTP', () => {
  it('is created, shown, listed, changed and removed', async () => {
    const owner = await api().owned()
    const accounts = `/organizations/${owner.organization}/service-accounts`
    const created = await owner.call('POST', accounts, { name: 'ci' })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({
      id: expect.stringMatching(/^sa_/),
      client_id: created.body.id,
      organization_id: owner.organization,
      name: 'ci',
      description: '',
      enabled: true,
      expires_at: null,
      token_lifetime_seconds: null,
      created_at: '2030-01-01T00:00:00Z',
      created_by: { id: owner.id, name: owner.name },
    })
    const account = `${accounts}/${created.body.id}`
    expect(created.headers.get('location')).toBe(`${api().issuer}/api/v1${account}`)
    expect(created.headers.get('etag')).toBe('"1"')

    const shown = await owner.call('GET', account)
    expect([shown.status, shown.body, shown.headers.get('etag')]).toEqual([
      200,
      created.body,
      '"1"',
    ])
    const list = await owner.call('GET', accounts)
    expect(list.body).toEqual({ items: [created.body], next_cursor: null })

    const changed = await owner.call('PATCH', account, { description: 'Builds' })
    expect(changed.body).toEqual({ ...created.body, description: 'Builds' })
    expect(changed.headers.get('etag')).toBe('"2"')
    const disabled = await owner.call('PATCH', account, { enabled: false })
    expect(disabled.body.enabled).toBe(false)
    const later = await owner.call('POST', accounts, { name: 'later', enabled: false })
    expect(later.body.enabled).toBe(false)
    await owner.call('DELETE', `${accounts}/${later.body.id}`)
    const whole = await owner.call('PUT', account, { name: 'deploy', token_lifetime_seconds: 300 })
    expect(whole.body).toMatchObject({
      name: 'deploy',
      description: '',
      enabled: true,
      token_lifetime_seconds: 300,
    })

    const removed = await owner.call('DELETE', account)
    expect([removed.status, removed.body]).toEqual([204, undefined])
    const again = await owner.call('DELETE', account)
    expect([again.status, again.body.code]).toEqual([404, 'service_account_unknown'])
  })

  it('is changed and removed only in the version that the caller knows', async () => {
    const owner = await api().owned()
    const accounts = `/organizations/${owner.organization}/service-accounts`
    const { body } = await owner.call('POST', accounts, { name: 'ci' })
    const account = `${accounts}/${body.id}`
    await owner.call('PATCH', account, { name: 'other' }, ifMatch('"1"'))
    for (const [method, sent] of [
      ['PATCH', { name: 'mine' }],
      ['PUT', { name: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      const late = await owner.call(method, account, sent, ifMatch('"1"'))
      expect([late.status, late.body.code]).toEqual([412, 'version_mismatched'])
      const weak = await owner.call(method, account, sent, ifMatch('W/"2"'))
      expect(weak.status).toBe(412)
    }
    expect((await owner.call('GET', account)).body.name).toBe('other')
    const malformed = await owner.call('DELETE', account, undefined, ifMatch('2'))
    expect([malformed.status, malformed.body.places[0].at]).toEqual([400, 'If-Match'])
    expect((await owner.call('DELETE', account, undefined, ifMatch('"7", "2"'))).status).toBe(204)
  })

  it('has a name of its own in its organization', async () => {
    const owner = await api().owned()
    const accounts = `/organizations/${owner.organization}/service-accounts`
    await owner.call('POST', accounts, { name: 'ci' })
    const taken = await owner.call('POST', accounts, { name: 'ci' })
    expect([taken.status, taken.headers.get('content-type')]).toEqual([
      409,
      'application/problem+json',
    ])
    expect(taken.body).toEqual({
      type: `${api().issuer}/api/v1/docs#problem-service_account_name_taken`,
      title: 'The name is taken',
      status: 409,
      detail: 'another service account is called "ci" already',
      code: 'service_account_name_taken',
      trace_id: taken.headers.get('trace-id'),
      name: 'ci',
    })
  })
})

import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answered, signedInHeaders, useApi } from '../../support/api.ts'

const api = useApi()

/** Sends a body as it is, signed in as the Owner of a new organization. */
async function sending() {
  const owner = await api().owned()
  const path = `/organizations/${owner.organization}/service-accounts`
  const send = async (
    body: string | Buffer<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const json = { 'content-type': 'application/json' }
    const response = await fetch(`${api().issuer}/api/v1${path}`, {
      method: 'POST',
      headers: { ...json, ...signedInHeaders(api(), owner.token), ...headers },
      body,
    })
    return answered(response)
  }
  return { owner, path, send }
}

describe('the body of a call', () => {
  it('is JSON and says so', async () => {
    const { send } = await sending()
    for (const type of [
      'text/plain',
      'application/json; charset=latin1',
      'application/jsonl',
      '',
    ]) {
      const answer = await send('{"name":"a"}', { 'content-type': type })
      expect([answer.status, answer.body.code]).toEqual([415, 'content_type_unsupported'])
    }
    const charset = await send('{"name":"a"}', {
      'content-type': 'application/json; charset=utf-8',
    })
    expect(charset.status).toBe(201)
  })

  it.each([
    ['no JSON', '{"name":', ''],
    ['empty', '', ''],
    ['a member twice', '{"name":"a","name":"b"}', ''],
    ['a member twice, written otherwise', String.raw`{"name":"a","n\u0061me":"b"}`, ''],
    ['a list', '["a"]', ''],
    ['an unknown member', '{"name":"a","owner":"b"}', ''],
    ['a member that is no member', '{"name":"a","__proto__":{}}', ''],
    ['a member of another type', '{"name":1}', '/name'],
    ['a name that is none', '{"name":" a"}', '/name'],
    ['an id of another kind', `{"name":"a","group_ids":["rol_${'0'.repeat(26)}"]}`, '/group_ids/0'],
    ['a date without a zone', '{"name":"a","expires_at":"2031-01-01T00:00:00"}', '/expires_at'],
    [
      'a lifetime too long',
      '{"name":"a","token_lifetime_seconds":3601}',
      '/token_lifetime_seconds',
    ],
  ])('is refused with the place: %s', async (_, body, at) => {
    const { send } = await sending()
    const answer = await send(body)
    expect([answer.status, answer.body.code]).toEqual([400, 'request_malformed'])
    expect(answer.body.places[0]).toMatchObject({ in: 'body', at, problem: expect.any(String) })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it('may repeat names in different objects, and inside text', async () => {
    const { send } = await sending()
    const answer = await send(String.raw`{"name":"a","description":"{\"name\":1,\"name\":2}"}`)
    expect([answer.status, answer.body.description]).toEqual([201, '{"name":1,"name":2}'])
  })

  it('is sent as it is, and not compressed', async () => {
    const { send, owner, path } = await sending()
    const packed = gzipSync('{"name":"packed"}')
    for (const coding of ['gzip', 'identity, gzip', 'deflate']) {
      const answer = await send(packed, { 'content-encoding': coding })
      expect([answer.status, answer.body.code]).toEqual([415, 'content_encoding_unsupported'])
      expect(answer.headers.get('accept-encoding')).toBe('identity')
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
    const ofType = await send('a', { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
    expect([ofType.status, ofType.headers.get('accept-encoding')]).toEqual([415, null])
    expect((await send('{"name":"plain"}', { 'content-encoding': 'Identity' })).status).toBe(201)
    const { body } = await owner.call('GET', path)
    expect(body.items.map(({ name }: { readonly name: string }) => name)).toEqual(['plain'])
  })

  it('is UTF-8', async () => {
    const { send } = await sending()
    const answer = await send(Buffer.from('{"name":"caf\xe9"}', 'latin1'))
    expect([answer.status, answer.body.code]).toEqual([400, 'request_malformed'])
  })

  it('has at most 64 KiB, however it is framed', async () => {
    const { send, owner, path } = await sending()
    const large = `{"name":"a","description":"${'x'.repeat(64 * 1024)}"}`
    const announced = await send(large)
    expect([announced.status, announced.body.code]).toEqual([413, 'body_too_large'])
    expect(announced.headers.get('connection')).toBe('close')
    const chunked = await fetch(`${api().issuer}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedInHeaders(api(), owner.token) },
      body: new Blob([large]).stream(),
      duplex: 'half',
    })
    expect(chunked.status).toBe(413)
    const most = {
      name: 'a',
      roles: Array.from({ length: 700 }, () => ({ role_id: 'x'.repeat(60) })),
    }
    expect((await owner.call('POST', path, most)).status).toBe(400)
  })

  it('is not there where nothing is read', async () => {
    const { owner, path } = await sending()
    const answer = await owner.call('DELETE', `${path}/sa_${'0'.repeat(26)}`, { name: 'x' })
    expect([answer.status, answer.body.places[0].in]).toEqual([400, 'body'])
  })

  it('of a token request keeps its own, smaller limit', async () => {
    const response = await fetch(`${api().issuer}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=${'x'.repeat(17 * 1024)}`,
    })
    expect(response.status).toBe(413)
  })
})

describe('a path of the API', () => {
  it('that is none is a problem document', async () => {
    for (const path of ['/nowhere', '/organizations/org_1/nothing', '']) {
      const answer = await api().nobody('GET', path)
      expect([answer.status, answer.body.code]).toEqual([404, 'path_unknown'])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
    const { owner } = await sending()
    const odd = await owner.call('GET', `/organizations/${owner.organization}/service-accounts/x`)
    expect([odd.status, odd.body.code]).toEqual([404, 'path_unknown'])
  })

  it('says which methods it knows', async () => {
    const { path } = await sending()
    const allow = 'GET, POST, HEAD, OPTIONS'
    const wrong = await api().nobody('DELETE', path)
    expect([wrong.status, wrong.body.code, wrong.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      allow,
    ])
    const asked = await api().nobody('OPTIONS', path)
    expect([asked.status, asked.headers.get('allow')]).toEqual([204, allow])
  })

  it('answers HEAD as GET, without the body', async () => {
    const { owner, path } = await sending()
    const head = await owner.call('HEAD', path)
    expect([head.status, head.body, head.headers.get('content-type')]).toEqual([
      200,
      undefined,
      'application/json',
    ])
  })

  it('lets no page of another origin read it', async () => {
    const { owner, path } = await sending()
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await owner.call(method, path, undefined, {
        origin: 'https://evil.example.com',
      })
      const names = [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))
      expect(names).toEqual([])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('a list', () => {
  it('comes in pages that end, each item once', async () => {
    const { owner, path } = await sending()
    const made: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      made.push((await owner.call('POST', path, { name })).body.id)
    }
    const seen: string[] = []
    let cursor = ''
    for (let pages = 1; pages <= 3; pages += 1) {
      const { body } = await owner.call('GET', `${path}?limit=2${cursor}`)
      seen.push(...body.items.map(({ id }: { readonly id: string }) => id))
      cursor = `&cursor=${body.next_cursor}`
      expect(body.next_cursor === null).toBe(pages === 3)
    }
    expect(seen).toEqual(made)
  })

  it('takes no cursor of another list or of other filters, and none that was made up', async () => {
    const { owner, path } = await sending()
    const other = await sending()
    for (const name of ['a', 'b']) {
      await owner.call('POST', path, { name })
      await other.owner.call('POST', other.path, { name })
    }
    const { body } = await owner.call('GET', `${path}?limit=1`)
    const foreign = await other.owner.call('GET', `${other.path}?limit=1`)
    for (const query of [
      `cursor=${foreign.body.next_cursor}`,
      `cursor=${body.next_cursor}&enabled=true`,
      'cursor=bm90aGluZw',
      'cursor=',
    ]) {
      const answer = await owner.call('GET', `${path}?${query}`)
      expect([answer.status, answer.body.places[0].at]).toEqual([400, 'cursor'])
    }
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'enabled=yes', 'colour=red'])(
    'refuses %s',
    async (query) => {
      const { owner, path } = await sending()
      const answer = await owner.call('GET', `${path}?${query}`)
      expect([answer.status, answer.body.places[0].in]).toEqual([400, 'query'])
    },
  )

  it('is filtered', async () => {
    const { owner, path } = await sending()
    const { body: a } = await owner.call('POST', path, { name: 'a' })
    const { body: b } = await owner.call('POST', path, { name: 'b' })
    await owner.call('PATCH', `${path}/${b.id}`, { enabled: false })
    expect((await owner.call('GET', `${path}?name=a`)).body.items).toEqual([a])
    expect((await owner.call('GET', `${path}?enabled=true`)).body.items).toEqual([a])
    expect((await owner.call('GET', `${path}?name=c`)).body.items).toEqual([])
  })

  it.each(['members', 'invitations'])(
    'of %s is filtered by an email, however it is typed',
    async (list) => {
      const owner = await api().owned()
      const at = `/organizations/${owner.organization}`
      const { email } = await api().member(owner.organization)
      await owner.call('POST', `${at}/invitations`, { email: 'eve+x@example.com' })
      await owner.call('POST', `${at}/invitations`, { email: 'frank@example.com' })
      const asked = list === 'members' ? email : 'eve+x@example.com'
      const typed = encodeURIComponent(asked.toUpperCase())
      const { body } = await owner.call('GET', `${at}/${list}?email=${typed}`)
      expect(body).toMatchObject({ items: [{ email: asked }], next_cursor: null })
      const { body: nobody } = await owner.call('GET', `${at}/${list}?email=nobody@example.com`)
      expect(nobody.items).toEqual([])
      expect((await owner.call('GET', `${at}/${list}?email=nobody`)).status).toBe(400)
    },
  )
})

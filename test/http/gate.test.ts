import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { formHeaders, openEdge, rawExchange } from './edge.ts'

const traceId = 'ab'.repeat(16)
const post = (...headers: string[]) =>
  ['POST /oauth2/token HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n')
const get = (target: string, version = '1.1') =>
  `GET ${target} HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`
const noBody = '0\r\n\r\n'

/** The parts of one answer as it came over the wire. */
function parts(text: string) {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', value] = line.split(': ')
      return [name.toLowerCase(), value]
    }),
  )
  return { status: Number(status.split(' ')[1]), headers, body }
}

describe('what is not well-formed HTTP', () => {
  it.each<[string, number, string]>([
    ['two hosts', 400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['the same host twice', 400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['a host that is none', 400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a host with a user', 400, 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'],
    ['two lengths', 400, post('Content-Length: 1', 'Content-Length: 2')],
    ['one length twice', 400, `${post('Content-Length: 1', 'Content-Length: 1')}a`],
    ['a length with a sign', 400, `${post('Content-Length: +1')}a`],
    ['a length and chunks', 400, `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0`],
    ['gzip, chunked', 400, post('Transfer-Encoding: gzip, chunked') + noBody],
    ['gzip alone', 400, post('Transfer-Encoding: gzip')],
    ['identity', 400, post('Transfer-Encoding: identity')],
    ['chunked twice', 400, post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['almost chunked', 400, post('Transfer-Encoding: xchunked')],
    ['a space before the colon', 400, post('Transfer-Encoding : chunked')],
    ['chunks in HTTP/1.0', 400, post('Transfer-Encoding: chunked').replace('1.1', '1.0') + noBody],
    ['a folded header', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n'],
    ['bare line feeds', 400, 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a zero byte in a header', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['a target without a slash', 400, get('oauth2/token')],
    ['a target with a backslash', 400, get('/a\\b')],
    ['an asterisk', 400, 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', 400, '\u0016\u0003\u0001\0\u00C8\u0001\0\0\u00C4'],
    ['CONNECT', 400, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
    ['an expectation of more', 417, `${post('Expect: miracles', 'Content-Length: 1')}a`],
    ['a header without end', 431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`],
    ['headers without end', 431, `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(3000)}`],
    [
      'chunks that say too much of themselves',
      413,
      `${post('Transfer-Encoding: chunked')}1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
    ],
  ])(
    '%s gets %i as JSON that nobody stores, and the connection is closed [31, 33]',
    async (_, expected, text) => {
      const { port, events } = await openEdge()
      const answer = await rawExchange(port, [Buffer.from(text, 'latin1')])
      const { status, headers, body } = parts(answer.text)
      expect([status, answer.closed]).toEqual([expected, true])
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'trace-id': traceId,
        connection: 'close',
      })
      expect(JSON.parse(body)).toEqual({
        error: 'invalid_request',
        error_description: expect.any(String),
        trace_id: traceId,
      })
      const rejected = { kind: 'request_rejected', caller: expect.objectContaining({ traceId }) }
      expect(events).toContainEqual(expect.objectContaining(rejected))
    },
  )

  it.each([
    ['two hosts', 'host_malformed', undefined, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['TLS', 'unreadable', 'HPE_INVALID_METHOD', '\u0016\u0003\u0001\0\u00C8'],
    ['CONNECT', 'connect_unsupported', undefined, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
  ])('%s is told by one of our words, and that of the parser', async (_, reason, code, text) => {
    const { port, events } = await openEdge()
    await rawExchange(port, [Buffer.from(text, 'latin1')])
    expect(events).toMatchObject([{ kind: 'request_rejected', reason, code }])
  })

  it('says nothing once it has answered, whatever else is sent', async () => {
    const { port } = await openEdge()
    const { text } = await rawExchange(port, ['nonsense\r\n\r\n', get('/health/live'), 'more\r\n'])
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

describe('what is well-formed, if unusual', () => {
  it.each<[string, string, string]>([
    ['a target with scheme and host', '200', get('http://elsewhere.example.com/health/live')],
    ['HTTP/1.0 without a host', '200', 'GET /health/live HTTP/1.0\r\n\r\n'],
    ['an empty host', '200', get('/health/live').replace('Host: a', 'Host:')],
    ['a host of IPv6', '200', get('/health/live').replace('Host: a', 'Host: [::1]:8080')],
    ['Chunked in capitals', '401', `${post('Transfer-Encoding: Chunked', ...form())}0\r\n\r\n`],
    [
      'an upgrade, which is passed over',
      '200',
      'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n',
    ],
  ])('%s is answered', async (_, status, text) => {
    const { port } = await openEdge()
    expect((await rawExchange(port, [text])).text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('an upgrade that is offered ends the connection, whatever follows it', async () => {
    const { port } = await openEdge()
    const offer = 'Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
    const first = get('/health/live').replace('\r\n\r\n', `\r\n${offer}`)
    const hidden = get('/nothing')
    const outer = `POST /health/ready HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n`
    const { text, closed } = await rawExchange(port, [first + outer, hidden])
    expect([text.match(/HTTP\/1\.1 \d+/g), closed]).toEqual([['HTTP/1.1 200'], true])
  })

  it('to ask before sending a body is answered before the body is sent', async () => {
    const { port } = await openEdge()
    const asked = post('Expect: 100-continue', 'Content-Length: 3', ...form())
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => void (text += chunk))
    socket.write(asked)
    await expect.poll(() => text).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('a=b')
    await expect.poll(() => text).toContain('HTTP/1.1 401 ')
    socket.destroy()
  })

  it('a body that is too large is refused without asking for it', async () => {
    const { port } = await openEdge()
    const asked = post('Expect: 100-continue', 'Content-Length: 30000', ...form())
    const { text, closed } = await rawExchange(port, [asked])
    expect([text.slice(0, 12), closed]).toEqual(['HTTP/1.1 413', true])
  })
})

function form(): readonly string[] {
  return Object.entries(formHeaders).map((header) => header.join(': '))
}

describe('a pipeline', () => {
  it('is answered in order, and cut where it becomes too long', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => void (release = resolve))
    let calls = 0
    const { port, events } = await openEdge({
      issueToken: async () => {
        calls += 1
        await held
        throw new Error('too late')
      },
    })
    const form33 = 'client_id=a&client_secret=b&grant_type=client_credentials'
    const one = `${post(...form(), `Content-Length: ${form33.length}`)}${form33}`
    const exchange = rawExchange(port, [one.repeat(500)], 2000)
    await expect.poll(() => calls).toBe(33)
    release?.()
    const { text, closed } = await exchange
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)
    expect(statuses).toEqual([...Array.from({ length: 33 }, () => '500'), '503'])
    expect([closed, calls]).toEqual([true, 33])
    expect(text.slice(text.lastIndexOf('HTTP/1.1 503'))).toMatch(/retry-after: 1\r\n/i)
    const told = events.find(({ kind }) => kind !== 'request_failed')
    expect(told).toMatchObject({ kind: 'request_rejected', reason: 'pipeline_too_long' })
  })
})

describe('a process that is overloaded', () => {
  const overload = { mustShed: () => true }

  it('sheds what is work: 503, when to come back, and a trace id [34]', async () => {
    const { url } = await openEdge({}, { overload })
    const token = { method: 'POST', headers: formHeaders, body: 'a=b' }
    const answers = await Promise.all(
      Array.from({ length: 6 }, async () => fetch(`${url}/oauth2/token`, token)),
    )
    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await answer.json()).toEqual({
        error: 'temporarily_unavailable',
        error_description: expect.any(String),
        trace_id: traceId,
      })
    }
    const times = answers.map(({ headers }) => headers.get('retry-after'))
    expect(times.toSorted((a, b) => Number(a) - Number(b))).toEqual(['1', '1', '2', '2', '3', '3'])
  })

  it('keeps the connection, and reads past the body', async () => {
    const { port } = await openEdge({}, { overload })
    const one = `${post('Content-Length: 3')}a=b`
    const { text } = await rawExchange(port, [one, one, get('/health/live')])
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)
    expect(statuses).toEqual(['503', '503', '200'])
  })

  it.each([
    ['GET', '/x.well-known/jwks.json'],
    ['GET', '/.well-known/anything'],
    ['GET', '/health/'],
    ['GET', '/oauth2/token?/.well-known/jwks.json'],
    ['POST', '/.well-known/jwks.json'],
    ['PUT', '/health/live'],
  ])('sheds %s %s, which only looks like what it goes on answering', async (method, path) => {
    const { url } = await openEdge({}, { overload })
    const { status, headers } = await fetch(`${url}${path}`, { method })
    expect([status, headers.get('retry-after')]).toEqual([503, '2'])
  })

  it.each([
    ['GET', '/health/live?verbose', 200],
    ['HEAD', '/health/live', 200],
    ['GET', '/id/.well-known/oauth-authorization-server', 200],
    ['OPTIONS', '/id/.well-known/jwks.json', 204],
    ['GET', '/.well-known/jwks.json', 503],
  ])('answers %s %s by where the issuer is', async (method, path, expected) => {
    const { url } = await openEdge({}, { overload, issuer: 'https://example.com/id' })
    expect((await fetch(`${url}${path}`, { method })).status).toBe(expected)
  })

  it.each([
    ['/health/live', 200],
    ['/health/ready', 200],
    ['/.well-known/jwks.json', 503],
    ['/.well-known/oauth-authorization-server', 200],
  ])('goes on answering %s', async (path, status) => {
    const { url } = await openEdge({}, { overload })
    const answer = await fetch(`${url}${path}`)
    // 503 for the keys, because the edge of this test has none; not for the load.
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([
      status,
      status === 503 ? '5' : null,
    ])
  })

  it('tells the operator how many it has shed', async () => {
    const { url, events } = await openEdge({}, { overload })
    for (let count = 0; count < 5; count += 1) await fetch(`${url}/oauth2/token`)
    await expect
      .poll(() => events, { timeout: 3000 })
      .toEqual([{ kind: 'requests_shed', count: 5 }])
  })
})

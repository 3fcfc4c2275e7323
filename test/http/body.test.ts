import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { formHeaders, openEdge, rawExchange } from './edge.ts'

const head = [
  'POST /oauth2/token HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: application/x-www-form-urlencoded',
]
const withLength = (length: number, ...more: string[]) =>
  [...head, `Content-Length: ${length}`, ...more, '', ''].join('\r\n')
const chunked = [...head, 'Transfer-Encoding: chunked', '', ''].join('\r\n')
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)

const form = 'grant_type=client_credentials&client_id=a&client_secret=b'
const padded = (bytes: number) => `${form}&x=`.padEnd(bytes, 'y')
const max = 16 * 1024

describe('the body of a token request', () => {
  it('may have 16 KiB, with its length announced or in chunks', async () => {
    const { port } = await openEdge()
    const announced = await rawExchange(port, [withLength(max), padded(max)])
    expect(statuses(announced.text)).toEqual(['401'])
    expect(announced.closed).toBe(false)
    const body = padded(max)
    const inChunks = await rawExchange(port, [
      chunked,
      chunk(body.slice(0, 5000)),
      chunk(body.slice(5000)),
      '0\r\n\r\n',
    ])
    expect(statuses(inChunks.text)).toEqual(['401'])
  })

  it('is refused unread when more is announced, and the connection closed', async () => {
    const { port, events } = await openEdge()
    const { text, closed } = await rawExchange(port, [withLength(max + 1)])
    expect(statuses(text)).toEqual(['413'])
    expect(text).toContain('"error":"invalid_request"')
    expect(text.toLowerCase()).toContain('connection: close')
    expect(closed).toBe(true)
    expect(events).toMatchObject([{ kind: 'token_refused', reason: 'body_too_large' }])
  })

  it('is refused at the first byte too many when it comes in chunks', async () => {
    const { port } = await openEdge()
    const { text, closed } = await rawExchange(port, [chunked, chunk(padded(max + 1))])
    expect(statuses(text)).toEqual(['413'])
    expect(closed).toBe(true)
  })

  it('is not read on, however long its sender goes on', async () => {
    const { port } = await openEdge()
    const socket = connect(port, '127.0.0.1')
    const closed = new Promise<void>((resolve) => void socket.on('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.write(chunked)
    const endless = setInterval(() => socket.write(chunk('z'.repeat(60_000))), 1)
    await closed
    clearInterval(endless)
    expect(socket.bytesWritten).toBeLessThan(10_000_000)
  })

  it('does not become another request once it was refused', async () => {
    const { port, events } = await openEdge()
    const smuggled = `${withLength(form.length)}${form}`
    const { text } = await rawExchange(port, [withLength(max + smuggled.length), smuggled])
    expect(statuses(text)).toEqual(['413'])
    expect(events).toHaveLength(1)
  })

  it('may be ignored without harm to the next request on the connection', async () => {
    const { port, events } = await openEdge()
    const ignored = withLength(form.length).replace('x-www-form-urlencoded', 'json')
    const { text } = await rawExchange(port, [ignored, form, withLength(form.length), form])
    expect(statuses(text)).toEqual(['400', '401'])
    expect(events.map((event) => event.kind === 'token_refused' && event.reason)).toEqual([
      'content_type_unsupported',
      'client_unknown',
    ])
  })

  it('stays apart from the next in a pipeline', async () => {
    const { port, events } = await openEdge()
    const one = `${withLength(form.length)}${form}`
    const other = `${withLength(5)}a=b&c`
    const { text, closed } = await rawExchange(port, [one + other + one])
    expect(statuses(text)).toEqual(['401', '401', '401'])
    expect(closed).toBe(false)
    expect(events.map((event) => event.kind === 'token_refused' && event.reason)).toEqual([
      'client_unknown',
      'authentication_missing',
      'client_unknown',
    ])
  })

  it('that never comes to its end is no request', async () => {
    const { port, events } = await openEdge()
    const socket = connect(port, '127.0.0.1')
    socket.write(withLength(form.length))
    socket.write(form.slice(0, 10))
    await pause(50)
    socket.destroy()
    await expect
      .poll(() => events.find(({ kind }) => kind === 'token_refused'))
      .toMatchObject({ reason: 'body_incomplete' })
  })

  it.each(['gzip', 'identity, br'])(
    'that is encoded as %s is refused for that, and the next on the connection is not',
    async (coding) => {
      const { port, events } = await openEdge()
      const encoded = withLength(form.length, `Content-Encoding: ${coding}`)
      const { text } = await rawExchange(port, [encoded, form, withLength(form.length), form])
      expect(statuses(text)).toEqual(['415', '401'])
      expect(text).toMatch(/^accept-encoding: identity\r$/im)
      expect(events.map((event) => event.kind === 'token_refused' && event.reason)).toEqual([
        'content_encoding_unsupported',
        'client_unknown',
      ])
    },
  )

  it('that says it is not encoded is read', async () => {
    const { url } = await openEdge()
    for (const coding of ['identity', 'Identity', '']) {
      const headers = { ...formHeaders, 'content-encoding': coding }
      const answer = await fetch(`${url}/oauth2/token`, { method: 'POST', headers, body: form })
      expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([401, null])
    }
  })

  it('that is compressed and does not say so is not understood', async () => {
    const { port } = await openEdge()
    const gzip = Buffer.from('1f8b0800000000000003', 'hex')
    const { text } = await rawExchange(port, [withLength(gzip.length), gzip])
    expect(statuses(text)).toEqual(['400'])
  })
})

import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Line } from '../../bench/line.ts'
import { lineTo } from '../../bench/line.ts'

type Seen = { readonly status: number; readonly body: string } | undefined

const request = Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n')
const undo: (() => void)[] = []

afterEach(() => {
  for (const step of undo.splice(0)) step()
})

describe('a connection of the load generator', () => {
  it('takes an answer that comes whole, in parts, or in chunks, one after the other', async () => {
    let turn = 0
    const line = await lineToServer((_, response) => {
      turn += 1
      if (turn === 1) return response.setHeader('content-length', 3).end('one')
      if (turn === 2) {
        response.setHeader('content-length', 6).write('two')
        return setTimeout(() => response.end('two'), 20)
      }
      response.write('three')
      return setTimeout(() => response.end('three'), 20)
    })
    expect(await answer(line)).toEqual({ status: 200, body: 'one' })
    expect(await answer(line)).toEqual({ status: 200, body: 'twotwo' })
    expect(await answer(line)).toEqual({
      status: 200,
      body: '5\r\nthree\r\n5\r\nthree\r\n0\r\n\r\n',
    })
  })

  it('tells of a request that got no answer, and connects again for the next', async () => {
    let turn = 0
    const line = await lineToServer(({ socket }, response) => {
      turn += 1
      if (turn === 1) return socket.destroy()
      return response.writeHead(503, { 'content-length': 0, connection: 'close' }).end()
    })
    expect(await answer(line)).toBeUndefined()
    expect(await answer(line)).toEqual({ status: 503, body: '' })
    expect(await answer(line)).toEqual({ status: 503, body: '' })
  })
})

async function lineToServer(listener: RequestListener): Promise<Line> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line = lineTo((server.address() as AddressInfo).port, '127.0.0.1')
  undo.push(
    () => line.close(),
    () => server.close(),
  )
  await line.open()
  return line
}

async function answer(line: Line): Promise<Seen> {
  return new Promise((resolve) => {
    line.ask(request, (got) => resolve(got && { status: got.status, body: String(got.body) }))
  })
}

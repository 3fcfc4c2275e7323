import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectionLimits } from '../../src/cli/listen.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { openEdge } from '../http/edge.ts'
import { listening, roomsOf, soon } from '../support/listening.ts'

// The same limits as in production, only sooner.
const limits = {
  headerMax: milliseconds(700),
  requestMax: milliseconds(700),
  idleMax: milliseconds(700),
  unreadMax: milliseconds(700),
}
const head = 'POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n'

/** How a caller keeps a connection and never comes to an end; it writes on every tick. */
const slowness: Readonly<Record<string, (socket: Socket, tick: number) => void>> = {
  'says nothing': () => undefined,
  'sends a header byte by byte': (socket, tick) => void socket.write(head.slice(tick, tick + 1)),
  'sends a line of a header now and then': (socket, tick) =>
    void socket.write(tick === 0 ? head : `X-${tick}: y\r\n`),
  'sends a body byte by byte': (socket, tick) =>
    void socket.write(tick === 0 ? `${head}\r\n` : 'x'),
  'asks whether to send a body, and sends none': (socket, tick) =>
    tick === 0 && void socket.write(`${head}Expect: 100-continue\r\n\r\n`),
  'rests after an answer': (socket, tick) =>
    tick === 0 && void socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'),
}

describe('connections', () => {
  it('of 198 callers who are slow in every way are closed, while good traffic goes on [33]', async () => {
    const { port, url } = await openEdge({}, { limits })
    const closed: string[] = []
    const slow = Object.entries(slowness).flatMap(([kind, act]) =>
      Array.from({ length: 33 }, () => keepBusy(port, act, () => closed.push(kind))),
    )
    const started = performance.now()
    const statuses = new Set<number>()
    while (closed.length < slow.length && performance.now() - started < 15_000) {
      statuses.add((await fetch(`${url}/health/live`)).status)
      await pause(20)
    }
    expect(closed).toHaveLength(198)
    expect(statuses).toEqual(new Set([200]))
  })

  it('are given at most 10 seconds for anything, and one for Node to see that they are over', () => {
    const { connectionsMax, ...times } = connectionLimits
    expect(Math.max(...Object.values(times))).toBe(10_000)
    expect(connectionsMax).toBe(10_000)
  })

  it('of a caller who reads a long answer more slowly than it is made are kept', async () => {
    const part = new Uint8Array(64 * 1024)
    const body = () =>
      new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(part) })
    const rooms = roomsOf(() => new Response(body()))
    const { port, close } = await listening(rooms, 0, { limits })
    onTestFinished(async () => void (await close(soon)))
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let ended = false
    socket.once('close', () => void (ended = true))
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.pause()
    const sips = setInterval(() => void socket.read(), 20)
    onTestFinished(() => clearInterval(sips))
    await pause(3000)
    expect(ended).toBe(false)
  })

  it.each([
    ['never reads', 0],
    ['reads a little now and then', 50],
  ])('of a caller who %s are closed', async (_, everyMilliseconds) => {
    const body = 'x'.repeat(32 * 1024 * 1024)
    const rooms = roomsOf(() => new Response(body))
    const { port, close } = await listening(rooms, 0, { limits })
    onTestFinished(async () => void (await close(soon)))
    const socket = connect(port, '127.0.0.1')
    const ended = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.pause()
    const sips = setInterval(() => void socket.read(1000), everyMilliseconds || 1_000_000)
    await pause(3000)
    clearInterval(sips)
    // What it had not read is still on its side; only then does it see the end.
    socket.resume()
    await ended
    expect(socket.bytesRead).toBeLessThan(body.length)
  })

  it('are not more than there may be', async () => {
    const { port } = await openEdge({}, { limits: { ...limits, connectionsMax: 2 } })
    let closed = 0
    for (let count = 0; count < 5; count += 1)
      keepBusy(
        port,
        () => undefined,
        () => (closed += 1),
      )
    await expect.poll(() => closed, { timeout: 500 }).toBe(3)
  })
})

function keepBusy(port: number, act: (socket: Socket, tick: number) => void, ended: () => void) {
  const socket = connect(port, '127.0.0.1')
  let tick = 0
  const ticking = setInterval(() => act(socket, tick++), 100)
  socket.resume()
  socket.on('error', () => undefined)
  socket.once('close', () => {
    clearInterval(ticking)
    ended()
  })
  onTestFinished(() => void socket.destroy())
  return socket
}

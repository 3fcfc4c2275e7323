import { once } from 'node:events'
import { Agent, get } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenRefusalText } from '../../src/cli/address.ts'
import { listen } from '../../src/cli/listen.ts'
import { milliseconds } from '../../src/domain/time.ts'
import { systemClock } from '../../src/house.ts'
import type { Rooms } from '../../src/http/app.ts'
import { rawExchange } from '../http/edge.ts'
import { listening, roomsOf, soon } from '../support/listening.ts'

const get1 = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('listening at an address that another process has', () => {
  it('is refused in words, with the address', async () => {
    const first = await listening(rooms())
    onTestFinished(async () => void (await first.close(soon)))
    const at = { host: '127.0.0.1', port: first.port }
    const second = await listen(rooms(), at, {
      clock: systemClock,
      random: { traceId: () => 'ab'.repeat(16) },
      events: { record: () => undefined },
    })
    expect(second).toEqual({
      ok: false,
      refusal: {
        reason: 'address_unavailable',
        code: 'EADDRINUSE',
        settings: ['HOST', 'PORT'],
        ...at,
      },
    })
    if (second.ok) return
    expect(listenRefusalText(second.refusal)).toBe(
      `cannot listen on 127.0.0.1:${first.port}: another process is listening there. HOST and PORT choose another address.`,
    )
  })
})

describe('a server that drains', () => {
  it('says with its next answer that an older connection ends, and keeps a new one', async () => {
    const { port, drain, close } = await listening(rooms())
    onTestFinished(async () => void (await close(soon)))
    const older = new Agent({ keepAlive: true })
    expect(await connectionOf(port, older)).toBe('keep-alive')
    drain()
    expect(await connectionOf(port, older)).toBe('close')
    const newer = new Agent({ keepAlive: true })
    expect(await connectionOf(port, newer)).toBe('keep-alive')
    expect(await connectionOf(port, newer)).toBe('keep-alive')
    for (const agent of [older, newer]) agent.destroy()
  })

  it('answers on a connection that was idle when the port was let go, for a while', async () => {
    const { port, close } = await listening(rooms())
    const agent = new Agent({ keepAlive: true })
    await connectionOf(port, agent)
    const closing = close({ idle: milliseconds(5000), deadline: milliseconds(5000) })
    await refuses(port)
    expect(await connectionOf(port, agent)).toBe('close')
    // Nothing is left to wait for.
    expect(await closing).toBe(0)
  })

  it('takes the connections that the system has made before it lets go of the port', async () => {
    const { port, close } = await listening(rooms())
    const exchanges = Array.from({ length: 20 }, async () => rawExchange(port, [get1], 1000))
    // By now they have connected, and no turn of the event loop has passed.
    await new Promise((resolve) => process.nextTick(resolve))
    await close({ idle: milliseconds(0), deadline: milliseconds(10_000) })
    for (const { text } of await Promise.all(exchanges)) expect(text).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('ends idle connections, and those that never asked, after that while', async () => {
    const { port, close } = await listening(rooms())
    const agent = new Agent({ keepAlive: true })
    await connectionOf(port, agent)
    const silent = await connected(port)
    const silentEnds = once(silent, 'close')
    const cut = await close({ idle: milliseconds(50), deadline: milliseconds(30_000) })
    expect(cut).toBe(0)
    await silentEnds
  })

  it('lets a request under way end, and answers it as the last of its connection', async () => {
    const { port, close } = await listening(
      rooms(async () => {
        await pause(300)
        return new Response('whole')
      }),
    )
    const exchange = rawExchange(port, [get1], 1000)
    await pause(100)
    const closing = close({ idle: milliseconds(0), deadline: milliseconds(10_000) })
    const { text, closed } = await exchange
    expect(text).toMatch(/^HTTP\/1\.1 200 .*whole$/s)
    expect(closed).toBe(true)
    expect(await closing).toBe(0)
  })

  it('answers what a connection has sent ahead up to the first that says it is the last', async () => {
    const { port, drain, close } = await listening(rooms())
    onTestFinished(async () => void (await close(soon)))
    const ahead = await connected(port)
    await pause(50)
    drain()
    let text = ''
    ahead.setEncoding('latin1').on('data', (chunk: string) => void (text += chunk))
    ahead.write(`${get1}${get1}`)
    await once(ahead, 'close')
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    expect(text).toMatch(/connection: close/i)
  })

  it('cuts at the deadline what does not end, and tells how much', async () => {
    const { port, close } = await listening(rooms(() => new Promise(() => undefined)))
    const hanging = await connected(port)
    const reset = new Promise((resolve) => {
      hanging.once('close', resolve).on('error', () => undefined)
    })
    hanging.write(get1)
    await pause(100)
    expect(await close({ idle: milliseconds(0), deadline: milliseconds(200) })).toBe(1)
    await reset
  })
})

function rooms(fetch: Rooms['fetch'] = () => new Response('whole')): Rooms {
  return roomsOf(fetch)
}

/** What an answer says of its connection. */
async function connectionOf(port: number, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const asking = get({ port, host: '127.0.0.1', agent }, (response) => {
      response.resume().on('end', () => resolve(response.headers.connection))
    })
    asking.on('error', reject)
  })
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Waits until the port takes no connection. */
async function refuses(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const refused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    })
    socket.destroy()
    if (refused) return
    await pause(5)
  }
}

import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ListenOptions } from '../../src/cli/listen.ts'
import { refuse } from '../../src/domain/result.ts'
import { milliseconds, numericDate, seconds } from '../../src/domain/time.ts'
import { systemClock } from '../../src/house.ts'
import type { Options, Ports } from '../../src/http/app.ts'
import { app } from '../../src/http/app.ts'
import type { Event } from '../../src/ports/events.ts'
import { listening, soon } from '../support/listening.ts'

const ports: Ports = {
  issueToken: async () => refuse({ reason: 'client_unknown' }),
  signingKeys: { all: () => [] },
  freshness: { state: () => 'fresh' },
  readiness: () => [],
  loadApi: async () => ({
    fetch: (_, { caller }) =>
      new Response(null, { status: 404, headers: { 'trace-id': caller.traceId } }),
  }),
  clock: { now: () => numericDate(1_800_000_000), monotonic: () => milliseconds(0) },
  random: { traceId: () => 'ab'.repeat(16) },
  events: { record: () => undefined },
}

/** The real edge, listening, over ports that a test says something about. */
export async function openEdge(
  given: Partial<Ports> = {},
  { limits, overload, ...options }: Partial<Options & ListenOptions> = {},
) {
  const events: Event[] = []
  const all = { ...ports, events: { record: (event: Event) => void events.push(event) }, ...given }
  const rooms = app(all, {
    issuer: 'https://id.example.com',
    jwksMaxAge: seconds(300),
    keysKeptFor: seconds(3960),
    ...options,
  })
  const { port, close } = await listening(rooms, 0, {
    ...all,
    clock: systemClock,
    ...(limits && { limits }),
    ...(overload && { overload }),
  })
  onTestFinished(async () => void (await close(soon)))
  return { port, url: `http://127.0.0.1:${port}`, events, rooms }
}

/** Sends bytes as they are, and returns all that comes back until the connection is closed or rests. */
export function rawExchange(
  port: number,
  send: readonly (string | Buffer)[],
  restMilliseconds = 300,
): Promise<{ readonly text: string; readonly closed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let closed = false
    const finish = () => {
      clearTimeout(timer)
      resolve({ text, closed })
      socket.destroy()
    }
    let timer = setTimeout(finish, restMilliseconds)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      clearTimeout(timer)
      timer = setTimeout(finish, restMilliseconds)
    })
    socket.on('end', () => void (closed = true))
    socket.on('error', () => void (closed = true))
    socket.on('close', () => {
      closed = true
      finish()
    })
    for (const piece of send) socket.write(piece)
  })
}

export const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

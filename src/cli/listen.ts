import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Server as PlainServer } from 'node:net'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import type { Rooms } from '../http/app.ts'

export type Listening = {
  readonly port: number
  /** From now on the next answer on every connection that is open ends it. New ones are kept. */
  readonly drain: () => void
  /** Takes no new connection, and ends those that are left. Returns how many were cut. */
  readonly close: (limits: CloseLimits) => Promise<number>
}

/** Both count from the moment at which the port is let go. */
export type CloseLimits = {
  /** Until then a connection without a request is kept: its next answer says that it is the last. */
  readonly idle: Milliseconds
  /** What is not done by then is cut. */
  readonly deadline: Milliseconds
}

// A request is small; whoever needs longer than this to send one is broken or hostile.
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  maxRequestsPerSocket: 0,
  // Node would keep the first of two Authorization headers, where a proxy may have read the second.
  joinDuplicateHeaders: true,
}
const idleSweepMilliseconds = 50
const quietTurnsMax = 200

export type Address = { readonly host: string; readonly port: number }

export type ListenRefusal = Address & {
  readonly reason: 'address_unavailable'
  /** What the system said, such as `EADDRINUSE`. */
  readonly code: string
}

/** Answers HTTP at an address, unless it cannot be had. */
export async function listen(rooms: Rooms, at: Address): Promise<Result<Listening, ListenRefusal>> {
  // This replaces the global Response by a lighter one, whose body goes to Node as it is and not
  // through a web stream: a third of what a request costs here otherwise.
  // A request of HTTP/1.0 may have no Host, and ours asks nobody for one.
  const answer = getRequestListener((request, { incoming }) => rooms.fetch(request, { incoming }), {
    hostname: 'localhost',
  })
  const server = createServer(limits, (incoming, outgoing) => {
    if (ending.has(incoming.socket)) outgoing.setHeader('connection', 'close')
    if (!rooms.answerDirectly(incoming, outgoing)) void answer(incoming, outgoing)
  })
  const open = new Set<Socket>()
  const ending = new WeakSet<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const drain = () => open.forEach((socket) => ending.add(socket))

  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(at.port, at.host, () => resolve(undefined))
  })
  if (fault !== undefined) {
    return refuse({ reason: 'address_unavailable', code: fault.code ?? fault.message, ...at })
  }
  return accept({
    port: portOf(server),
    drain,
    close: async (until) => {
      await quietTurn(server)
      const closed = letGo(server)
      drain()
      return ended(server, { open, closed, until })
    },
  })
}

export function listenRefusalText({ host, port, code }: ListenRefusal): string {
  const why = code === 'EADDRINUSE' ? 'another process is listening there' : code
  return `cannot listen on ${host}:${port}: ${why}. HOST and PORT choose another address.`
}

function portOf(server: Server): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has a port
  return (server.address() as AddressInfo).port
}

/**
 * Waits for a turn of the event loop that brought no connection. Those that the system has made
 * and we have not yet taken are reset when the port is let go, with the request that may be in them.
 */
async function quietTurn(server: Server): Promise<void> {
  // The turn that is going on may have looked at the network already.
  await turn()
  let came = true
  const note = (): void => void (came = true)
  server.on('connection', note)
  for (let turns = 0; came && turns < quietTurnsMax; turns += 1) {
    came = false
    await turn()
  }
  server.off('connection', note)
}

/** Ends the listening alone: the `close` of an HTTP server would end the idle connections with it. */
async function letGo(server: Server): Promise<true> {
  return new Promise((resolve) => {
    PlainServer.prototype.close.call(server, () => resolve(true))
  })
}

type Ending = {
  readonly open: ReadonlySet<Socket>
  readonly closed: Promise<true>
  readonly until: CloseLimits
}

async function ended(server: Server, { open, closed, until }: Ending): Promise<number> {
  const since = performance.now()
  while (performance.now() - since < until.deadline) {
    if ((await Promise.race([closed, pause(idleSweepMilliseconds)])) === true) return 0
    if (performance.now() - since < until.idle) continue
    // After a look at the network: a request that has arrived by now is no longer idle.
    await turn()
    server.closeIdleConnections()
    open.forEach((socket) => socket.bytesRead === 0 && socket.destroy())
  }
  const cut = open.size
  server.closeAllConnections()
  await closed
  return cut
}

import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import type { Rooms } from '../http/app.ts'

export type Listening = {
  readonly port: number
  /** From now on every answer ends its connection, so that few are left when the port is let go. */
  readonly drain: () => void
  /** Takes no new connection, lets requests under way end, and cuts what is left at the deadline. */
  readonly close: (deadline: Milliseconds) => Promise<void>
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

export type Address = { readonly host: string; readonly port: number }

export type ListenRefusal = Address & {
  readonly reason: 'address_unavailable'
  /** What the system said, such as `EADDRINUSE`. */
  readonly code: string
}

/** Answers HTTP at an address, unless it cannot be had. */
export async function listen(rooms: Rooms, at: Address): Promise<Result<Listening, ListenRefusal>> {
  let draining = false
  // This replaces the global Response by a lighter one, whose body goes to Node as it is and not
  // through a web stream: a third of what a request costs here otherwise.
  // A request of HTTP/1.0 may have no Host, and ours asks nobody for one.
  const answer = getRequestListener((request, { incoming }) => rooms.fetch(request, { incoming }), {
    hostname: 'localhost',
  })
  const server = createServer(limits, (incoming, outgoing) => {
    if (draining) outgoing.setHeader('connection', 'close')
    if (!rooms.answerDirectly(incoming, outgoing)) void answer(incoming, outgoing)
  })
  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(at.port, at.host, () => resolve(undefined))
  })
  if (fault !== undefined) {
    return refuse({ reason: 'address_unavailable', code: fault.code ?? fault.message, ...at })
  }
  return accept({
    port: portOf(server),
    drain: () => {
      draining = true
    },
    close: async (deadline) => {
      draining = true
      await closed(server, deadline)
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

async function closed(server: Server, deadline: Milliseconds): Promise<void> {
  const end = new Promise<true>((resolve) => {
    server.close(() => resolve(true))
  })
  const cutAt = performance.now() + deadline
  while (performance.now() < cutAt) {
    server.closeIdleConnections()
    if ((await Promise.race([end, pause(idleSweepMilliseconds)])) === true) return
  }
  server.closeAllConnections()
  await end
}

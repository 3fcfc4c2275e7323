import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Milliseconds } from '../domain/time.ts'

/** How long a connection may take over what it does, and how many there may be. */
export type ConnectionLimits = {
  /** From the first byte of a request, or from the connection's begin, to the end of its header. */
  readonly headerMax: Milliseconds
  /** The same, to the end of its body. */
  readonly requestMax: Milliseconds
  /** From the end of an answer to the next request. */
  readonly idleMax: Milliseconds
  /** How long there may be something unsent because the other side does not read. */
  readonly unreadMax: Milliseconds
  readonly connectionsMax: number
}

const sweepEveryMilliseconds = 1000

/** The limits as Node takes them. */
export function serverOptions({ headerMax, requestMax, idleMax }: ConnectionLimits) {
  return {
    headersTimeout: headerMax,
    requestTimeout: requestMax,
    connectionsCheckingInterval: Math.min(sweepEveryMilliseconds, headerMax),
    keepAliveTimeout: idleMax,
    maxHeaderSize: 16_384,
    maxRequestsPerSocket: 0,
    // Node would keep the first of two Authorization headers, where a proxy may have read the second.
    joinDuplicateHeaders: true,
    // Node's own refusal has no body; the gate's has.
    requireHostHeader: false,
  }
}

/**
 * Keeps the limits that Node does not: how many connections, and how long one may leave its answers
 * unread. Whoever reads a little now and then keeps Node from noticing, so what counts is that
 * nothing was left unsent at least once in a while. Returns the connections that are open.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): ReadonlySet<Socket> {
  server.maxConnections = limits.connectionsMax
  const open = new Set<Socket>()
  const unread = new WeakMap<Socket, number>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // A long answer is written on as soon as nothing is unsent: no look now and then would see that.
    socket.on('drain', () => unread.delete(socket))
  })
  const everyMilliseconds = Math.min(sweepEveryMilliseconds, limits.unreadMax)
  const sweep = setInterval(() => {
    for (const socket of open) {
      if (socket.writableLength === 0) unread.delete(socket)
      else {
        const unreadFor = (unread.get(socket) ?? 0) + everyMilliseconds
        unread.set(socket, unreadFor)
        if (unreadFor > limits.unreadMax) socket.destroy()
      }
    }
  }, everyMilliseconds)
  server.once('close', () => clearInterval(sweep))
  sweep.unref()
  return open
}

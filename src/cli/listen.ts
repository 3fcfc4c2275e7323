import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Server as PlainServer } from 'node:net'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Milliseconds } from '../domain/time.ts'
import { milliseconds } from '../domain/time.ts'
import type { Rooms } from '../http/app.ts'
import { announcesTooMuch } from '../http/body.ts'
import type { CallerNeeds } from '../http/edge.ts'
import type { Gate } from '../http/gate.ts'
import { gate } from '../http/gate.ts'
import type { Overload } from '../http/overload.ts'
import { overload } from '../http/overload.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Address, ListenRefusal } from './address.ts'
import { listenAt } from './address.ts'
import type { ConnectionLimits } from './connections.ts'
import { limitConnections, serverOptions } from './connections.ts'

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

/** A request is small; whoever needs longer than this to send one is broken or hostile. */
export const connectionLimits: ConnectionLimits = {
  headerMax: milliseconds(10_000),
  requestMax: milliseconds(10_000),
  idleMax: milliseconds(10_000),
  unreadMax: milliseconds(10_000),
  connectionsMax: 10_000,
}
const idleSweepMilliseconds = 50
const quietTurnsMax = 200

export type ListenOptions = CallerNeeds & {
  readonly events: Events
  readonly limits?: Partial<ConnectionLimits>
  readonly overload?: Overload
  /** Wraps what answers a request that was let in. */
  readonly around?: ((answer: Answer) => Answer) | undefined
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** Answers HTTP at an address, unless it cannot be had. */
export async function listen(
  rooms: Rooms,
  at: Address,
  options: ListenOptions,
): Promise<Result<Listening, ListenRefusal>> {
  const ownLoad = overload({ now: options.clock.monotonic, atTurnEnd: setImmediate })
  const { neverShed, sayUnavailable } = rooms
  const door = gate({ overload: ownLoad, neverShed, sayUnavailable, ...options })
  const limits = { ...connectionLimits, ...options.limits }
  const answer = (options.around ?? asItIs)(answering(rooms, door))
  const ending = new WeakSet<Socket>()
  const server = createServer(serverOptions(limits), (incoming, outgoing) => {
    if (ending.has(incoming.socket) || offersUpgrade(incoming)) {
      outgoing.setHeader('connection', 'close')
    }
    if (door.turnsAway(incoming, outgoing)) return
    answer(incoming, outgoing)
  })
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!announcesTooMuch(incoming)) outgoing.writeContinue()
    server.emit('request', incoming, outgoing)
  })
  server.on('checkExpectation', door.refuseExpectation)
  server.on('connect', door.refuseConnect)
  server.on('clientError', door.refuseUnreadable)
  const open = limitConnections(server, limits)
  const drain = () => open.forEach((socket) => ending.add(socket))

  const refusal = await listenAt(server, at, ['HOST', 'PORT'])
  if (refusal !== undefined) return refuse(refusal)
  return accept({
    port: portOf(server),
    drain,
    close: async (until) => {
      await quietTurn(server)
      const closed = letGo(server)
      drain()
      return ended(server, { open, closed, until, clock: options.clock })
    },
  })
}

/**
 * Clients offer one by themselves, and are answered as if they had not. But after it Node no longer
 * agrees with a proxy in front about where the next request begins. RFC 9112 §11.2.
 */
function offersUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined
}

/**
 * Puts Node's requests before the application and its responses back. This replaces the global
 * Response by a lighter one, whose body goes to Node as it is and not through a web stream: a third
 * of what a request costs here otherwise.
 */
function answering(rooms: Rooms, { refuseTarget }: Gate): Answer {
  const answer = getRequestListener((request, { incoming }) => rooms.fetch(request, { incoming }), {
    // A request of HTTP/1.0 may have no Host, and ours asks nobody for one.
    hostname: 'localhost',
    // What is thrown here is a target that is no URL; faults of the application are its own.
    errorHandler: refuseTarget,
  })
  return (incoming, outgoing) => {
    if (!rooms.answerDirectly(incoming, outgoing)) void answer(incoming, outgoing)
  }
}

function asItIs(answer: Answer): Answer {
  return answer
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
  readonly clock: Pick<Clock, 'monotonic'>
}

async function ended(server: Server, { open, closed, until, clock }: Ending): Promise<number> {
  const since = clock.monotonic()
  while (clock.monotonic() - since < until.deadline) {
    if ((await Promise.race([closed, pause(idleSweepMilliseconds)])) === true) return 0
    if (clock.monotonic() - since < until.idle) continue
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

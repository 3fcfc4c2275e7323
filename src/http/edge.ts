/**
 * The edge: the only floor that speaks HTTP. It turns requests into calls and outcomes into
 * responses, and decides nothing.
 */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Clock } from '../ports/clock.ts'
import type { Caller } from '../ports/events.ts'
import type { Random } from '../ports/random.ts'
import { callerAddress } from '../protocol/forwarded-for.ts'
import type { Network } from '../protocol/network-address.ts'
import { parseTraceparent } from '../protocol/trace-context.ts'

/** A request as Node has it: a header that occurs twice is there as one, joined by commas. */
export type Incoming = IncomingMessage | Http2ServerRequest

/** What every room finds beside the request. */
export type Edge = { Bindings: { readonly incoming: Incoming; readonly caller: Caller } }

const userAgentCharactersMax = 200

export type CallerNeeds = {
  readonly random: Pick<Random, 'traceId'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** The proxies whose word is taken for where a request came from; none, if there are none. */
  readonly trustedProxies?: readonly Network[] | undefined
}

/** Who is calling, and under which trace: the caller's own if it names one, else a new one. */
export function readCaller(incoming: Incoming, needs: CallerNeeds): Caller {
  const { random, clock, trustedProxies } = needs
  const { headers, socket } = incoming
  const traceparent = headers['traceparent']
  const given = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined
  return {
    traceId: given ?? random.traceId(),
    network:
      trustedProxies === undefined
        ? (socket.remoteAddress ?? 'unknown')
        : forwardedAddress(incoming, trustedProxies),
    userAgent: headers['user-agent']?.slice(0, userAgentCharactersMax),
    since: clock.monotonic(),
  }
}

function forwardedAddress({ headers, socket }: Incoming, trusted: readonly Network[]): string {
  const forwardedFor = headers['x-forwarded-for']
  // Node joins those that occur several times, in their order, which is what the walk needs.
  const joined = typeof forwardedFor === 'string' ? forwardedFor : undefined
  return callerAddress(socket.remoteAddress ?? 'unknown', joined, trusted)
}

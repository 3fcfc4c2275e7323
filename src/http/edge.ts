/**
 * The edge: the only floor that speaks HTTP. It turns requests into calls and outcomes into
 * responses, and decides nothing.
 */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Clock } from '../ports/clock.ts'
import type { Caller } from '../ports/events.ts'
import type { Random } from '../ports/random.ts'
import { parseTraceparent } from '../protocol/trace-context.ts'

/** A request as Node has it: a header that occurs twice is there as one, joined by commas. */
export type Incoming = IncomingMessage | Http2ServerRequest

/** What every room finds beside the request. */
export type Edge = { Bindings: { readonly incoming: Incoming; readonly caller: Caller } }

const userAgentCharactersMax = 200

type Needs = { readonly random: Pick<Random, 'traceId'>; readonly clock: Pick<Clock, 'monotonic'> }

/** Who is calling, and under which trace: the caller's own if it names one, else a new one. */
export function readCaller(incoming: Incoming, { random, clock }: Needs): Caller {
  const { headers, socket } = incoming
  const traceparent = headers['traceparent']
  const given = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined
  return {
    traceId: given ?? random.traceId(),
    network: socket.remoteAddress ?? 'unknown',
    userAgent: headers['user-agent']?.slice(0, userAgentCharactersMax),
    since: clock.monotonic(),
  }
}

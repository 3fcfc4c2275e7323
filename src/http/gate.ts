import type { IncomingMessage } from 'node:http'
import { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Seconds } from '../domain/time.ts'
import { seconds } from '../domain/time.ts'
import type { Caller, Events, RejectionReason } from '../ports/events.ts'
import type { Answer, ErrorFace } from './answer.ts'
import { errorTo, toResponse, writeAnswer } from './answer.ts'
import type { CallerNeeds } from './edge.ts'
import { readCaller } from './edge.ts'
import type { Overload } from './overload.ts'
import { answerSocket } from './socket-answer.ts'

/** What stands before the application and turns away what it should not have to look at. */
export type Gate = {
  /** Answers a request that may not come in; says whether it did. */
  readonly turnsAway: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean
  /** Answers a request that expects what nobody here can do. RFC 9110 §10.1.1. */
  readonly refuseExpectation: (incoming: IncomingMessage, outgoing: ServerResponse) => void
  /** Answers a CONNECT: this is no proxy. */
  readonly refuseConnect: (incoming: IncomingMessage, socket: Duplex) => void
  /** The response to a target that is no URL. */
  readonly refuseTarget: () => Response
  /** Answers what Node could not read as a request, or not in time, if it can still be answered. */
  readonly refuseUnreadable: (error: NodeJS.ErrnoException, socket: Duplex) => void
}

/** The answer to a request for this path that cannot be served just now. */
export type SayUnavailable = (
  url: string,
  caller: Pick<Caller, 'traceId'>,
  retryAfter: Seconds,
) => Answer

type Needs = CallerNeeds & {
  readonly overload: Overload
  readonly events: Events
  /** The paths that are read whatever the load. */
  readonly neverShed: ReadonlySet<string>
  readonly sayUnavailable: SayUnavailable
}

const close = { connection: 'close' }
const pipelinedMax = 32
const toldEveryMilliseconds = 1000
const soon = seconds(1)
const retryAfterMaxSeconds = 3
const hostForm = /^[\w.~:[\]-]*$/
const reading: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS'])

type Malformed = Exclude<RejectionReason, 'pipeline_too_long'>
const notHttp: ErrorFace = ['invalid_request', 'this is not a well-formed HTTP request', 400]
const faces: Readonly<Record<Malformed, ErrorFace>> = {
  host_malformed: notHttp,
  transfer_coding_unsupported: notHttp,
  target_malformed: notHttp,
  connect_unsupported: notHttp,
  expectation_unknown: ['invalid_request', 'this expectation cannot be met', 417],
  unreadable: notHttp,
}
/** Where Node's word for it says more. */
const unreadableFaces: Readonly<Record<string, ErrorFace>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['invalid_request', 'the request did not arrive in time', 408],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['invalid_request', 'the body is too large', 413],
  HPE_HEADER_OVERFLOW: ['invalid_request', 'the header is too large', 431],
}

export function gate({ overload, events, neverShed, sayUnavailable, ...needs }: Needs): Gate {
  const pipelines = pipelineCounter()
  const shed = shedder(events, sayUnavailable)

  const mayShed = ({ method, url = '' }: IncomingMessage): boolean =>
    !reading.has(method) || !neverShed.has(pathOf(url))
  const record = (caller: Caller, reason: RejectionReason, code?: string) =>
    events.record({ kind: 'request_rejected', caller, reason, code })
  const reject = (incoming: IncomingMessage, outgoing: ServerResponse, reason: RejectionReason) => {
    const caller = readCaller(incoming, needs)
    record(caller, reason)
    const isTooLong = reason === 'pipeline_too_long'
    const { url = '' } = incoming
    const said = isTooLong ? sayUnavailable(url, caller, soon) : errorTo(caller, faces[reason])
    writeAnswer(outgoing, { ...said, headers: { ...said.headers, ...close } })
  }
  const rejectSocket = (socket: Duplex, reason: Malformed, code?: string) => {
    const caller = callerAt(addressOf(socket), needs)
    record(caller, reason, code)
    answerSocket(socket, errorTo(caller, unreadableFaces[code ?? ''] ?? faces[reason]))
  }

  return {
    turnsAway: (incoming, outgoing) => {
      const tooMany = outgoing.socket === null && pipelines.isTooLong(incoming, outgoing)
      if (!tooMany && overload.mustShed() && mayShed(incoming)) {
        shed(incoming.url ?? '', readCaller(incoming, needs), outgoing)
        return true
      }
      const reason = tooMany ? 'pipeline_too_long' : whyMalformed(incoming)
      if (reason === undefined) return false
      reject(incoming, outgoing, reason)
      return true
    },
    refuseExpectation: (incoming, outgoing) => reject(incoming, outgoing, 'expectation_unknown'),
    refuseConnect: (_, socket) => rejectSocket(socket, 'connect_unsupported'),
    refuseTarget: () => {
      const caller = callerAt('unknown', needs)
      record(caller, 'target_malformed')
      return toResponse(errorTo(caller, faces.target_malformed, close))
    },
    refuseUnreadable: (error, socket) => {
      // Whoever hangs up in the middle of a body waits for no answer, and its request is told of already.
      const isGone = error.code === 'HPE_INVALID_EOF_STATE' && answerOf(socket) !== undefined
      if (isGone || !socket.writable || answerOf(socket)?.headersSent === true) socket.destroy()
      else rejectSocket(socket, 'unreadable', error.code)
    },
  }
}

/**
 * What Node's strict parser lets through and a proxy in front may have read otherwise. RFC 9112 §3.2:
 * exactly one Host; two arrive joined by a comma. RFC 9112 §6.1: of codings only `chunked`, and none
 * in HTTP/1.0. Node refuses a length beside a coding by itself.
 */
function whyMalformed({ headers, httpVersion }: IncomingMessage): Malformed | undefined {
  const { host, 'transfer-encoding': coding } = headers
  if (host === undefined ? httpVersion !== '1.0' : !hostForm.test(host)) return 'host_malformed'
  if (coding === undefined) return undefined
  const isChunked = httpVersion !== '1.0' && coding.toLowerCase() === 'chunked'
  return isChunked ? undefined : 'transfer_coding_unsupported'
}

function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

/** Counts the requests on a connection that wait for the answer to one before them. */
function pipelineCounter() {
  const lengths = new WeakMap<object, number>()
  return {
    isTooLong: ({ socket }: IncomingMessage, outgoing: ServerResponse): boolean => {
      const length = (lengths.get(socket) ?? 0) + 1
      lengths.set(socket, length)
      outgoing.once('close', () => lengths.set(socket, (lengths.get(socket) ?? 1) - 1))
      return length > pipelinedMax
    },
  }
}

/** Says 503 for as little as it can cost, and tells the operator how often, but once a second. */
function shedder(events: Events, sayUnavailable: SayUnavailable) {
  let untold = 0
  let turn = 0
  const tell = () => {
    events.record({ kind: 'requests_shed', count: untold })
    untold = 0
  }
  return (url: string, caller: Caller, outgoing: ServerResponse): void => {
    if (untold === 0) setTimeout(tell, toldEveryMilliseconds).unref()
    untold += 1
    turn = (turn + 1) % retryAfterMaxSeconds
    // Not the same for all, or all would come back together.
    writeAnswer(outgoing, sayUnavailable(url, caller, seconds(1 + turn)))
  }
}

/** Of whoever sent no request that could be read. */
function callerAt(network: string, { random, clock }: Pick<Needs, 'random' | 'clock'>): Caller {
  return { traceId: random.traceId(), network, userAgent: undefined, since: clock.monotonic() }
}

function addressOf(socket: Duplex): string {
  const address: unknown = Reflect.get(socket, 'remoteAddress')
  return typeof address === 'string' ? address : 'unknown'
}

/** The answer that a connection waits for. Once part of it is out, anything else would be its rest. */
function answerOf(socket: Duplex): ServerResponse | undefined {
  const answer: unknown = Reflect.get(socket, '_httpMessage')
  return answer instanceof ServerResponse ? answer : undefined
}

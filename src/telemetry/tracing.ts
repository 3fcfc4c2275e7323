import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import {
  ProxyTracerProvider,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
} from '@opentelemetry/api'
import type { Events } from '../ports/events.ts'
import type { Spans, Work } from '../ports/spans.ts'

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void

export type Tracing = Spans & {
  /** Answers each request inside a span of its own, whose parent is what the request names. */
  readonly around: (paths: ReadonlySet<string>) => (answer: Answer) => Answer
  /** The trace of the request that is being answered. */
  readonly traceId: () => string | undefined
  /** Tells the span of a request what became of it. */
  readonly events: Events
}

const name = 'countersign'

/**
 * Traces through whatever SDK the operator has loaded before this program; `undefined` without one,
 * so that nothing is wrapped and a request pays nothing.
 */
export function openTracing(version: string): Tracing | undefined {
  const provider = trace.getTracerProvider()
  const isAbsent = provider instanceof ProxyTracerProvider && !provider.getDelegateTracer(name)
  if (isAbsent) return undefined

  const tracer = provider.getTracer(name, version)
  return {
    within: async (work, done) => within(tracer, work, done),
    around: (paths) => (answer) => (incoming, outgoing) => {
      const parent = propagation.extract(context.active(), incoming.headers)
      const request = requestOf(incoming, paths)
      const options = { kind: SpanKind.SERVER, attributes: request.attributes }
      const span = tracer.startSpan(request.name, options, parent)
      outgoing.once('close', () => endRequest(span, outgoing))
      context.with(trace.setSpan(parent, span), () => answer(incoming, outgoing))
    },
    traceId: () => trace.getActiveSpan()?.spanContext().traceId,
    events: { record: (event) => trace.getActiveSpan()?.setAttributes(attributesOf(event)) },
  }
}

/** Only as a part of a request: what happens by itself has no span, see docs/operations.md. */
async function within<Value>(
  tracer: Tracer,
  work: Work,
  done: () => Promise<Value>,
): Promise<Value> {
  // A timer that a request has set keeps the context of that request, which ended long ago.
  if (trace.getActiveSpan()?.isRecording() !== true) return done()

  return tracer.startActiveSpan(work, optionsOf(work), async (span) => {
    try {
      return await done()
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}

function optionsOf(work: Work) {
  return work.startsWith('read')
    ? { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql' } }
    : { kind: SpanKind.INTERNAL }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** By the semantic conventions of HTTP. Of a path that is not ours nothing is told: it may be a secret. */
function requestOf({ method = '', url = '' }: IncomingMessage, paths: ReadonlySet<string>) {
  const path = url.split('?', 1)[0] ?? ''
  const known = methods.has(method) ? method : '_OTHER'
  const attributes = { 'http.request.method': known, 'url.scheme': 'http' }
  const verb = known === '_OTHER' ? 'HTTP' : known
  return paths.has(path)
    ? {
        name: `${verb} ${path}`,
        attributes: { ...attributes, 'http.route': path, 'url.path': path },
      }
    : { name: verb, attributes }
}

function endRequest(span: Span, { headersSent, statusCode }: ServerResponse): void {
  if (headersSent) span.setAttribute('http.response.status_code', statusCode)
  if (!headersSent || statusCode >= 500) {
    span.setAttribute('error.type', headersSent ? String(statusCode) : 'unanswered')
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

function attributesOf(event: Parameters<Events['record']>[0]): Attributes {
  if (event.kind === 'token_refused') return { 'countersign.refusal': event.reason }
  if (event.kind === 'token_issued') return { 'countersign.stale': event.stale }
  return {}
}

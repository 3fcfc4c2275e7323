import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { openTracing } from '../../src/telemetry/tracing.ts'
import { requestToken } from '../support/fixtures.ts'
import type { TestServer } from '../support/server.ts'
import { openTestServer } from '../support/server.ts'

const exporter = new InMemorySpanExporter()
let server: TestServer
let withoutSdk: unknown

beforeAll(async () => {
  withoutSdk = openTracing('0.0.0')
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  trace.setGlobalTracerProvider(provider)
  server = await openTestServer()
})

afterAll(async () => {
  await server.close()
  trace.disable()
  propagation.disable()
  context.disable()
})

describe('a request, where no SDK is loaded', () => {
  it('is wrapped in nothing', () => {
    expect(withoutSdk).toBeUndefined()
  })
})

describe('a token request, where an SDK is loaded', () => {
  it('is a span in the trace that the answer and the log name', async () => {
    const answer = await requestToken(server, server.client)
    const span = await requestSpan(answer)
    expect(answer.status).toBe(200)
    expect(span).toMatchObject({ name: 'POST /oauth2/token', parentSpanContext: undefined })
    expect(span.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/oauth2/token',
      'http.response.status_code': 200,
      'countersign.stale': false,
    })
    expect(lineOf(answer)).toMatchObject({ msg: 'token issued' })
  })

  it('belongs to the span that the caller names in traceparent', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const answer = await fetch(`${server.issuer}/oauth2/token`, { method: 'POST', headers })
    expect(answer.headers.get('trace-id')).toBe(traceId)
    const span = await requestSpan(answer)
    expect(span.parentSpanContext).toMatchObject({ traceId, spanId: '00f067aa0ba902b7' })
    expect(span.attributes['countersign.refusal']).toBe('content_type_unsupported')
    expect(lineOf(answer)).toMatchObject({ reason: 'content_type_unsupported' })
  })

  it('shows the reads and the hash that it had to wait for', async () => {
    const wrong = `${server.client.secret.slice(0, -6)}000000` as typeof server.client.secret
    await requestToken(server, { ...server.client, secret: wrong })
    exporter.reset()
    const secret = server.client.secret
    const stranger = { id: `${server.client.id.slice(0, -2)}00` as typeof server.client.id, secret }
    const answer = await requestToken(server, stranger)
    expect(answer.status).toBe(401)
    const request = await requestSpan(answer)
    const parts = spans().filter(({ parentSpanContext: parent }) => {
      return parent?.spanId === request.spanContext().spanId
    })
    expect(parts.map(({ name }) => name)).toEqual(['read client', 'argon2 verify'])
    expect(parts[0]?.attributes).toEqual({ 'db.system.name': 'postgresql' })
  })
})

describe('a piece of work', () => {
  it.each(['of no request', 'of a request that has ended'])('has no span: %s', async (whose) => {
    exporter.reset()
    const { within } = loadedTracing()
    const span = trace.getTracer('test').startSpan('a request')
    const ended = trace.setSpan(context.active(), span)
    const work = async () => within('read client', async () => 'read')
    expect(await context.with(ended, work)).toBe('read')
    span.end()
    const at = whose === 'of no request' ? context.active() : ended
    expect(await context.with(at, work)).toBe('read')
    expect(spans().map(({ name }) => name)).toEqual(['read client', 'a request'])
  })

  it('that fails says so in its span, and fails all the same', async () => {
    exporter.reset()
    const { within } = loadedTracing()
    const span = trace.getTracer('test').startSpan('a request')
    const fails = async () => within('read client', () => Promise.reject(new TypeError('away')))
    await expect(context.with(trace.setSpan(context.active(), span), fails)).rejects.toThrow('away')
    expect(spans().map(({ attributes }) => attributes['error.type'])).toEqual(['TypeError'])
    span.end()
  })
})

describe('what is told to a tracer', () => {
  it('has nothing in it that a caller chose, but the trace', async () => {
    exporter.reset()
    const { issuer, client } = server
    const mark = 'mark9d41'
    const headers = { 'user-agent': mark, authorization: `Bearer ${mark}` }
    await fetch(`${issuer}/${mark}?${mark}`, { headers })
    await fetch(`${issuer}/oauth2/token?client_secret=${client.secret}`, {
      method: 'POST',
      headers,
    })
    const last = await requestToken(server, client, { scope: mark, resource: `mailto:${mark}` })
    await requestSpan(last)
    expect(spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['GET']))
    const told = JSON.stringify(
      spans().map(({ name, attributes, events }) => [name, attributes, events]),
    )
    expect(told).not.toContain(mark)
    expect(told).not.toContain(client.secret)
    expect(told).not.toContain(client.id)
  })

  it('does not grow by itself: rounds with the change log are no traces of their own', async () => {
    exporter.reset()
    const before = server.house.vitals().tail.roundCount
    const rounds = () => server.house.vitals().tail.roundCount
    await vi.waitUntil(() => rounds() >= before + 2, { timeout: 10_000 })
    expect(spans()).toEqual([])
  })
})

function loadedTracing(): Tracing {
  const tracing = openTracing('0.0.0')
  if (tracing === undefined) throw new Error('no SDK')
  return tracing
}

function spans(): readonly ReadableSpan[] {
  return exporter.getFinishedSpans()
}

/** The span of the request that got this answer; it ends a moment after the answer is there. */
async function requestSpan(answer: Response): Promise<ReadableSpan> {
  const traceId = answer.headers.get('trace-id')
  const find = () =>
    spans().find((span) => span.name.startsWith('POST') && span.spanContext().traceId === traceId)
  await vi.waitUntil(() => find() !== undefined, { timeout: 10_000 })
  const found = find()
  if (found === undefined) throw new Error('no span')
  return found
}

function lineOf(answer: Response): Record<string, unknown> | undefined {
  const traceId = answer.headers.get('trace-id')
  return server.log().find((line) => line['trace_id'] === traceId)
}

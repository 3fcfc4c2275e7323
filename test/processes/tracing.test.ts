import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { onPostgres } from '../support/database.ts'
import { openPair } from '../support/pair.ts'
import { freePort, startServerProcess } from '../support/processes.ts'

const example = join(import.meta.dirname, '../../docs/tracing.mjs')

describe.runIf(onPostgres)('docs/tracing.mjs', () => {
  it('sends the span of a request to a collector, in the trace of the caller', async () => {
    const pair = await openPair()
    onTestFinished(async () => pair.close())
    const collector = await openCollector()
    onTestFinished(() => void collector.server.close())
    const env = {
      NODE_OPTIONS: `--import ${example}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
    }
    const server = await startServerProcess({ ...pair.wishes, env })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const answer = await fetch(`${server.url}/oauth2/token`, { method: 'POST', headers })
    expect(answer.headers.get('trace-id')).toBe(traceId)
    expect(await server.stop()).toBe(0)
    const spans = collector.received().flatMap(spansIn)
    expect(spans).toContainEqual(
      expect.objectContaining({
        traceId,
        parentSpanId: '00f067aa0ba902b7',
        name: 'POST /oauth2/token',
      }),
    )
    expect(server.log()).toContainEqual(
      expect.objectContaining({ trace_id: traceId, reason: 'content_type_unsupported' }),
    )
  })
})

type Batch = {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[]
  }[]
}

function spansIn({ resourceSpans }: Batch): readonly Record<string, unknown>[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

/** Takes traces as an OpenTelemetry collector does: OTLP over HTTP, in JSON. */
async function openCollector(): Promise<{
  readonly server: Server
  readonly port: number
  readonly received: () => readonly Batch[]
}> {
  const batches: Batch[] = []
  const port = await freePort()
  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await text(incoming)
    if (incoming.url === '/v1/traces') batches.push(JSON.parse(body) as Batch)
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  const server = createServer((incoming, outgoing) => void take(incoming, outgoing))
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  return { server, port, received: () => batches }
}

/**
 * Sends the traces of Countersign to an OpenTelemetry collector. Load it before the program:
 *
 *   OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 NODE_OPTIONS='--import ./tracing.mjs' countersign serve
 *
 * That is beside an installed package, with a copy of this file and the packages that it imports
 * (`npm install` them there). In a clone the packages are there already: `--import ./docs/tracing.mjs`.
 */
import {
  DiagConsoleLogger,
  DiagLogLevel,
  context,
  diag,
  propagation,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

// What goes wrong with sending is told on standard error.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN)

const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'countersign' }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

// What has ended since the last batch was sent.
process.once('beforeExit', () => provider.shutdown())

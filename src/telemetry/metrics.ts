import type { Registry as PromRegistry } from 'prom-client'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Vitals } from '../ports/vitals.ts'
import type { Build, Metric, Told } from './metric-table.ts'
import { metrics } from './metric-table.ts'
import type { Outcome } from './tallies.ts'
import { tallies } from './tallies.ts'

export type Metrics = {
  /** Counts what is recorded. */
  readonly events: Events
  /** Everything in the text format of Prometheus, with how the process is just now. */
  readonly text: (vitals: Vitals) => Promise<string>
}

/** From a token from memory to one that waited for everything. */
const durationBuckets = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
]

/** The metrics of a process, for Prometheus. */
export function openMetrics(build: Build, clock: Pick<Clock, 'monotonic'>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'countersign_token_request_duration_seconds',
    help: 'From the head of a token request to its answer, by how it went.',
    labelNames: ['outcome'],
    buckets: durationBuckets,
    registers: [registry],
  })
  // Bound before, and there as 0 before the first.
  const observerOf = (outcome: Outcome) => {
    durations.zero({ outcome })
    return durations.labels(outcome)
  }
  const observers: Readonly<Record<Outcome, Histogram.Internal<'outcome'>>> = {
    issued: observerOf('issued'),
    refused: observerOf('refused'),
    unavailable: observerOf('unavailable'),
    failed: observerOf('failed'),
  }
  const { record, read } = tallies({
    clock,
    observe: (outcome, seconds) => observers[outcome].observe(seconds),
  })
  const written = metrics.map((metric) => writtenTo(registry, metric))
  return {
    events: { record },
    text: async (vitals) => {
      for (const write of written) write({ vitals, tallies: read(), build })
      return registry.metrics()
    },
  }
}

/** The library's numbers are ours, copied when they are asked for. */
function writtenTo(registry: PromRegistry, metric: Metric): (told: Told) => void {
  const { name, help, labels: labelNames } = metric
  const options = { name, help, labelNames, registers: [registry] }
  if (metric.type === 'counter') {
    const counter = new Counter(options)
    return (told) => {
      counter.reset()
      for (const [labels, value] of metric.read(told)) counter.inc(labels, value)
    }
  }
  const gauge = new Gauge(options)
  return (told) => {
    gauge.reset()
    // Without labels that leaves a 0, which would be a value.
    if (labelNames.length === 0) gauge.remove()
    for (const [labels, value] of metric.read(told)) gauge.set(labels, value)
  }
}

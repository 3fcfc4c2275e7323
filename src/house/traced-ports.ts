import type { Freshness } from '../ports/freshness.ts'
import type { Random } from '../ports/random.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Tracing } from '../telemetry/tracing.ts'

type TracedPorts = {
  readonly freshness: Freshness
  readonly random: Random
  readonly hasher: Secrets
}

/** Shows in the trace of a request what may take long in it, and takes its trace id from there. */
export function tracedPorts(tracing: Tracing | undefined, ports: TracedPorts): TracedPorts {
  if (tracing === undefined) return ports
  const { freshness, random, hasher } = ports
  const { within } = tracing
  return {
    freshness: {
      state: freshness.state,
      ensure: async () =>
        freshness.state() === 'fresh'
          ? freshness.ensure()
          : within('join change log round', freshness.ensure),
    },
    random: { ...random, traceId: () => tracing.traceId() ?? random.traceId() },
    hasher: {
      ...hasher,
      verify: async (hash, secret) => within('argon2 verify', () => hasher.verify(hash, secret)),
    },
  }
}

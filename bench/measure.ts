/** What a server did in one turn, in tokens and milliseconds. */
export type Turn = {
  readonly tokens: number
  readonly milliseconds: number
  /** What each answer took. */
  readonly latencies: readonly number[]
  /** All threads of the server: on a core, and ready but waiting for one. */
  readonly cpu: number
  readonly waiting: number
}

/** The figures of one server in one round. */
export type Figures = {
  readonly tokensPerSecond: number
  /** Milliseconds on a core at saturation. */
  readonly cpuPerToken: number
  /** The part of the time at saturation in which the server was ready and had no core. */
  readonly waited: number
  /** Milliseconds, at the fixed rate. */
  readonly p50: number
  readonly p99: number
  /** MiB resident, after the load of the round. */
  readonly memory: number
}

export function figuresOf(
  saturated: readonly Turn[],
  steady: readonly Turn[],
  memory: number,
): Figures {
  const sum = (part: 'tokens' | 'milliseconds' | 'cpu' | 'waiting') =>
    saturated.reduce((total, turn) => total + turn[part], 0)
  const latencies = steady.flatMap((turn) => turn.latencies).toSorted((a, b) => a - b)
  return {
    tokensPerSecond: (sum('tokens') * 1000) / sum('milliseconds'),
    cpuPerToken: sum('cpu') / sum('tokens'),
    waited: sum('waiting') / sum('milliseconds'),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    memory,
  }
}

/** What the middle round said, and the least and the most that any said. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) }
}

/** The value below which a part of all values lies: the nearest rank, so always one that was measured. */
function quantile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

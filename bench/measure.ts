/** What a server did in one turn, in milliseconds. */
export type Turn = {
  readonly milliseconds: number
  /** What each answer took. */
  readonly latencies: readonly number[]
  /** All threads of the server: on a core, and ready but waiting for one. */
  readonly cpu: number
  readonly waiting: number
}

/** What a server did with as much as it could take. */
export type Rate = {
  readonly perSecond: number
  /** Milliseconds on a core. */
  readonly cpuPerAnswer: number
  /** The part of the time in which the server was ready and had no core. */
  readonly waited: number
}

export function rateOf(turns: readonly Turn[]): Rate {
  const sum = (part: 'milliseconds' | 'cpu' | 'waiting') =>
    turns.reduce((total, turn) => total + turn[part], 0)
  const answers = turns.reduce((total, { latencies }) => total + latencies.length, 0)
  return {
    perSecond: (answers * 1000) / sum('milliseconds'),
    cpuPerAnswer: sum('cpu') / answers,
    waited: sum('waiting') / sum('milliseconds'),
  }
}

/** Milliseconds. */
export type Latency = { readonly p50: number; readonly p99: number }

export function latencyOf(turns: readonly Pick<Turn, 'latencies'>[]): Latency {
  const sorted = turns.flatMap(({ latencies }) => latencies).toSorted((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

/** What the middle round said, and the least and the most that any said. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) }
}

/** Ratios are taken within each round, and then their median: what a round suffers falls on both. */
export function quotients(above: readonly number[], below: readonly number[]): Spread {
  return spreadOf(above.map((value, round) => value / (below[round] ?? 0)))
}

/** The value below which a part of all values lies: the nearest rank, so always one that was measured. */
function quantile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

export type Chance = {
  /** A whole number from 0 up to, and without, `below`. */
  readonly below: (below: number) => number
  readonly of: <Value>(values: readonly [Value, ...Value[]]) => Value
  readonly bytes: (length: number) => string
}

/** The same numbers for the same seed, everywhere (mulberry32). */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    of: (values) => values[below(values.length)] ?? values[0],
    bytes: (length) => String.fromCharCode(...Array.from({ length }, () => below(256))),
  }
}

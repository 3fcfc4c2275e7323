/** Something of the server that every process holds whole: what is not known must not read as allowed. */
export type Replica<Value> = {
  readonly get: () => Value
  /** Reads all of it again; on a failure what was known stays, and the failure is the caller's. */
  readonly reload: () => Promise<void>
}

export function replica<Value>(load: () => Promise<Value>, initial: Value): Replica<Value> {
  let value = initial
  let started = 0
  let shown = 0
  return {
    get: () => value,
    reload: async () => {
      started += 1
      const turn = started
      const found = await load()
      // Two reloads can overtake each other; what was asked for later is newer.
      if (turn < shown) return
      shown = turn
      value = found
    },
  }
}

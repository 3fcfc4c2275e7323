/** Something of the server that every process holds whole: what is not known must not read as allowed. */
export type Replica<Value> = {
  readonly get: () => Value
  /** Reads all of it again; on a failure what was known stays, and the failure is the caller's. */
  readonly reload: () => Promise<void>
}

export function replica<Value>(load: () => Promise<Value>, initial: Value): Replica<Value> {
  let value = initial
  return {
    get: () => value,
    reload: async () => {
      value = await load()
    },
  }
}

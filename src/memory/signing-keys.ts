/** Every key of the server, replicated whole: what is not known must not read as allowed. */
export type ReplicatedKeys<Key> = {
  readonly all: () => readonly Key[]
  /** Reads all keys again; on a failure what was known stays, and the failure is the caller's. */
  readonly reload: () => Promise<void>
}

export function replicatedKeys<Key>(load: () => Promise<readonly Key[]>): ReplicatedKeys<Key> {
  let keys: readonly Key[] = []
  return {
    all: () => keys,
    reload: async () => {
      keys = await load()
    },
  }
}

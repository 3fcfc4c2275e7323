/**
 * Memory: what a process keeps of the database, and how true it is. Everything here can be dropped
 * at any moment without a wrong answer; nothing here is ever more than the change log allows.
 */

/** A map that forgets what was not used for longest once it is full. */
export type Lru<Key, Value> = {
  readonly get: (key: Key) => Value | undefined
  readonly set: (key: Key, value: Value) => void
  readonly delete: (key: Key) => void
  /** Looks at every entry. */
  readonly deleteWhere: (isSo: (value: Value) => boolean) => void
  readonly clear: () => void
  readonly size: () => number
  /** How many entries were forgotten for want of room. */
  readonly evictionCount: () => number
}

export function lru<Key, Value>(entriesMax: number): Lru<Key, Value> {
  // A Map keeps the order of insertion: the first key is the one not used for longest.
  const entries = new Map<Key, Value>()
  let newest: Key | undefined
  let evictionCount = 0
  const putLast = (key: Key, value: Value): void => {
    entries.delete(key)
    entries.set(key, value)
    newest = key
  }
  return {
    get: (key) => {
      const value = entries.get(key)
      if (value !== undefined && key !== newest) putLast(key, value)
      return value
    },
    set: (key, value) => {
      putLast(key, value)
      if (entries.size <= entriesMax) return
      evictionCount += 1
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
    delete: (key) => void entries.delete(key),
    deleteWhere: (isSo) => {
      for (const [key, value] of entries) if (isSo(value)) entries.delete(key)
    },
    clear: () => entries.clear(),
    size: () => entries.size,
    evictionCount: () => evictionCount,
  }
}

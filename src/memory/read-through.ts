import { lru } from './lru.ts'

/** One kind of thing as a process remembers it: loaded when first asked for, forgotten on a change. */
export type ReadThrough<Key, Value> = {
  readonly get: (key: Key) => Promise<Value | undefined>
  /** Loads even if the key is remembered, and remembers what it finds. */
  readonly getAnew: (key: Key) => Promise<Value | undefined>
  readonly isCurrent: (key: Key, value: Value) => boolean
  /** A change of this key: what is remembered and what is being loaded is from before it. */
  readonly evict: (key: Key) => void
  /** A change that could concern any load in flight. */
  readonly markAll: () => void
  /** Nothing that is remembered or being loaded can be relied upon. */
  readonly clear: () => void
}

type Options<Key, Value> = {
  readonly load: (key: Key) => Promise<Value | undefined>
  readonly entriesMax: number
  /** Keys known not to exist, which anybody can invent: few, and only believed while fresh. */
  readonly absentMax: number
  readonly isFresh: () => boolean
  /** Whether a look found nothing new; then what is remembered stays, with all that hangs on it. */
  readonly isSame?: (known: Value, found: Value) => boolean
}

type Load<Value> = { marked: boolean; answer: Promise<Value | undefined> }

/**
 * Remembers what `load` finds, and never what a change made untrue while it was being loaded: a
 * change marks the load in flight and detaches it, so that whoever asks from then on starts a new
 * one. A marked load answers those who wait for it after one fresh read, and is not remembered.
 */
export function readThrough<Key, Value extends object>(
  options: Options<Key, Value>,
): ReadThrough<Key, Value> {
  const present = lru<Key, Value>(options.entriesMax)
  const absent = lru<Key, true>(options.absentMax)
  const loads = new Map<Key, Load<Value>>()

  const loadOnce = async (key: Key): Promise<Value | undefined> => {
    const running = loads.get(key)
    if (running !== undefined) return running.answer
    const load: Load<Value> = { marked: false, answer: Promise.resolve(undefined) }
    load.answer = answerOf(key, load)
    loads.set(key, load)
    return load.answer
  }
  const answerOf = async (key: Key, load: Load<Value>): Promise<Value | undefined> => {
    try {
      const value = await options.load(key)
      if (load.marked) return await options.load(key)
      return remember(key, value)
    } finally {
      if (loads.get(key) === load) loads.delete(key)
    }
  }
  const remember = (key: Key, value: Value | undefined): Value | undefined => {
    if (value === undefined) {
      present.delete(key)
      absent.set(key, true)
      return undefined
    }
    absent.delete(key)
    const known = present.get(key)
    if (known !== undefined && options.isSame?.(known, value) === true) return known
    present.set(key, value)
    return value
  }
  const mark = (key: Key, load: Load<Value>): void => {
    load.marked = true
    loads.delete(key)
  }
  const markAll = (): void => loads.forEach((load, key) => mark(key, load))

  return {
    get: async (key) => {
      const known = present.get(key)
      if (known !== undefined) return known
      if (absent.get(key) === true && options.isFresh()) return undefined
      return loadOnce(key)
    },
    getAnew: async (key) => {
      // A load that is under way may have begun before whatever the caller wants to see.
      await loads.get(key)?.answer.catch(() => undefined)
      return loadOnce(key)
    },
    isCurrent: (key, value) => present.get(key) === value,
    evict: (key) => {
      present.delete(key)
      absent.delete(key)
      const load = loads.get(key)
      if (load !== undefined) mark(key, load)
    },
    markAll,
    clear: () => {
      present.clear()
      absent.clear()
      markAll()
    },
  }
}

import type { RememberedVitals } from '../ports/vitals.ts'
import { lru } from './lru.ts'

/** One kind of thing as a process remembers it: loaded when first asked for, forgotten on a change. */
export type ReadThrough<Key, Value> = {
  /** What is remembered, without a load. */
  readonly peek: (key: Key) => Value | undefined
  readonly get: (key: Key) => Promise<Value | undefined>
  /** Loads even if the key is remembered, and remembers what it finds. */
  readonly getAnew: (key: Key) => Promise<Value | undefined>
  readonly isCurrent: (key: Key, value: Value) => boolean
  /** A change of this key: what is remembered and what is being loaded is from before it. */
  readonly evict: (key: Key) => void
  /** The same for every value that is so, and for every load in flight, which may find one. */
  readonly evictWhere: (isSo: (value: Value) => boolean) => void
  /** A change that could concern any load in flight. */
  readonly markAll: () => void
  /** Nothing that is remembered or being loaded can be relied upon. */
  readonly clear: () => void
  readonly vitals: () => RememberedVitals
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

/** A load under way; marked by a change that arrives before its answer. */
type Load<Value> = { marked: boolean; answer: Promise<Value | undefined> }

/**
 * Remembers what `load` finds, and never what a change made untrue while it was being loaded: a
 * change marks the load in flight and detaches it, so that whoever asks from then on starts a new
 * one. A marked load answers those who wait for it after one fresh read, and is not remembered.
 */
export function readThrough<Key, Value extends object>(
  options: Options<Key, Value>,
): ReadThrough<Key, Value> {
  const entries = known(options)
  const { loads, mark, markAll } = inFlight<Key, Value>()

  const answerOf = async (key: Key, load: Load<Value>): Promise<Value | undefined> => {
    try {
      const value = await entries.load(key)
      if (load.marked) return await entries.load(key)
      return entries.set(key, value)
    } finally {
      if (loads.get(key) === load) loads.delete(key)
    }
  }
  const loadOnce = async (key: Key): Promise<Value | undefined> => {
    const running = loads.get(key)
    if (running !== undefined) return running.answer
    const load: Load<Value> = { marked: false, answer: Promise.resolve(undefined) }
    loads.set(key, load)
    load.answer = answerOf(key, load)
    return load.answer
  }
  return {
    peek: entries.peek,
    get: async (key) => {
      const value = entries.get(key)
      return value === 'not known' ? loadOnce(key) : value
    },
    getAnew: async (key) => {
      // A load that is under way may have begun before whatever the caller wants to see.
      await loads.get(key)?.answer.catch(() => undefined)
      return loadOnce(key)
    },
    isCurrent: (key, value) => entries.holds(key, value),
    evict: (key) => {
      entries.forget(key)
      mark(key)
    },
    evictWhere: (isSo) => {
      entries.forgetWhere(isSo)
      markAll()
    },
    markAll,
    clear: () => {
      entries.clear()
      markAll()
    },
    vitals: entries.vitals,
  }
}

function inFlight<Key, Value>() {
  const loads = new Map<Key, Load<Value>>()
  const mark = (key: Key): void => {
    const load = loads.get(key)
    if (load !== undefined) load.marked = true
    loads.delete(key)
  }
  return { loads, mark, markAll: (): void => [...loads.keys()].forEach(mark) }
}

/** What is known: that a key has this value, that it does not exist, or nothing. */
function known<Key, Value extends object>(options: Options<Key, Value>) {
  const present = lru<Key, Value>(options.entriesMax)
  const absent = lru<Key, true>(options.absentMax)
  let hitCount = 0
  let missCount = 0
  const peek = (key: Key): Value | undefined => {
    const value = present.get(key)
    if (value !== undefined) hitCount += 1
    return value
  }
  return {
    load: async (key: Key): Promise<Value | undefined> => {
      missCount += 1
      return options.load(key)
    },
    peek,
    holds: (key: Key, value: Value): boolean => present.get(key) === value,
    get: (key: Key): Value | undefined | 'not known' => {
      const value = peek(key)
      if (value !== undefined) return value
      return absent.get(key) === true && options.isFresh() ? undefined : 'not known'
    },
    /** Returns the value to hand out: what was remembered already, if it is the same. */
    set: (key: Key, found: Value | undefined): Value | undefined => {
      const before = present.get(key)
      if (found === undefined) {
        present.delete(key)
        absent.set(key, true)
        return undefined
      }
      absent.delete(key)
      if (before !== undefined && options.isSame?.(before, found) === true) return before
      present.set(key, found)
      return found
    },
    forget: (key: Key): void => {
      present.delete(key)
      absent.delete(key)
    },
    forgetWhere: present.deleteWhere,
    clear: (): void => [present, absent].forEach((some) => some.clear()),
    vitals: (): RememberedVitals => ({
      entries: present.size(),
      entriesMax: options.entriesMax,
      hitCount,
      missCount,
      evictionCount: present.evictionCount(),
    }),
  }
}

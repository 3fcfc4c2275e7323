const everyMilliseconds = 1000
const keysMax = 100

/**
 * Lets one thing of a kind through each second, and says how many of that kind were kept back since
 * the one before; `undefined` for those that are kept back.
 */
export function nowAndThen(now: () => number): (key: string) => number | undefined {
  const told = new Map<string, { at: number; keptBack: number }>()
  return (key) => {
    const known = told.get(key)
    if (known !== undefined && now() - known.at < everyMilliseconds) {
      known.keptBack += 1
      return undefined
    }
    // Only a few kinds are known at a time; what is forgotten is told anew.
    if (told.size >= keysMax) told.clear()
    told.set(key, { at: now(), keptBack: 0 })
    return known?.keptBack ?? 0
  }
}

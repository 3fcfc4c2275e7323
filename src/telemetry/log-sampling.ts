const everyMilliseconds = 1000
const keysMax = 100

/**
 * Lets a few things of a kind through each second, and says how many of that kind were kept back
 * since the one before; `undefined` for those that are kept back.
 */
export function logSampling(now: () => number, perSecond = 1): (key: string) => number | undefined {
  const told = new Map<string, { at: number; letThrough: number; keptBack: number }>()
  return (key) => {
    const known = told.get(key)
    if (known !== undefined && now() - known.at < everyMilliseconds) {
      if (known.letThrough === perSecond) {
        known.keptBack += 1
        return undefined
      }
      known.letThrough += 1
      return 0
    }
    // Only a few kinds are known at a time; what is forgotten is told anew.
    if (told.size >= keysMax) told.clear()
    told.set(key, { at: now(), letThrough: 1, keptBack: 0 })
    return known?.keptBack ?? 0
  }
}

import type { Milliseconds } from '../domain/time.ts'

/** How late this process is. */
export type Overload = {
  /** Whether this request is one too many. Asked for every request, when it arrives. */
  readonly mustShed: () => boolean
}

type Needs = {
  /** A clock that only goes forward. */
  readonly now: () => Milliseconds
  /** Calls back once all that had arrived before this turn of the event loop has been seen to. */
  readonly atTurnEnd: (callback: () => void) => void
}

const turnAgeMaxMilliseconds = 20
const turnAgeMinMilliseconds = 2
const patienceMilliseconds = 100
const requestsPerTurnMin = 100
// Node's event loop takes up to 1024 events at a time, and if there were as many looks for more
// without ending its turn. So what comes after them may have arrived just now, and is served again,
// but each time for half as long: as much had arrived, so there is more to be sent away.
const requestsPerTurnMax = 1024

/**
 * Load shows in the age of a turn of the event loop. All requests that are there when a turn begins
 * are answered in it one after the other, so the age is what the next one has waited at least. (How
 * many requests are under way says nothing: they queue in their sockets, and one is under way at a
 * time.) One long turn is not overload; turn after turn that grows too old is. Nor is a turn that is
 * old after few requests: then the process is slow, or kept from its core by others, and whoever is
 * sent away comes back to the same few.
 */
export function overload({ now, atTurnEnd }: Needs): Overload {
  let turnBegan: number | undefined
  let turnEnded = -Infinity
  let lateSince: number | undefined
  let isLate = false
  let requests = 0
  let ageMax = turnAgeMaxMilliseconds
  let requestsMin = requestsPerTurnMin

  const endTurn = () => {
    turnBegan = undefined
    requests = 0
    turnEnded = now()
    if (!isLate) lateSince = undefined
    isLate = false
  }
  const beginTurn = (at: number): number => {
    ageMax = turnAgeMaxMilliseconds
    requestsMin = requestsPerTurnMin
    if (at - turnEnded > turnAgeMaxMilliseconds) lateSince = undefined
    atTurnEnd(endTurn)
    return at
  }
  const goOn = (at: number): void => {
    turnBegan = at
    requests = 0
    ageMax = Math.max(turnAgeMinMilliseconds, ageMax / 2)
    requestsMin = 0
  }

  return {
    mustShed: () => {
      const at = now()
      if (requests === requestsPerTurnMax) goOn(at)
      turnBegan ??= beginTurn(at)
      requests += 1
      if (requests <= requestsMin || at - turnBegan <= ageMax) return false
      isLate = true
      lateSince ??= at
      return at - lateSince >= patienceMilliseconds
    },
  }
}

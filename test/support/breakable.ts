import { Unavailable } from '../../src/domain/fault.ts'
import { seconds } from '../../src/domain/time.ts'
import type { Database } from '../../src/storage/database.ts'

function door<Door>(one: Door, isAway: boolean): Door {
  if (isAway) throw new Unavailable('taken away', seconds(2))
  return one
}

/** A database that can be taken away: what the token plane and the tail ask it then fails. */
export function breakable(db: Database) {
  let away: 'nothing' | 'reads' | 'all' = 'nothing'
  return {
    take: () => void (away = 'all'),
    takeReads: () => void (away = 'reads'),
    giveBack: () => void (away = 'nothing'),
    db: {
      ...db,
      get reads() {
        return door(db.reads, away !== 'nothing')
      },
      get tail() {
        return door(db.tail, away === 'all')
      },
    } satisfies Database,
  }
}

/** A database that cannot be written to: the door of management is gone. */
export function withoutManagement(db: Database): Database {
  return {
    ...db,
    get management(): never {
      throw new Error('away')
    },
  }
}

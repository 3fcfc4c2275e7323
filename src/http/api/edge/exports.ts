import type { OrganizationId } from '../../../domain/id.ts'
import { parseId } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import { seconds } from '../../../domain/time.ts'
import type { EdgeRefusal } from './edge-refusal.ts'
import type { Lines } from './lines.ts'
import { begun } from './lines.ts'

/** Whose audit trail is exported. */
type Exported = OrganizationId | 'server'

/** Open at a time in a process, for each chain: whoever opens more takes the turns of others. */
export const exportsOpenMax = 4
/** Whoever reads nothing for so long is cut off. */
const exportsRetryAfter = seconds(10)

/** The exports that are open in this process. */
export type Exports = {
  /** Takes a place; returns what gives it back, or nothing if there is none. */
  readonly open: (whose: Exported) => (() => void) | undefined
}

export function openExports(): Exports {
  const counts = new Map<Exported, number>()
  return {
    open: (whose) => {
      const count = counts.get(whose) ?? 0
      if (count >= exportsOpenMax) return undefined
      counts.set(whose, count + 1)
      let isOpen = true
      return () => {
        if (!isOpen) return
        isOpen = false
        const left = (counts.get(whose) ?? 0) - 1
        if (left > 0) counts.set(whose, left)
        else counts.delete(whose)
      }
    },
  }
}

/** Begins to read the lines of a chain, if not too many are being read. */
export async function openExport(
  exports: Exports,
  given: Readonly<Record<string, string>>,
  read: () => Lines,
): Promise<Result<Lines, EdgeRefusal>> {
  const release = exports.open(parseId('organization', given['organization_id'] ?? '') ?? 'server')
  if (release === undefined) {
    const told = { max: exportsOpenMax, retryAfter: exportsRetryAfter }
    return refuse({ reason: 'exports_too_many', ...told })
  }
  return accept(await begun(releasing(read(), release)))
}

/** The same lines; `release` is called once they have ended or failed, or are given up. */
function releasing(lines: Lines, release: () => void): Lines {
  return {
    next: async () => {
      try {
        const step = await lines.next()
        if (step.done === true) release()
        return step
      } catch (fault) {
        release()
        throw fault
      }
    },
    return: async () => {
      try {
        return await lines.return()
      } finally {
        release()
      }
    },
  }
}

import type { NumericDate } from '../domain/time.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import { findLastChange, setNewEpoch } from '../storage/changes.ts'
import type { Act } from '../storage/tx.ts'
import type { OperatorRefusal } from './permitted.ts'
import { asOperator } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** When the last change was made that the database knows; `undefined` if there was none. */
export async function lastChangeAt({ db }: Needs): Promise<NumericDate | undefined> {
  return (await findLastChange(db))?.at
}

export type Epoch = { readonly epoch: string; readonly before: string }

/**
 * Gives the change log a new epoch, after a backup was restored: what the log told until then, and
 * what was remembered of it anywhere, counts no more. An act of operators.
 */
export async function recoverChangeLog(
  { db }: Needs,
  act: Act,
): Promise<Result<Epoch, OperatorRefusal>> {
  return asOperator(db, 'server', act, async (tx) => {
    const value = await setNewEpoch(tx)
    const { epoch, before } = value
    return accept({
      value,
      audit: [
        {
          kind: 'change_log.recovered',
          target: { type: 'change_log', id: epoch },
          before: { epoch: before },
          after: { epoch },
        },
      ],
      changes: [{ kind: 'server', organization: undefined, subject: epoch }],
    })
  })
}

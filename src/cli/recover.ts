import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import { lastChangeAt, recoverChangeLog } from '../management/change-log.ts'
import type { CommandHouse } from './command-house.ts'
import { openCommandHouse } from './command-house.ts'
import { confirmation } from './confirm.ts'
import type { Io } from './io.ts'
import { operatorAct } from './operator.ts'
import type { ProgramOutcome } from './program.ts'
import type { CommandRefusal } from './refusal-text.ts'

type Wishes = { readonly yes: boolean; readonly json: boolean }

type Recovered = { readonly epoch: string; readonly last: NumericDate | undefined }

/** `countersign recover`: what an operator does after a backup of the database was restored. */
export async function recover({ yes, json }: Wishes, io: Io): ProgramOutcome {
  const opened = await openCommandHouse(io)
  if (!opened.ok) return opened
  const house = opened.value
  try {
    const outcome = await recovered(house, io, yes)
    if (!outcome.ok) return outcome
    const { epoch, last } = outcome.value
    io.stdout.write(
      json
        ? `${JSON.stringify({ epoch, last_change_at: last === undefined ? null : isoText(last) })}\n`
        : `${lastText(last)}\nThe change log has the new epoch ${epoch}. Every process starts over with an empty memory.\n`,
    )
    return accept(undefined)
  } finally {
    await house.close()
  }
}

async function recovered(
  house: CommandHouse,
  io: Io,
  yes: boolean,
): Promise<Result<Recovered, CommandRefusal>> {
  const last = await lastChangeAt(house)
  const confirmed = await confirmation(
    io,
    yes,
  )(
    `${lastText(last)} What was disabled, removed or revoked after that is in force again: do it anew. The change log gets a new epoch, which nobody who follows it can take for the old one.`,
  )
  if (!confirmed.ok) return confirmed
  const outcome = await recoverChangeLog(house, operatorAct(house))
  return outcome.ok ? accept({ epoch: outcome.value.epoch, last }) : outcome
}

function lastText(last: NumericDate | undefined): string {
  return `The last change that this database knows is of ${last === undefined ? 'no time: there was none' : isoText(last)}.`
}

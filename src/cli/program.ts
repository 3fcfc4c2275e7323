import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { readGiven } from './given.ts'
import type { Inputs, Values } from './inputs.ts'
import { readInputs } from './inputs.ts'
import type { Io } from './io.ts'
import type { CommandRefusal } from './refusal-text.ts'

/** A program writes its answer itself: it may have to say much before it ends. */
export type ProgramOutcome = Promise<Result<undefined, CommandRefusal>>

type Described = {
  readonly name: string
  readonly summary: string
  readonly notes: readonly string[]
}

/** A command that stands alone, such as `serve`. */
export type Program = Described & {
  readonly options: Inputs
  /** Reads what was given; what comes back does it. */
  readonly bind: (
    args: readonly string[],
    now: NumericDate,
  ) => Result<(io: Io) => ProgramOutcome, CommandRefusal>
}

export function program<Options extends Inputs>({
  run,
  ...spec
}: Described & {
  readonly options: Options
  readonly run: (given: Values<Options>, io: Io) => ProgramOutcome
}): Program {
  return {
    ...spec,
    bind: (args, now) => {
      const sorted = readGiven(args, {}, spec.options)
      const read = sorted.ok ? readInputs(spec.options, sorted.value.option, now) : sorted
      return read.ok
        ? accept(async (io: Io) => run(read.value, io))
        : refuse({ reason: 'usage_wrong', problems: read.refusal })
    },
  }
}

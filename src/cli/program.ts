import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { World } from './desks.ts'
import type { Given } from './given.ts'
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
  /** Whether it is for those who are not beside the database. */
  readonly afar?: true
  /** Lines of its help, without the name of the program. */
  readonly examples?: readonly string[]
  /** What the environment can say, with defaults, where its help lists that. */
  readonly settings?: readonly (readonly [string, string])[]
}

/** A command that stands alone, such as `serve`. */
export type Program = Described & {
  readonly arguments: Inputs
  readonly options: Inputs
  /** Reads what was given; what comes back does it. */
  readonly bind: (
    args: readonly string[],
    now: NumericDate,
  ) => Result<(io: Io, world: World) => ProgramOutcome, CommandRefusal>
}

type Spec<Arguments extends Inputs, Options extends Inputs> = Described & {
  readonly arguments: Arguments
  readonly options: Options
  readonly run: (given: Values<Arguments> & Values<Options>, io: Io, world: World) => ProgramOutcome
}

export function program<Arguments extends Inputs, Options extends Inputs>({
  run,
  ...spec
}: Spec<Arguments, Options>): Program {
  return {
    ...spec,
    bind: (args, now) => {
      const sorted = readGiven(args, spec.arguments, spec.options)
      const read = sorted.ok ? readBoth(spec, sorted.value, now) : sorted
      return read.ok
        ? accept(async (io: Io, world: World) => run(read.value, io, world))
        : refuse({
            reason: 'usage_wrong',
            problems: [...read.refusal, ...meantSettings(args, spec.settings ?? [])],
          })
    },
  }
}

function readBoth<Arguments extends Inputs, Options extends Inputs>(
  spec: Pick<Spec<Arguments, Options>, 'arguments' | 'options'>,
  { argument, option }: Given,
  now: NumericDate,
): Result<Values<Arguments> & Values<Options>, readonly string[]> {
  const taken = readInputs(spec.arguments, argument, now)
  const chosen = readInputs(spec.options, option, now)
  if (taken.ok && chosen.ok) return accept({ ...taken.value, ...chosen.value })
  return refuse([taken, chosen].flatMap((part) => (part.ok ? [] : part.refusal)))
}

/** Hints at the environment where a setting was given as an option. */
function meantSettings(
  args: readonly string[],
  settings: readonly (readonly [string, string])[],
): readonly string[] {
  const words = new Set(args.map((arg) => arg.replace(/=.*/s, '')))
  return settings
    .filter(([name]) => words.has(`--${name.toLowerCase().replaceAll('_', '-')}`))
    .map(([name]) => `${name} is a setting: give it in the environment`)
}

import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Act } from '../storage/tx.ts'
import type { ApiClient } from './api-client.ts'
import type { CommandHouse } from './command-house.ts'
import { reference } from './fields.ts'
import type { Inputs, Values } from './inputs.ts'
import { flag, optional, readInputs } from './inputs.ts'
import type { ExitCode } from './io.ts'
import type { PlaceWishes } from './place.ts'
import { placeInputs } from './place.ts'
import { findOrganization } from './find.ts'
import type { CommandRefusal } from './refusal-text.ts'
import type { ReadText } from './text-file.ts'
import type { Given } from './given.ts'
import { readGiven } from './given.ts'

/** What a command has to say: to scripts and to people. */
export type Output = {
  /** For scripts, as JSON; `undefined` of what was printed already. */
  readonly document: unknown
  readonly text: string
  /** 0, unless what it found is bad. */
  readonly exitCode?: ExitCode
}

export type Outcome = Promise<Result<Output, CommandRefusal>>

type Manners = {
  /** Asks before something that cannot be undone, or stops much, stating what it does. */
  readonly confirm: (consequence: string) => Promise<Result<undefined, CommandRefusal>>
  /** Writes what is too much to be kept until the end. */
  readonly print: (text: string) => void
  readonly readText: ReadText
}

/** What a command on the nouns works with. */
export type Desk = Manners & { readonly api: ApiClient; readonly now: NumericDate }

/** The same inside one organization. */
export type OrganizationDesk = Desk & {
  readonly organization: string
  /** The path of what is inside it. */
  readonly inside: (...path: readonly string[]) => readonly string[]
}

/** What a command works with that nobody can give from afar: the database itself. */
export type HouseDesk = Manners & { readonly house: CommandHouse; readonly act: Act }

/** One verb of one noun. */
export type Command = {
  readonly verb: string
  readonly summary: string
  readonly notes: readonly string[]
  readonly examples: readonly string[]
  readonly arguments: Inputs
  readonly options: Inputs
  /** Reads what was given; what comes back does it. */
  readonly bind: (args: readonly string[], now: NumericDate) => Result<Bound, CommandRefusal>
}

export type Bound = {
  readonly json: boolean
  readonly yes: boolean
  readonly work: Work
}

/** What a command does, once it has what it needs for that. */
export type Work =
  | { readonly needs: 'nothing'; readonly run: () => Outcome }
  | { readonly needs: 'api'; readonly at: PlaceWishes; readonly run: (desk: Desk) => Outcome }
  | {
      readonly needs: 'database'
      /** By which it was said that it should work at a server, if it was. */
      readonly wished: string | undefined
      readonly run: (desk: HouseDesk) => Outcome
    }

type Spec<Arguments extends Inputs, Options extends Inputs, At> = {
  readonly verb: string
  readonly summary: string
  /** Paragraphs of its help. */
  readonly notes?: readonly string[]
  /** Lines of its help, without the name of the program. */
  readonly examples?: readonly string[]
  readonly arguments: Arguments
  readonly options: Options
  /** Options of which one has to be given, because it does nothing without. */
  readonly changes?: readonly (keyof Options & string)[]
  /** Whether it asks for confirmation, and so takes `--yes`. */
  readonly asksFirst?: true
  readonly run: (desk: At, given: Values<Arguments> & Values<Options>) => Outcome
}

const manners = {
  json: flag('Answer with one JSON document'),
  yes: flag('Do it without asking'),
}
/** By which a command says which organization it means. */
export const inOrganization = {
  organization: optional(
    reference('organization'),
    'Its name or id; not needed if there is only one',
  ),
}

/** A command that needs nothing but this machine. */
export function localCommand<Arguments extends Inputs, Options extends Inputs>({
  run,
  ...spec
}: Omit<Spec<Arguments, Options, undefined>, 'run'> & {
  readonly run: (given: Values<Arguments> & Values<Options>) => Outcome
}): Command {
  return assembled(spec, {}, (values) => ({ needs: 'nothing', run: async () => run(values) }))
}

/**
 * A command on what all tenants share, which only whoever is beside the database can do. Whoever says
 * another place is told why not; help does not offer one.
 */
export function houseCommand<Arguments extends Inputs, Options extends Inputs>(
  spec: Spec<Arguments, Options, HouseDesk>,
): Command {
  const { options, ...rest } = assembled(spec, placeInputs, (values, { profile, remote }) => ({
    needs: 'database',
    wished: profile === undefined ? (remote ? '--remote' : undefined) : '--profile',
    run: async (desk) => spec.run(desk, values),
  }))
  const offered = Object.entries(options).filter(([key]) => !Object.hasOwn(placeInputs, key))
  return { ...rest, options: Object.fromEntries(offered) }
}

/** A command on what all tenants share. */
export function serverCommand<Arguments extends Inputs, Options extends Inputs>(
  spec: Spec<Arguments, Options, Desk>,
): Command {
  return assembled(spec, placeInputs, (values, at) => ({
    needs: 'api',
    at,
    run: async (desk) => spec.run(desk, values),
  }))
}

/** A command inside one organization. */
export function command<Arguments extends Inputs, Options extends Inputs>(
  spec: Spec<Arguments, Options, OrganizationDesk>,
): Command {
  const place = { ...inOrganization, ...placeInputs }
  return assembled(spec, place, (values, { organization: text, ...at }) => ({
    needs: 'api',
    at,
    run: async (desk) => {
      const found = await findOrganization(desk.api, text)
      if (!found.ok) return found
      const organization = found.value.id
      const inside = (...path: readonly string[]) => ['organizations', organization, ...path]
      return spec.run({ ...desk, organization, inside }, values)
    },
  }))
}

function assembled<Arguments extends Inputs, Options extends Inputs, Place extends Inputs>(
  spec: Omit<Spec<Arguments, Options, never>, 'run'>,
  place: Place,
  workOf: (values: Values<Arguments> & Values<Options>, placed: Values<Place>) => Work,
): Command {
  const { verb, summary, notes = [], examples = [], asksFirst = false, changes = [] } = spec
  const { yes, ...others } = manners
  const shown = { ...spec.options, ...place, ...others, ...(asksFirst ? { yes } : {}) }
  return {
    verb,
    summary,
    notes,
    examples,
    arguments: spec.arguments,
    options: shown,
    bind: (args, now) => {
      const sorted = readGiven(args, spec.arguments, shown)
      if (!sorted.ok) return usageWrong(sorted.refusal)
      const { argument, option } = sorted.value
      const taken = readInputs(spec.arguments, argument, now)
      const chosen = readInputs(spec.options, option, now)
      const placed = readInputs(place, option, now)
      const manner = readInputs(manners, option, now)
      const doing = changeGiven(changes, option)
      if (taken.ok && chosen.ok && placed.ok && manner.ok && doing.ok) {
        const work = workOf({ ...taken.value, ...chosen.value }, placed.value)
        return accept({ ...manner.value, work })
      }
      const parts = [taken, chosen, placed, manner, doing]
      return usageWrong(parts.flatMap((part) => (part.ok ? [] : part.refusal)))
    },
  }
}

function changeGiven(
  changes: readonly string[],
  option: Given['option'],
): Result<undefined, readonly string[]> {
  const all = changes.map(option)
  if (all.length === 0 || all.some(({ texts }) => texts.length > 0)) return accept(undefined)
  return refuse([`say what to change: ${all.map(({ label }) => label).join(', ')}`])
}

function usageWrong(problems: readonly string[]) {
  return refuse({ reason: 'usage_wrong', problems })
}

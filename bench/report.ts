import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Figures, Spread } from './measure.ts'
import { spreadOf } from './measure.ts'
import type { Player } from './round.ts'

type Findings = {
  /** Countersign first, then the ceiling, then others. */
  readonly players: readonly Player[]
  readonly machine: Readonly<
    Record<'cpu' | 'cores' | 'node' | 'kernel' | 'database' | 'date', string | number>
  >
  /** Requests a second that the load generator can drive. */
  readonly loadReach: number
  /** To all tables, by all that Countersign issued. */
  readonly rowsAdded: number
  readonly milliseconds: number
}

/** The findings as Markdown. Ratios are taken within each round, and then their median. */
export function reportText(findings: Findings): string {
  const { players, machine, loadReach, rowsAdded, milliseconds } = findings
  const { cpu, cores, node, kernel, database, date } = machine
  const [ours, ceiling] = players
  if (ours === undefined || ceiling === undefined) throw new Error('nothing to compare with')
  const others = players.filter((player) => player !== ceiling)
  return [
    `${date} on ${cpu}, ${cores} cores, ${kernel}, Node ${node}, ${database}; ` +
      `${ours.rounds.length} rounds of ${milliseconds / 1000} s each at saturation and at 200/s. ` +
      'Median (least to most).',
    '',
    '| server | tokens/s | CPU ms per token | p50 ms at 200/s | p99 ms at 200/s | memory MiB |',
    '| --- | --- | --- | --- | --- | --- |',
    ...players.map((player) => absoluteRow(player)),
    '',
    'The same, divided by what the ceiling did in the same round:',
    '',
    '| server | tokens/s | CPU per token | p50 at 200/s | p99 at 200/s |',
    '| --- | --- | --- | --- | --- |',
    ...others.map((player) => ratioRow(player, ceiling)),
    '',
    `At saturation a server was ready and waited for its core ${waitedText(players)} of the time. ` +
      'Much above 5 %, the machine had other things to do, and the rates say little.',
    '',
    `Rows added to all tables by ${ours.issued} tokens of Countersign: **${rowsAdded}**. ` +
      `The load generator alone reaches ${loadReach.toFixed(0)} requests/s.`,
  ].join('\n')
}

const absolutes: readonly (readonly [keyof Figures, number])[] = [
  ['tokensPerSecond', 0],
  ['cpuPerToken', 3],
  ['p50', 2],
  ['p99', 2],
  ['memory', 0],
]

function absoluteRow({ contestant, rounds }: Player): string {
  const cells = absolutes.map(([key, digits]) =>
    spreadText(spreadOf(rounds.map((figures) => figures[key])), digits),
  )
  return `| ${[contestant.name, ...cells].join(' | ')} |`
}

const ratios = ['tokensPerSecond', 'cpuPerToken', 'p50', 'p99'] as const

function ratioRow({ contestant, rounds }: Player, ceiling: Player): string {
  const cells = ratios.map((key) => {
    const quotients = rounds.map((each, round) => each[key] / (ceiling.rounds[round]?.[key] ?? 0))
    return spreadText(spreadOf(quotients), 2)
  })
  return `| ${[contestant.name, ...cells].join(' | ')} |`
}

function waitedText(players: readonly Player[]): string {
  const { median } = spreadOf(players.flatMap(({ rounds }) => rounds.map(({ waited }) => waited)))
  return `${(median * 100).toFixed(0)} %`
}

function spreadText({ median, least, most }: Spread, digits: number): string {
  const figure = (value: number) => value.toFixed(digits)
  return `**${figure(median)}** (${figure(least)} to ${figure(most)})`
}

const page = join(import.meta.dirname, '../docs/performance.md')
const between = /(<!-- bench -->\n)[\s\S]*(\n<!-- \/bench -->)/

/** Puts the findings into the documentation, in place of those before. */
export async function writeReport(text: string): Promise<void> {
  const document = await readFile(page, 'utf8')
  if (!between.test(document)) throw new Error(`${page} has no place for the findings`)
  await writeFile(
    page,
    document.replace(between, (_, start, end) => `${start}\n${text}\n${end}`),
  )
}

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spread } from './measure.ts'
import { spreadOf } from './measure.ts'

/** What a scene found out. */
export type Section = {
  readonly name: string
  readonly title: string
  /** How often and for how long. */
  readonly how: string
  /** Tables and notes, as Markdown. */
  readonly lines: readonly string[]
  readonly reaches: readonly Reach[]
  /** The parts of the time in which the servers were ready and had no core. */
  readonly waited: readonly number[]
}

/** A figure, and what it should be. */
export type Reach = {
  readonly what: string
  readonly measured: Spread
  readonly digits: number
} & ({ readonly atLeast: number } | { readonly atMost: number })

/** A scene as Markdown: where and how, its tables, and what was reached. */
export function sectionText({ how, lines, reaches, waited }: Section, machine: string): string {
  return [
    `${machine}; ${how}. Median (least to most).`,
    '',
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    ...table(['what', 'measured', 'reach', 'met'], reaches.map(reachRow)),
    ...(waited.length > 0 ? ['', waitedText(waited)] : []),
  ].join('\n')
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

export function spreadText({ median, least, most }: Spread, digits: number): string {
  const figure = (value: number) => value.toFixed(digits)
  const range = least === most ? '' : ` (${figure(least)} to ${figure(most)})`
  return `**${figure(median)}**${range}`
}

/** What is compared is what is shown: a figure that reads 0.90 has reached 0.90. */
export function isMet(reach: Reach): boolean {
  const shown = Number(reach.measured.median.toFixed(reach.digits))
  return 'atLeast' in reach ? shown >= reach.atLeast : shown <= reach.atMost
}

function reachRow(reach: Reach): readonly string[] {
  const bound = 'atLeast' in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`
  const met = isMet(reach) ? 'yes' : '**no**'
  return [reach.what, spreadText(reach.measured, reach.digits), bound, met]
}

function waitedText(waited: readonly number[]): string {
  const part = (spreadOf(waited).median * 100).toFixed(0)
  return `Disturbance: the servers were ready and waited for their core ${part} % of the time.`
}

const page = join(import.meta.dirname, '../docs/performance.md')

/** Puts a scene into the documentation, in place of what it found before. */
export async function writeSection(name: string, text: string): Promise<void> {
  await writeFile(page, withSection(await readFile(page, 'utf8'), name, text))
}

export function withSection(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- bench: ${name} -->`, `<!-- /bench: ${name} -->`]
  const [from, to] = [document.indexOf(start), document.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${page} has no place for the scene ${name}`)
  return `${document.slice(0, from + start.length)}\n\n${text}\n\n${document.slice(to)}`
}

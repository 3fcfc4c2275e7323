// How things look on a terminal. Columns are padded with spaces and nothing is cut off: an id that is
// not whole is worth nothing.

const gap = '  '

/** A table with a head, or one word if there is nothing to show. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${gap}none\n`
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))))
  return all.map((row) => line(row, widths)).join('')
}

/** Facts of one thing, a line each; those without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const known = pairs.filter((pair) => pair[1] !== undefined && pair[1] !== '')
  const widths = [Math.max(...known.map(([label]) => width(label)))]
  return known
    .map(([label, value = '']) => line([label, value.replaceAll('\n', `\n${gap}`)], widths))
    .join('')
}

/** Parts of an answer, each under its title. */
export function sections(parts: readonly (readonly [string, string])[]): string {
  return parts.map(([title, body]) => `\n${title}\n${body}`).join('')
}

/** An answer, under a headline if something was done. */
export function underHeadline(headline: string, text: string): string {
  return headline === '' ? text : `${headline}\n\n${text}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

// Line breaks are ours; all else that could move the cursor or turn the text around is not shown.
const unfit = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text that is safe on a terminal, whatever it was made from. */
export function safeText(text: string): string {
  return text.replaceAll(unfit, '\u{FFFD}')
}

/** JSON that is safe on a terminal and means the same. */
export function safeJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2).replaceAll(unfit, escaped)}\n`
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + ' '.repeat(missing(cell, widths[column])))
  return `${gap}${padded.join(gap).trimEnd()}\n`
}

function missing(cell: string, wanted = 0): number {
  return Math.max(0, wanted - width(cell))
}

function width(text: string): number {
  return Array.from(text).length
}

import { appendFileSync } from 'node:fs'
import type { Answer } from './load.ts'
import type { Suffered } from './fault.ts'

/** Tells what a fault did: a line for the reader, and one for the page if it is written. */
export function report(name: string, suffered: Suffered): void {
  const { answers, writes, beganAt, endedAt, toNormal, longest } = suffered
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged').length
  const cells = [
    name,
    `${((endedAt - beganAt) / 1000).toFixed(1)} s`,
    String(answers.length),
    statuses(answers, 'known'),
    statuses(answers, 'cold'),
    statuses(answers, 'wrong'),
    `${acknowledged} of ${writes.length}`,
    `${longest.toFixed(0)} ms`,
    `${toNormal.toFixed(0)} ms`,
  ]
  process.stderr.write(`${cells.join(' | ')}\n`)
  const file = process.env['FAULT_REPORT']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(cells)}\n`)
}

function statuses(answers: readonly Answer[], asker: Answer['asker']): string {
  const counts = new Map<number, number>()
  for (const answer of answers) {
    if (answer.asker === asker) counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status === 0 ? 'no answer' : status}`)
    .join(', ')
}

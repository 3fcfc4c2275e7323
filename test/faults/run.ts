import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createTemplate, postgresPrograms } from '../support/cluster.ts'

const page = join(import.meta.dirname, '../../docs/faults.md')
const between = /(<!-- faults -->\n)[\s\S]*(\n<!-- \/faults -->)/

const heads = [
  'fault',
  'lasted',
  'requests',
  'clients in memory',
  'clients not in memory',
  'wrong secrets',
  'writes acknowledged',
  'longest answer',
  'normal after',
]

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- merged into vitest's own
  export interface ProvidedContext {
    /** The folder of an empty cluster. */
    clusterTemplate: string
  }
}

/** Before all faults: what their clusters are copies of. After them: their figures, if wanted. */
export async function setup(project: TestProject): Promise<() => void> {
  const writeFigures = process.env['FAULTS_WRITE'] === undefined ? () => {} : collectFigures()
  const template = postgresPrograms === undefined ? '' : await createTemplate()
  project.provide('clusterTemplate', template)
  return () => {
    writeFigures()
    if (template !== '') rmSync(template, { recursive: true })
  }
}

/** With `FAULTS_WRITE` in the environment the figures of the run go into docs/faults.md. */
function collectFigures(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-faults-'))
  const file = join(folder, 'rows')
  writeFileSync(file, '')
  process.env['FAULT_REPORT'] = file
  return () => {
    const rows = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    rmSync(folder, { recursive: true })
    const lines = rows.map((row) => JSON.parse(row) as readonly string[])
    const table = [heads, heads.map(() => '---'), ...lines].map(
      (cells) => `| ${cells.join(' | ')} |`,
    )
    const text = `${machine()}\n\n${table.join('\n')}`
    const document = readFileSync(page, 'utf8')
    writeFileSync(
      page,
      document.replace(between, (_, start, end) => `${start}\n${text}\n${end}`),
    )
  }
}

function machine(): string {
  const [core] = cpus()
  const date = new Date().toISOString().slice(0, 10)
  return `${date} on ${core?.model.trim() ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}.`
}

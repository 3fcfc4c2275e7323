/** Writes the table of settings into README.md, as src/config.ts has them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable } from '../src/config.ts'

const readme = readFileSync('README.md', 'utf8')
const table = /^\| setting \|.*\n(?:\|.*\n)*/m
if (!table.test(readme)) throw new Error('README.md has no table of settings')
writeFileSync(
  'README.md',
  readme.replace(table, () => `${settingsTable()}\n`),
)

/**
 * Prints each rule of docs/conformance.md with the tests that show it. Fails if a rule that is
 * marked as tested has no test, or if a test names a rule that is not, or not yet, marked so.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

type Rule = {
  readonly number: number
  readonly text: string
  readonly from: string
  readonly state: string
}
type Test = { readonly file: string; readonly name: string; readonly shows: readonly number[] }

const root = join(import.meta.dirname, '..')
const row = /^\| (?<number>\d+) \| (?<text>.+) \| (?<from>.+) \| (?<state>.+) \|$/
const group = /^\s*describe\((?<quote>['"`])(?<name>.+)\k<quote>/
const numberedTest = /(?<quote>['"`])(?<name>.+) \[(?<numbers>\d+(?:, \d+)*)\]\k<quote>/

const rules = await readRules()
const tests = await readTests()
const complaints = complaintsAbout()
const tested = rules.filter(isTested).length
const report = [
  ...rules.flatMap(linesOf),
  '',
  `${rules.length} rules: ${tested} tested, ${rules.length - tested} wait for their feature`,
  ...complaints.map((complaint) => `! ${complaint}`),
]
process.stdout.write(`${report.join('\n')}\n`)
process.exitCode = complaints.length === 0 ? 0 : 1

function linesOf({ number, text, from, state }: Rule): readonly string[] {
  const showing = tests.filter(({ shows }) => shows.includes(number))
  return [
    `${String(number).padStart(3)}  ${text} (${from})`,
    ...(state === 'tested' ? [] : [`       ${state}`]),
    ...showing.map(({ file, name }) => `       ${file}: ${name}`),
  ]
}

function complaintsAbout(): readonly string[] {
  const shown = new Set(tests.flatMap(({ shows }) => shows))
  const marked = new Set(rules.filter(isTested).map(({ number }) => number))
  return [
    ...[...marked]
      .filter((number) => !shown.has(number))
      .map((number) => `rule ${number} is marked tested, and no test shows it`),
    ...[...shown]
      .filter((number) => !marked.has(number))
      .map((number) => `rule ${number} is shown by a test, and not marked tested`),
  ]
}

function isTested({ state }: Rule): boolean {
  return state === 'tested' || state.startsWith('tested;')
}

async function readRules(): Promise<readonly Rule[]> {
  const lines = (await readFile(join(root, 'docs/conformance.md'), 'utf8')).split('\n')
  return lines.flatMap((line) => {
    const { number = '', text = '', from = '', state = '' } = row.exec(line)?.groups ?? {}
    return number === '' ? [] : [{ number: Number(number), text, from, state }]
  })
}

async function readTests(): Promise<readonly Test[]> {
  const names = await readdir(join(root, 'test'), { recursive: true })
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name}`)
  const sorted = files.toSorted((a, b) => a.localeCompare(b))
  return (await Promise.all(sorted.map(async (file) => testsIn(file)))).flat()
}

async function testsIn(file: string): Promise<readonly Test[]> {
  let subject = ''
  return (await readFile(join(root, file), 'utf8')).split('\n').flatMap((line) => {
    subject = group.exec(line)?.groups?.['name'] ?? subject
    const { name = '', numbers = '' } = numberedTest.exec(line)?.groups ?? {}
    const shows = numbers.split(', ').map(Number)
    return name === '' ? [] : [{ file, name: `${subject} › ${name}`, shows }]
  })
}

import { readFile, readdir } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What the files of a floor may import, beside one another. */
type Floor = {
  /** Other floors, or single files of them. */
  readonly floors: readonly string[] | 'all'
  readonly packages: readonly string[]
  /** Whether `node:` modules may be imported. */
  readonly node?: true
  /** Imports are `import type`, and nothing is declared that would exist at run time. */
  readonly typesOnly?: true
}

/** The house, top to bottom. A file belongs to the floor with the longest name that it is under. */
const house: Readonly<Record<string, Floor>> = {
  main: { floors: 'all', packages: ['@hono/node-server'], node: true },
  house: { floors: 'all', packages: ['@hono/node-server'], node: true },
  cli: { floors: 'all', packages: ['@hono/node-server', 'zod'], node: true },
  'held-keys': { floors: ['memory', 'storage', 'crypto', 'ports', 'domain'], packages: [] },
  program: { floors: ['storage'], packages: [], node: true },
  http: {
    floors: ['http/oauth', 'http/api', 'http/console', 'ports', 'protocol', 'domain'],
    packages: ['hono'],
    node: true,
  },
  'http/oauth': {
    floors: ['http', 'token', 'ports', 'protocol', 'domain'],
    packages: ['hono'],
    node: true,
  },
  'http/api': {
    floors: ['http', 'management', 'ports', 'protocol', 'domain'],
    packages: ['hono', '@hono/zod-openapi', 'zod'],
    node: true,
  },
  'http/console': {
    floors: ['http', 'management', 'ports', 'protocol', 'domain'],
    packages: ['hono', '@hono/zod-openapi', 'zod'],
    node: true,
  },
  jobs: { floors: ['management', 'storage', 'ports', 'domain'], packages: [] },
  telemetry: {
    floors: ['storage/usage', 'ports', 'protocol', 'domain'],
    packages: ['pino', 'prom-client', '@opentelemetry/api'],
    node: true,
  },
  token: { floors: ['ports', 'protocol', 'domain'], packages: [] },
  management: { floors: ['storage', 'ports', 'protocol', 'domain'], packages: [] },
  memory: { floors: ['storage', 'ports', 'domain'], packages: [] },
  storage: {
    floors: ['ports', 'domain'],
    packages: ['kysely', 'pg', '@electric-sql/pglite'],
    node: true,
  },
  crypto: { floors: ['ports', 'protocol', 'domain'], packages: ['jose', 'argon2'], node: true },
  ports: { floors: ['protocol', 'domain'], packages: [], typesOnly: true },
  verifier: { floors: ['protocol', 'domain'], packages: ['jose'] },
  client: { floors: ['protocol', 'domain'], packages: ['jose'] },
  protocol: { floors: ['domain'], packages: [] },
  domain: { floors: [], packages: [] },
  config: { floors: ['protocol/network-address'], packages: ['zod'] },
}

describe('the source', () => {
  it('imports only downwards, and what its floor may use', async () => {
    expect(trespasses(await sourceFiles())).toEqual([])
  })

  it('has no circle of imports, not even of types', async () => {
    expect(circles(await sourceFiles())).toEqual([])
  })
})

describe('the rules of the house', () => {
  it.each<[string, Record<string, string>]>([
    [
      'domain/grant.ts -> ../storage/database.ts',
      {
        'domain/grant.ts': "import type { Database } from '../storage/database.ts'\n",
        'storage/database.ts': '',
      },
    ],
    [
      'http/oauth/token.ts -> ../console/layout.ts',
      {
        'http/oauth/token.ts': "import { layout } from '../console/layout.ts'\n",
        'http/console/layout.ts': '',
      },
    ],
    [
      'telemetry/log.ts -> ../storage/clients.ts',
      {
        'telemetry/log.ts': "export { find } from '../storage/clients.ts'\n",
        'storage/clients.ts': '',
      },
    ],
    [
      'token/issue-token.ts -> kysely',
      { 'token/issue-token.ts': "import { sql } from 'kysely'\n" },
    ],
    [
      'protocol/form.ts -> node:querystring',
      { 'protocol/form.ts': "import {\n  parse,\n} from 'node:querystring'\n" },
    ],
    ['domain/id.ts -> node:crypto', { 'domain/id.ts': "const c = await import('node:crypto')\n" }],
    ['domain/id.ts -> node:crypto', { 'domain/id.ts': "import 'node:crypto'\n" }],
    [
      'ports/clock.ts -> ../domain/time.ts is not a type import',
      { 'ports/clock.ts': "import { seconds } from '../domain/time.ts'\n", 'domain/time.ts': '' },
    ],
    ['ports/clock.ts declares a value', { 'ports/clock.ts': 'export const clock = 1\n' }],
    [
      'domain/grant.ts -> ./nowhere.ts',
      { 'domain/grant.ts': "import { nothing } from './nowhere.ts'\n" },
    ],
    ['utils/text.ts belongs to no floor', { 'utils/text.ts': '' }],
  ])('find %s', (line, files) => {
    expect(trespasses(new Map(Object.entries(files)))).toEqual([line])
  })

  it('let a floor use itself, what is below it, and parts of its packages', () => {
    const files = {
      'storage/clients.ts':
        "import { jsonArrayFrom } from 'kysely/helpers/postgres'\nimport { open } from './database.ts'\n",
      'storage/database.ts':
        "import { PGlite } from '@electric-sql/pglite/worker'\nimport type { Id } from '../domain/id.ts'\n",
      'storage/usage.ts': "import { open } from './database.ts'\n",
      'telemetry/counters.ts': "import { flush } from '../storage/usage.ts'\n",
      'domain/id.ts': "// not an import: from 'node:fs'\n",
      'ports/clock.ts': "import type { Id } from '../domain/id.ts'\nexport type Clock = Id\n",
      'house.ts':
        "import { open } from './storage/database.ts'\nimport { join } from 'node:path'\n",
    }
    expect(trespasses(new Map(Object.entries(files)))).toEqual([])
  })

  it('find a circle of types', () => {
    const files = {
      'domain/a.ts': "import type { B } from './b.ts'\n",
      'domain/b.ts': "import type { C } from './c.ts'\n",
      'domain/c.ts': "import type { A } from './a.ts'\n",
      'domain/d.ts': "import type { A } from './a.ts'\n",
    }
    expect(circles(new Map(Object.entries(files)))).toEqual([
      'domain/a.ts -> domain/b.ts -> domain/c.ts -> domain/a.ts',
    ])
  })
})

type Import = { readonly specifier: string; readonly typeOnly: boolean }

function trespasses(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([path, text]) => {
    const floor = house[floorOf(path) ?? '']
    if (floor === undefined) return [`${path} belongs to no floor`]

    const wrong = importsOf(text).flatMap(({ specifier, typeOnly }) => {
      if (!mayImport(floor, path, specifier, files)) return [`${path} -> ${specifier}`]
      const loads = floor.typesOnly === true && !typeOnly
      return loads ? [`${path} -> ${specifier} is not a type import`] : []
    })
    const declares = floor.typesOnly === true && declaration.test(text)
    return declares ? wrong.concat(`${path} declares a value`) : wrong
  })
}

function mayImport(
  floor: Floor,
  path: string,
  specifier: string,
  files: ReadonlyMap<string, string>,
): boolean {
  if (specifier.startsWith('node:')) return floor.node === true
  if (!specifier.startsWith('.')) {
    return floor.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
  }
  const target = resolve(path, specifier)
  const other = floorOf(target)
  if (other === undefined || !files.has(target)) return false
  if (other === floorOf(path) || floor.floors === 'all') return true
  return floor.floors.some((name) => name === other || `${name}.ts` === target)
}

function circles(files: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  for (const path of files.keys()) walk(path, [])
  return found

  function walk(path: string, way: readonly string[]): void {
    const start = way.indexOf(path)
    if (start >= 0) found.push([...way.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    const near = importsOf(files.get(path) ?? '').filter(({ specifier }) => specifier[0] === '.')
    for (const { specifier } of near) walk(resolve(path, specifier), [...way, path])
    done.add(path)
  }
}

const statement = /^(import|export)( type)?\b(?:[^'"`;]*?\bfrom)?\s*'([^']+)'/gm
const declaration = /^(export )?(async )?(const|let|function|class)\b/m
const call = /\bimport\(\s*'([^']+)'/g

function importsOf(text: string): readonly Import[] {
  const statements = [...text.matchAll(statement)].map((match) => ({
    specifier: match[3] ?? '',
    typeOnly: match[2] !== undefined,
  }))
  const calls = [...text.matchAll(call)].map((match) => ({
    specifier: match[1] ?? '',
    typeOnly: false,
  }))
  return [...statements, ...calls]
}

function floorOf(path: string): string | undefined {
  const name = path.replace(/\.ts$/, '')
  return Object.keys(house)
    .filter((floor) => name === floor || name.startsWith(`${floor}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}

function resolve(path: string, specifier: string): string {
  return posix.join(dirname(path), specifier)
}

/** Every file of src/, by its path below it. */
async function sourceFiles(): Promise<ReadonlyMap<string, string>> {
  const source = join(import.meta.dirname, '../src')
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  const texts = await Promise.all(paths.map(async (path) => readFile(join(source, path), 'utf8')))
  return new Map(paths.map((path, index) => [path, texts[index] ?? '']))
}

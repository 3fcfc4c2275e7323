import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../src/cli/commands.ts'

const root = join(import.meta.dirname, '..')

type Document = { readonly name: string; readonly text: string }

describe('the documents', () => {
  it('link only to files that are there', async () => {
    const broken = (await documents()).flatMap(({ name, text }) =>
      all(text, /\]\((?!https?:|#)([^)#]+)/g)
        .filter((target) => !existsSync(join(root, dirname(name), target)))
        .map((target) => `${name} -> ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('name only source files and folders that are there', async () => {
    const missing = (await documents()).flatMap(({ name, text }) =>
      all(text, /`((?:src|test|scripts|bench|migrations)\/[\w./-]*)`/g)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${name}: ${path}`),
    )
    expect(missing).toEqual([])
  })

  it('name only npm scripts that are there', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const missing = (await documents()).flatMap(({ name, text }) =>
      all(text, /npm (?:run (?:-s )?)?((?<=run (?:-s )?)[\w:]+[\w:-]*|start|test)/g)
        .filter((script) => scripts[script] === undefined)
        .map((script) => `${name}: npm run ${script}`),
    )
    expect(missing).toEqual([])
  })
})

describe('a command that the documents and the containers name', () => {
  it('is one that the program has', async () => {
    const named = new Set([
      ...(await documents()).flatMap(({ text }) =>
        all(text, /(?:npm run (?:-s )?countersign --|`countersign) ([a-z][a-z-]*)/g),
      ),
      ...all(await read('docker-compose.yml'), /^ +command: \["([a-z][a-z-]*)"/gm),
      ...all(await read('Dockerfile'), /^CMD \["([a-z][a-z-]*)"/gm),
    ])
    expect([...named]).toEqual(expect.arrayContaining(['dev', 'migrate', 'serve']))
    for (const command of named) expect(await helpOf(command)).toContain(`countersign ${command}`)
  })
})

/** What the program says of one of its commands; of one that it does not have it says nothing. */
async function helpOf(command: string): Promise<string> {
  let said = ''
  const stdout = { write: (text: string) => (said += text) }
  const { stdin, stderr } = process
  const ended = new AbortController().signal
  await run([command, '--help'], { stdout, stderr, stdin, env: {}, ended })
  return said
}

async function documents(): Promise<readonly Document[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true }).catch(() => [])
  const names = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
    .concat(inDocs.map((name) => join('docs', name)))
    .filter((name) => name.endsWith('.md'))
  return Promise.all(names.map(async (name) => ({ name, text: await read(name) })))
}

async function read(name: string): Promise<string> {
  return readFile(join(root, name), 'utf8')
}

/** The first group of every match. */
function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

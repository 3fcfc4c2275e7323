import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runningClock } from '../support/clock.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { fetchToken, openDemoHouse } from '../support/fixtures.ts'
import { curl, python, pythonHas, run } from './programs.ts'

type Snippet = {
  readonly title: string
  readonly language: string
  readonly code: string
  readonly isInstalled: boolean
}

const root = join(import.meta.dirname, '../..')
const guide = await readFile(join(root, 'docs/clients.md'), 'utf8')
const [, clients = [], verifiers = []] = guide.split(/^## /m).map(snippets)

let house: DemoHouse
beforeAll(async () => {
  house = await openDemoHouse({ clock: runningClock() })
})
afterAll(async () => house.close())

describe('docs/clients.md', () => {
  it('names the versions that were tried', () => {
    const told = [...guide.matchAll(/^\| ([\w-]+) \| ([\d.]+) \|/gm)]
    const versions = Object.fromEntries(told.map(([, name, version]) => [name, version]))
    const installed = { ...manifest.dependencies, ...manifest.devDependencies }
    expect(Object.keys(versions)).toHaveLength(7)
    expect(installed).toMatchObject(versions)
  })

  it('shows six clients and four verifiers', () => {
    expect([clients.length, verifiers.length]).toEqual([6, 4])
  })
})

for (const snippet of clients) {
  describe.skipIf(!snippet.isInstalled)(`docs/clients.md, ${snippet.title}`, () => {
    it('fetches a token', async () => {
      const { id, secret } = house.terraform
      const outcome = await runSnippet(snippet, { CLIENT_ID: id, CLIENT_SECRET: secret })
      expect(outcome).toMatchObject({ code: 0 })
      const [token = ''] = /[\w-]+\.[\w-]+\.[\w-]+/.exec(outcome.stdout) ?? []
      expect(decodeJwt(token)).toMatchObject({ sub: id, scope: 'deployments:read' })
    })
  })
}

for (const snippet of verifiers) {
  describe.skipIf(!snippet.isInstalled)(`docs/clients.md, ${snippet.title}`, () => {
    it('accepts a token', async () => {
      const outcome = await verifySnippet(snippet, house.demo.audience)
      expect(outcome).toMatchObject({ code: 0, stdout: `${house.terraform.id}\n` })
    })

    it('refuses a token for another audience', async () => {
      const outcome = await verifySnippet(snippet, 'https://elsewhere.example.com')
      expect(outcome).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/aud/i) })
    })
  })
}

function snippets(part: string): readonly Snippet[] {
  const pattern = /^### (.+)$[^]*?^```(\w+)\n([^]*?)^```$/gm
  return [...part.matchAll(pattern)].map(([, heading = '', language = '', code = '']) => {
    const installed = isInstalled(language, code)
    const title = installed ? heading : `${heading} (skipped: it is not installed)`
    return { title, language, code, isInstalled: installed }
  })
}

function isInstalled(language: string, code: string): boolean {
  if (language === 'sh') return existsSync(curl)
  if (language === 'js') return true
  const modules = [...code.matchAll(/^(?:import|from) ([\w.]+)/gm)].map(([, name = '']) => name)
  // Debian's PyJWT comes without what it needs for ES256.
  return pythonHas(...modules, ...(modules.includes('jwt') ? ['cryptography'] : []))
}

async function verifySnippet(snippet: Snippet, AUDIENCE: string) {
  const TOKEN = await fetchToken(house, house.terraform)
  return runSnippet(snippet, { TOKEN, AUDIENCE })
}

async function runSnippet({ language, code }: Snippet, env: NodeJS.ProcessEnv) {
  const commands = new Map<string, readonly [string, ...string[]]>([
    ['js', [process.execPath, '--input-type=module', '-']],
    ['python', [...python, '-']],
    ['sh', ['/bin/sh', '-s']],
  ])
  const command = commands.get(language)
  if (command === undefined) throw new Error(`no way to run ${language}`)
  return run(command, { cwd: root, input: code, env: { ISSUER: house.issuer, ...env } })
}

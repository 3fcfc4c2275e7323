import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Tells what it was asked, and fails if the folder says so. */
const npmStandIn = `
import { existsSync, writeFileSync } from 'node:fs'
writeFileSync('asked', process.argv.slice(2).join(' '))
process.exit(existsSync('broken') ? 7 : 0)
`

const wanted = {
  '': { name: 'countersign' },
  'node_modules/hono': { version: '4.0.0', integrity: 'sha512-hono' },
  'node_modules/only-linux': { version: '1.0.0', integrity: 'sha512-linux', optional: true },
  'node_modules/only-darwin': { version: '1.0.0', optional: true },
}
const { '': _, 'node_modules/only-darwin': __, ...onLinux } = wanted

describe('npm start and npm test, before anything else', () => {
  it('install what the lock names where nothing is installed', async () => {
    expect(await install(undefined)).toEqual({
      asked: 'ci --include=dev --no-audit --no-fund --loglevel=error --prefer-offline',
      said: 'Installing the dependencies that package-lock.json names (npm ci) ...\n',
      status: 0,
    })
  })

  it('install nothing where all of it is there, but for other platforms', async () => {
    const nothing = { asked: undefined, said: '', status: 0 }
    expect(await install(onLinux)).toEqual(nothing)
    const onDarwin = { version: '1.0.0', integrity: 'sha512-darwin', optional: true }
    expect(await install({ ...onLinux, 'node_modules/only-darwin': onDarwin })).toEqual(nothing)
  })

  it.each([
    ['another version', { version: '4.0.1', integrity: 'sha512-hono' }],
    ['another content', { version: '4.0.0', integrity: 'sha512-another' }],
    ['nothing', undefined],
  ])('install again where %s stands for a package of the lock', async (_what, hono) => {
    const outcome = await install({ ...onLinux, 'node_modules/hono': hono })
    expect(outcome.asked).toMatch(/^ci /)
  })

  it('fail when npm fails', async () => {
    expect(await install(undefined, 'broken')).toMatchObject({ status: 7 })
  })
})

describe('countersign on a Node that is too old', () => {
  it('starts over on the one that is installed in its clone, and ends as that does', async () => {
    const clone = await cloneOf()
    const node = join(clone, 'node_modules/node/bin')
    await mkdir(node, { recursive: true })
    await writeFile(join(node, 'node'), '#!/bin/sh\necho "$@"; cat; exit 3\n', { mode: 0o755 })
    const linked = join(clone, 'countersign')
    await symlink(join(clone, 'bin/countersign.js'), linked)
    const { status, stderr, stdout } = onOldNode(linked)
    expect([status, stderr]).toEqual([3, ''])
    expect(stdout).toBe(
      `${await realpath(join(clone, 'bin/countersign.js'))} account list\nwhat it reads`,
    )
  })

  it('says which one it needs, in one line, where there is none', async () => {
    const clone = await cloneOf()
    const { status, stderr, stdout } = onOldNode(join(clone, 'bin/countersign.js'))
    expect(stderr).toMatch(/^countersign needs Node 24 or later[^\n]*\n$/)
    expect([status, stdout]).toEqual([1, ''])
  })
})

/** A folder with the program alone. */
async function cloneOf() {
  const clone = await mkdtemp(join(tmpdir(), 'countersign-clone-'))
  onTestFinished(async () => rm(clone, { recursive: true }))
  await cp(join(root, 'bin'), join(clone, 'bin'), { recursive: true })
  await writeFile(join(clone, 'package.json'), JSON.stringify({ type: 'module' }))
  return clone
}

/** Runs `countersign account list`, which reads some input. */
function onOldNode(program: string) {
  const old = "Object.defineProperty(process, 'versions', { value: { node: '22.9.0' } })"
  const words = ['--import', `data:text/javascript,${old}`, program, 'account', 'list']
  return spawnSync(process.execPath, words, { encoding: 'utf8', input: 'what it reads' })
}

/** Runs the script in a folder where `present` is what npm noted as installed. */
async function install(present: Record<string, unknown> | undefined, mark = 'whole') {
  const cwd = await mkdtemp(join(tmpdir(), 'countersign-install-'))
  onTestFinished(async () => rm(cwd, { recursive: true }))
  await mkdir(join(cwd, 'node_modules'))
  await writeFile(join(cwd, 'package-lock.json'), JSON.stringify({ packages: wanted }))
  await writeFile(join(cwd, 'npm.mjs'), npmStandIn)
  await writeFile(join(cwd, mark), '')
  if (present !== undefined) {
    const noted = JSON.stringify({ packages: present })
    await writeFile(join(cwd, 'node_modules/.package-lock.json'), noted)
  }

  const env = { ...process.env, npm_execpath: join(cwd, 'npm.mjs') }
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/install.mjs')], {
    cwd,
    env,
    encoding: 'utf8',
  })
  const asked = existsSync(join(cwd, 'asked'))
    ? await readFile(join(cwd, 'asked'), 'utf8')
    : undefined
  return { asked, said: stderr, status }
}

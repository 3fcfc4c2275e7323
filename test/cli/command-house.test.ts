import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { devFolder } from '../../src/cli/embedded.ts'
import { lockFolder } from '../../src/cli/folder-lock.ts'
import type { Io } from '../../src/cli/io.ts'
import { profilesFile, writeProfiles } from '../../src/cli/profiles.ts'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { databaseUrl, onServer } from '../support/image.ts'
import { accepted } from '../support/operator.ts'
import { heard, wordsOf } from './terminal.ts'

async function say(env: Io['env'], line: string) {
  const { io, said } = heard(env)
  return said(await run(wordsOf(line), io))
}

describe('a command without DATABASE_URL', () => {
  const before = process.cwd()
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'))
    process.chdir(folder)
  })
  afterAll(async () => {
    process.chdir(before)
    await rm(folder, { recursive: true })
  })

  it('says what is missing', async () => {
    expect(await say({}, 'account list')).toEqual({
      code: 2,
      stdout: '',
      stderr: `countersign: say where: countersign login for a server, or DATABASE_URL for its database; there is no ./${devFolder} here\n`,
    })
    for (const line of ['account list --direct', 'keys list']) {
      expect(await say({}, line)).toEqual({
        code: 2,
        stdout: '',
        stderr: `countersign: DATABASE_URL must be set: there is no ./${devFolder} here to use instead\n`,
      })
    }
  })

  it('works on the database of dev in the same folder, and says so', async () => {
    await mkdir(devFolder)
    // A script reads documents, and nothing beside them.
    const created = await say({}, 'organization create Acme --json')
    expect(created).toMatchObject({ code: 0, stderr: '' })
    const refused = await say({}, 'organization create Acme --json')
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { reason: 'organization_name_taken' },
    })
    const listed = await say({}, 'organization list --json')
    expect(JSON.parse(listed.stdout)).toEqual({
      items: [JSON.parse(created.stdout)],
      next_cursor: null,
    })
    const reserved = await say({}, 'api create http://127.0.0.1:8080/api --name Mine')
    expect(reserved.stderr).toContain('is below the issuer')
    expect(reserved.stderr).toContain(
      `countersign: DATABASE_URL is not set; using ./${devFolder}\n`,
    )
  })

  it('waits outside while another process uses that database', async () => {
    const held = await lockFolder(devFolder)
    if (!held.ok) throw new Error(held.refusal.reason)
    onTestFinished(held.value.release)
    const inUse = `process ${process.pid} is using ./${devFolder}: stop it first, `
    const env = { HOME: folder }
    const login = { issuer: 'https://a.example', clientId: 'sa_1', clientSecret: 'csk_1' }
    for (const line of ['organization list', 'whoami']) {
      const { code, stderr } = await say(env, line)
      expect([code, stderr]).toEqual([
        1,
        `countersign: DATABASE_URL is not set; using ./${devFolder}\ncountersign: ${inUse}or work at a server: countersign login, and then --profile default\n`,
      ])
    }
    accepted(await writeProfiles(accepted(profilesFile(env)), new Map([['default', login]])))
    for (const line of ['organization list', 'whoami']) {
      const { stderr } = await say(env, line)
      expect(stderr).toContain(`${inUse}or work at a server: --profile "default"\n`)
    }
    // What needs the database itself has no server to go to.
    for (const line of ['keys list', 'setup-link']) {
      const { stderr } = await say(env, line)
      expect(stderr).toContain(`${inUse}start in another folder, or use PostgreSQL\n`)
    }
  })
})

describe('a command with DATABASE_URL', () => {
  it('says which setting is wrong, without showing it', async () => {
    const { code, stdout, stderr } = await say(
      { DATABASE_URL: 'mysql://root:hunter2@host/db' },
      'account list',
    )
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^countersign: DATABASE_URL.* must be a URL like/)
    expect(stderr).not.toContain('hunter2')
  })

  it.runIf(onPostgres)('asks for the schema first, then works', async () => {
    const server = process.env['TEST_DATABASE_URL'] ?? ''
    const name = `countersign_cli_${process.pid}`
    await onServer(server, `create database ${name}`)
    onTestFinished(async () => onServer(server, `drop database ${name} with (force)`))
    const env = { DATABASE_URL: databaseUrl(server, name), ISSUER: 'https://id.example.com' }
    expect(await say(env, 'organization list')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'countersign: the database is not set up for this program: run countersign migrate\n',
    })
    expect((await say(env, 'migrate')).code).toBe(0)
    const nameless = await say({ ...env, ISSUER: '' }, 'organization list')
    expect([nameless.code, nameless.stderr]).toEqual([
      2,
      'countersign: ISSUER must be set: what the server is called stands in its answers\n',
    ])
    expect(await say(env, 'organization create Acme')).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await say(env, 'organization list')
    expect(stdout).toMatch(/^ {2}Acme +org_/m)
  })

  // A key that is to sign at once would otherwise do so only in an hour.
  it.runIf(onPostgres)(
    'dates what it does by the clock of the database, if ours is off',
    async () => {
      const { url, drop } = await createTestDatabase()
      onTestFinished(drop)
      const right = Date.now()
      vi.useFakeTimers({ toFake: ['Date'], now: right + 3_600_000 })
      onTestFinished(() => void vi.useRealTimers())
      const env = { DATABASE_URL: url, ISSUER: 'https://id.example.com' }
      const said = await say(env, 'organization create Acme --json')
      const { created_at: at } = JSON.parse(said.stdout) as { created_at: string }
      expect(Math.abs(Date.parse(at) - right)).toBeLessThan(60_000)

      expect((await say({ DATABASE_URL: url }, 'recover --yes')).code).toBe(0)
      const { stderr } = await say({ DATABASE_URL: url }, 'recover')
      const [, recovered = ''] = /this database knows is of (\S+)\./.exec(stderr) ?? []
      expect(Math.abs(Date.parse(recovered) - right)).toBeLessThan(60_000)
    },
  )
})

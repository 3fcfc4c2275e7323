import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeJwt } from 'jose'
import { done } from '../api/call.ts'
import { fetchToken } from '../support/fixtures.ts'
import type { Provisioner } from './scene.ts'
import { hasPrograms, madeIn, openProvisioner, page } from './scene.ts'

const audience = 'https://builds.example.com'

describe.skipIf(!hasPrograms('bash', 'curl', 'jq'))('examples/shell', () => {
  let provisioner: Provisioner
  beforeAll(async () => void (provisioner = await openProvisioner()))
  afterAll(async () => provisioner.close())

  async function call(asked: Parameters<typeof done>[2]) {
    return done(provisioner.world, await provisioner.caller(), asked)
  }

  async function pathOf(account: string): Promise<string> {
    const path = `/organizations/${provisioner.organization}/service-accounts`
    const { items } = await call({ method: 'GET', path: `${path}?name=${account}` })
    return `${path}/${items[0].id}`
  }

  /** Runs the line of the page that begins so. */
  async function line(start: string) {
    const found = page.split('\n').find((one) => one.startsWith(start))
    if (found === undefined) throw new Error(`the page has no line ${start}`)
    return provisioner.run('shell', ['bash', '-c', found])
  }

  it('makes each thing that docs/infrastructure-as-code.md shows, however often it is run', async () => {
    for (let round = 0; round < 2; round += 1) {
      await line('./countersign.sh ensure apis')
      await line('./countersign.sh ensure roles')
      await line('./countersign.sh ensure service-accounts')
      await line('./countersign.sh grant')
    }
    expect(await madeIn(provisioner)).toEqual({
      apis: ['Builds'],
      roles: ['Observer'],
      groups: [],
      'service-accounts': ['dashboard'],
      bindings: ['dashboard is Observer'],
    })
  })

  it('sets up a machine with a secret that stays on it', async () => {
    await line('./provision.sh')
    const file = join(provisioner.folder, 'shell/dashboard.env')
    const text = await readFile(file, 'utf8')
    const { id = '', secret = '' } =
      /^CLIENT_ID=(?<id>.+)\nCLIENT_SECRET=(?<secret>.+)\n$/.exec(text)?.groups ?? {}
    expect((await stat(file)).mode & 0o077).toBe(0)
    await provisioner.world.caughtUp()
    const token = await fetchToken(
      provisioner.world,
      { id, secret },
      {
        resource: audience,
      },
    )
    expect(decodeJwt(token)).toMatchObject({ sub: id, scope: 'builds:read' })
  })

  it('enables nothing that somebody disabled, and changes only what it is told', async () => {
    const there = { method: 'GET', path: await pathOf('dashboard') } as const
    const stop = { enabled: false, description: 'Stopped: it was leaked' }
    await call({ ...there, method: 'PATCH', body: stop })
    await line('./countersign.sh ensure service-accounts')
    expect(await call(there)).toMatchObject(stop)

    const said = '{"name":"dashboard","enabled":true}'
    const words = ['./countersign.sh', 'ensure', 'service-accounts', said] as const
    await provisioner.run('shell', words)
    expect(await call(there)).toMatchObject({ ...stop, enabled: true })
  })

  it('does not pass over an audience that is another than the one there', async () => {
    const moved = '{"name":"Builds","audience":"https://moved.example.com"}'
    const wrong = provisioner.run('shell', ['./countersign.sh', 'ensure', 'apis', moved])
    await expect(wrong).rejects.toThrow(/audience/)
  })

  it('says what was wrong, in the words of the server, and nothing of who asked', async () => {
    const wrong = provisioner.run('shell', ['./countersign.sh', 'ensure', 'roles', '{"name":""}'])
    await expect(wrong).rejects.toThrow(/request_malformed/)
    await expect(wrong).rejects.not.toThrow(provisioner.secret)
    const missing = provisioner.run('shell', [
      './countersign.sh',
      'grant',
      'Nobody',
      'account',
      'dashboard',
    ])
    await expect(missing).rejects.toThrow('there is no role Nobody, or no account dashboard')
  })

  it.each([
    ['', 2],
    ['ensure roles', 2],
    ['grant Observer account', 2],
    ['abolish roles Observer', 2],
    ['--help', 0],
  ])('explains itself: countersign.sh %s', async (words, code) => {
    const said = await provisioner.run('shell', [
      'bash',
      '-c',
      `COUNTERSIGN_ISSUER= ./countersign.sh ${words} 2>&1 || echo ended with $?`,
    ])
    expect(said.stdout).toMatch(/^ {2}countersign\.sh ensure NOUN BODY/m)
    expect(said.stdout).toMatch(code === 0 ? /_SECRET\.\n$/ : /\nended with 2\n$/)
  })

  it('names what is missing in the environment', async () => {
    const asked = provisioner.run('shell', [
      'bash',
      '-c',
      'COUNTERSIGN_ISSUER= ./countersign.sh id roles Owner',
    ])
    await expect(asked).rejects.toThrow('countersign.sh: COUNTERSIGN_ISSUER is not set')
  })

  it('ends what it answers with a newline', async () => {
    const { stdout } = await provisioner.run('shell', ['./countersign.sh', 'id', 'roles', 'Owner'])
    expect(stdout).toMatch(/^rol_\w+\n$/)
    expect((await line('./countersign.sh ensure service-accounts')).stdout).toMatch(/\}\n$/)
  })

  it('takes away what it made, and what is gone already', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (const words of [
        ['withdraw', 'Observer', 'account', 'dashboard'],
        ['remove', 'service-accounts', 'dashboard'],
        ['remove', 'roles', 'Observer'],
        ['remove', 'apis', 'Builds'],
      ]) {
        await provisioner.run('shell', ['./countersign.sh', ...words])
      }
    }
    expect((await madeIn(provisioner))['service-accounts']).toEqual([])
    expect((await madeIn(provisioner))['apis']).toEqual([])
  })
})

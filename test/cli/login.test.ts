import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import type { Io } from '../../src/cli/io.ts'
import { profilesFile, readProfiles, writeProfiles } from '../../src/cli/profiles.ts'
import { createBinding, removeBinding } from '../../src/management/bindings.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse } from '../support/fixtures.ts'
import { accepted, roleNamed } from '../support/operator.ts'
import { wrongSecret } from '../support/wrong-secret.ts'
import { heard, wordsOf } from './terminal.ts'

let home = ''
let file = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-login-'))
  file = accepted(profilesFile({ HOME: home }))
})
afterAll(async () => rm(home, { recursive: true }))

async function say(line: string, env: Io['env'] = {}, answer?: string) {
  const { io, said } = heard({ HOME: home, ...env }, answer)
  return said(await run(wordsOf(line), io))
}

/** A person who types each answer once its question stands there. */
async function converse(answers: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const { io, said } = heard({ HOME: home })
  const left = [...answers]
  const stderr = {
    write: (text: string) => {
      io.stderr.write(text)
      if (text.endsWith(': ')) setImmediate(() => stdin.write(`${left.shift() ?? ''}\n`))
    },
  }
  return said(await run(['login'], { ...io, stdin, stderr }))
}

async function modeOf(path: string) {
  return (await stat(path)).mode & 0o777
}

const one = { issuer: 'https://id.example.com', clientId: 'sa_1', clientSecret: 'csk_1' }

describe('the file of profiles', () => {
  it('is in a folder of its own that only its owner can look into', async () => {
    expect(file).toBe(join(home, '.config', 'countersign', 'profiles.json'))
    expect(accepted(profilesFile({ HOME: home, XDG_CONFIG_HOME: '/etc/xdg' }))).toBe(
      '/etc/xdg/countersign/profiles.json',
    )
    expect(accepted(profilesFile({ HOME: home, XDG_CONFIG_HOME: 'relative' }))).toBe(file)
    accepted(await writeProfiles(file, new Map([['default', one]])))
    expect([await modeOf(file), await modeOf(dirname(file))]).toEqual([0o600, 0o700])
    expect(accepted(await readProfiles(file))).toEqual(new Map([['default', one]]))
  })

  it('is closed to others again where its folder had been opened', async () => {
    await chmod(dirname(file), 0o755)
    accepted(await writeProfiles(file, new Map([['default', one]])))
    expect(await modeOf(dirname(file))).toBe(0o700)
  })

  it.each([0o640, 0o604, 0o660, 0o644])('is not believed with mode %o', async (mode) => {
    accepted(await writeProfiles(file, new Map([['default', one]])))
    await chmod(file, mode)
    const { code, stdout, stderr } = await say('token')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`others can read ${file}, which holds secrets: chmod 600 ${file}`)
    expect(stderr).not.toContain('csk_1')
  })

  it.each(['', '{', '[]', '{"profiles":{"a":{}}}', '{"profiles":{"a b":{}}}'])(
    'is not believed when it says %j',
    async (text) => {
      await writeFile(file, text, { mode: 0o600 })
      await chmod(file, 0o600)
      const { code, stderr } = await say('logout')
      expect([code, stderr]).toEqual([
        1,
        `countersign: ${file} cannot be used: it is not what login wrote\n`,
      ])
    },
  )
})

describe('countersign login', () => {
  let test: DemoHouse
  beforeAll(async () => {
    test = await openDemoHouse()
  })
  afterAll(async () => test.close())
  beforeEach(async () => rm(file, { force: true }))

  it('asks for what the environment does not say, and shows nothing of the secret', async () => {
    const { issuer, ci } = test
    const { stderr } = await converse([issuer, ci.id, ci.secret])
    expect(stderr).toContain('Issuer (the URL of the server): ')
    expect(stderr).toContain('Client ID: ')
    expect(stderr).toContain(ci.id)
    expect(stderr).toContain('Client secret (not shown): \n')
    expect(stderr).not.toContain('csk_')
    // The secret was heard nevertheless: it is right, but not for the management API.
    expect(stderr).toContain(`${ci.id} holds nothing at the management API`)
  })

  it.each([
    ['not a url', /the issuer must be an https URL/],
    ['https://id.example.com\n\n', /the client ID must be 1 to 255 visible characters/],
    ['https://id.example.com\nsa_1\ncsk_short', /not a whole client secret/],
    ['https://id.example.com', /nothing was changed/],
  ])('does not take %j', async (answer, complaint) => {
    const { code, stderr } = await say('login', {}, answer)
    expect(code).toBeGreaterThan(0)
    expect(stderr).toMatch(complaint)
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  it('says what a script has to set', async () => {
    const { code, stderr } = await say('login', { COUNTERSIGN_ISSUER: test.issuer })
    expect(code).toBe(2)
    expect(stderr.split('\n')[0]).toBe(
      'countersign: COUNTERSIGN_CLIENT_ID must be set: there is no terminal to ask at',
    )
    expect(stderr).toContain('COUNTERSIGN_CLIENT_SECRET must be set')
  })

  it('keeps what the server accepts for the management API, and says where', async () => {
    const { house, act, demo, caughtUp, issuer, ci } = test
    const { organization } = demo
    const role = await roleNamed(house.management, organization, 'Viewer')
    const subject = { type: 'principal', id: ci.id } as const
    const bound = accepted(
      await createBinding(house.management, act(), {
        organization,
        role,
        subject,
        resource: undefined,
        expiresAt: undefined,
      }),
    )
    await caughtUp()
    const env = {
      COUNTERSIGN_ISSUER: issuer,
      COUNTERSIGN_CLIENT_ID: ci.id,
      COUNTERSIGN_CLIENT_SECRET: ci.secret,
    }
    const { code, stdout, stderr } = await say('login --profile work', env)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      `Logged in to ${issuer} as ${ci.id}.\nThe profile "work" is kept in ${file}.\nCommands use it with --profile work.\n`,
    )
    const again = await say('login --json', { ...env, COUNTERSIGN_PROFILE: 'work' })
    expect(JSON.parse(again.stdout)).toEqual({ profile: 'work', issuer, client_id: ci.id, file })
    const { id: clientId, secret: clientSecret } = ci
    expect(accepted(await readProfiles(file))).toEqual(
      new Map([['work', { issuer, clientId, clientSecret }]]),
    )
    expect(await modeOf(file)).toBe(0o600)
    expect((await say('login', env)).stdout).toContain(
      'Commands use it by themselves, but where the environment says where to work or ./.countersign is there. There they use it with --profile default.\n',
    )
    accepted(await removeBinding(house.management, act(), { organization, binding: bound.id }))
    await caughtUp()
  })

  it('keeps nothing that the server does not accept', async () => {
    const env = { COUNTERSIGN_ISSUER: test.issuer, COUNTERSIGN_CLIENT_ID: test.ci.id }
    const wrong = { ...env, COUNTERSIGN_CLIENT_SECRET: wrongSecret(test.ci) }
    const refused = await say('login', wrong)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('client authentication failed')

    // Right, but not for the management API.
    const powerless = await say('login', { ...env, COUNTERSIGN_CLIENT_SECRET: test.ci.secret })
    expect([powerless.code, powerless.stdout]).toEqual([1, ''])
    expect(powerless.stderr).toContain('holds nothing at the management API')
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })
})

describe('countersign logout', () => {
  it('forgets one profile, and with the last one the file', async () => {
    accepted(
      await writeProfiles(
        file,
        new Map([
          ['default', one],
          ['staging', one],
        ]),
      ),
    )
    const { code, stdout } = await say('logout --profile staging')
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'Forgot the profile "staging".'])
    expect(await readFile(file, 'utf8')).not.toContain('staging')
    const last = await say('logout --json')
    expect(JSON.parse(last.stdout)).toEqual({
      profile: 'default',
      issuer: one.issuer,
      client_id: one.clientId,
    })
    await expect(stat(file)).rejects.toThrow('ENOENT')
    const again = await say('logout')
    expect([again.code, again.stderr]).toEqual([
      2,
      'countersign: there is no profile "default": countersign login makes one\n',
    ])
  })

  it('needs a home', async () => {
    const { code, stderr } = await say('logout', { HOME: '' })
    expect([code, stderr]).toEqual([
      2,
      'countersign: HOME or XDG_CONFIG_HOME must be set: profiles are kept below it\n',
    ])
  })
})

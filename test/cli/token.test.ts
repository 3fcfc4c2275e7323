import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import type { Io } from '../../src/cli/io.ts'
import { profilesFile, writeProfiles } from '../../src/cli/profiles.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse } from '../support/fixtures.ts'
import { freePort } from '../support/processes.ts'
import { accepted } from '../support/operator.ts'
import { heard, wordsOf } from './terminal.ts'

describe('countersign token', () => {
  let test: DemoHouse
  let folder = ''
  let given: Record<string, string> = {}
  beforeAll(async () => {
    test = await openDemoHouse()
    folder = await mkdtemp(join(tmpdir(), 'countersign-token-'))
    given = {
      COUNTERSIGN_ISSUER: test.issuer,
      COUNTERSIGN_CLIENT_ID: test.ci.id,
      COUNTERSIGN_CLIENT_SECRET: test.ci.secret,
    }
  })
  afterAll(async () => {
    await test.close()
    await rm(folder, { recursive: true })
  })
  const say = async (env: Io['env'], line: string) => {
    const { io, said } = heard({ XDG_CONFIG_HOME: folder, ...env })
    return said(await run(wordsOf(line), io))
  }

  it('prints the token and nothing else', async () => {
    const { code, stdout, stderr } = await say(given, 'token')
    expect([code, stderr]).toEqual([0, ''])
    expect(decodeJwt(stdout.trim())).toMatchObject({ iss: test.issuer, sub: test.ci.id })
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('prints a header line, or the whole answer of the token endpoint', async () => {
    const { stdout: header } = await say(given, 'token --header')
    expect(header).toMatch(/^Authorization: Bearer [\w-]+\.[\w-]+\.[\w-]+\n$/)
    const { stdout: answer } = await say(given, 'token --json')
    expect(JSON.parse(answer)).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
    const both = await say(given, 'token --header --json')
    expect([both.code, both.stdout]).toEqual([2, ''])
  })

  it('is for the API and the scope that are asked for', async () => {
    const { audience } = test.demo
    const all = decodeJwt((await say(given, 'token')).stdout)
    const [one = ''] = String(all['scope']).split(' ')
    const { stdout } = await say(given, `token --resource ${audience} --scope ${one}`)
    expect(decodeJwt(stdout)).toMatchObject({ aud: audience, scope: one })
    const { stdout: byOtherName } = await say(given, `token --audience ${audience}`)
    expect(decodeJwt(byOtherName)).toMatchObject({ aud: audience })
    const twice = await say(given, `token --audience ${audience} --resource https://other.example`)
    expect([twice.code, twice.stdout]).toEqual([2, ''])
  })

  it('is refused in words, with the trace id by which an operator finds out why', async () => {
    const wrong = { ...given, COUNTERSIGN_CLIENT_SECRET: test.terraform.secret }
    const { code, stdout, stderr } = await say(wrong, 'token')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^countersign: http\S+ gives no token: client authentication failed \(invalid_client\), trace id [0-9a-f]{32}\n$/,
    )
    const foreign = await say(given, 'token --resource https://other.example.com')
    expect(foreign.stderr).toContain('(invalid_target)')
    for (const said of [stderr, foreign.stderr]) expect(said).not.toContain('csk_')
  })

  it('ends with 3 when nobody answers, and with 1 when somebody else does', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const away = await say({ ...given, COUNTERSIGN_ISSUER: nobody }, 'token')
    expect([away.code, away.stdout]).toEqual([3, ''])
    expect(away.stderr).toMatch(/^countersign: no answer from \S+: nothing listens at 127.0.0.1:/)
    const elsewhere = await say({ ...given, COUNTERSIGN_ISSUER: `${test.issuer}/x` }, 'token')
    expect([elsewhere.code, elsewhere.stdout]).toEqual([1, ''])
    expect(elsewhere.stderr).toContain('does not answer as this server does')
  })

  it('takes a profile, or what the environment says, or the default profile, and never a mixture', async () => {
    const { ci, terraform, issuer } = test
    const file = accepted(profilesFile({ XDG_CONFIG_HOME: folder }))
    const of = ({ id: clientId, secret: clientSecret }: typeof ci) => ({
      issuer,
      clientId,
      clientSecret,
    })
    const profiles = [
      ['default', of(ci)],
      ['tf', of(terraform)],
    ] as const
    accepted(await writeProfiles(file, new Map(profiles)))
    const subjectOf = async (env: Io['env'], line: string) =>
      decodeJwt((await say(env, line)).stdout).sub
    expect(await subjectOf({}, 'token')).toBe(ci.id)
    expect(await subjectOf({}, 'token --profile tf')).toBe(terraform.id)
    expect(await subjectOf({ COUNTERSIGN_PROFILE: 'tf' }, 'token')).toBe(terraform.id)
    expect(await subjectOf(given, 'token --profile tf')).toBe(terraform.id)

    const half = await say({ COUNTERSIGN_ISSUER: issuer }, 'token')
    expect(half).toMatchObject({ code: 2, stdout: '' })
    expect(half.stderr).toBe(
      'countersign: COUNTERSIGN_ISSUER without COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET: set all three or none, or keep them with countersign login\n',
    )
    const two = await say({ ...given, COUNTERSIGN_PROFILE: 'tf' }, 'token')
    expect(two.stderr).toContain('COUNTERSIGN_PROFILE must be left out')
    const unknown = await say({}, 'token --profile prod')
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'countersign: there is no profile "prod", only "default" | "tf"\n',
    ])
  })

  it('says what is missing, and shows no secret that is malformed', async () => {
    const nowhere = await say({ XDG_CONFIG_HOME: join(folder, 'empty') }, 'token')
    expect(nowhere.code).toBe(2)
    expect(nowhere.stderr).toContain('say which server: countersign login')
    const malformed = await say({ ...given, COUNTERSIGN_CLIENT_SECRET: 'two words' }, 'token')
    expect(malformed.code).toBe(2)
    expect(malformed.stderr).toContain('COUNTERSIGN_CLIENT_SECRET=(not shown) must be')
  })

  it('takes no secret as an argument', async () => {
    const { code, stderr } = await say(given, `token --client-secret ${test.ci.secret}`)
    expect(code).toBe(2)
    expect(stderr).toContain('there is no option "--client-secret"')
  })
})

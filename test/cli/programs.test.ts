import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import type { Io } from '../../src/cli/io.ts'
import { heard, wordsOf } from './terminal.ts'

describe('verify', () => {
  it.each([
    ['--issuer nowhere', '--issuer must be the URL of an issuer, not "nowhere"'],
    [
      '--audience orders',
      '--audience must be an absolute URI in its normal form, without query or fragment, not "orders"',
    ],
    [
      '--issuer https://a.example.com --issuer https://b.example.com',
      '--issuer must be given once',
    ],
    ['', 'say whose token it is: --issuer https://tokens.example.com'],
    ['--issuer https://id.example.com', 'no token on standard input: curl … | countersign verify'],
  ])('explains what is wrong with %j', async (words, problem) => {
    expect(await say({}, `verify ${words}`)).toEqual({
      code: 2,
      stdout: '',
      stderr: `countersign: ${problem}\nTry countersign verify --help\n`,
    })
  })

  it('reads ISSUER as the server does, unless --issuer is said', async () => {
    const env = { ISSUER: 'https://id.example.com/' }
    expect(await say(env, 'verify')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'countersign: ISSUER=https://id.example.com/ must be written exactly so: https://id.example.com\n',
    })
    const { stderr } = await say(env, 'verify --issuer https://id.example.com')
    expect(stderr).toContain('no token on standard input')
  })
})

describe('migrate', () => {
  it('prints the whole schema for a new database when DATABASE_URL is blank', async () => {
    const { code, stdout, stderr } = await say({ DATABASE_URL: ' ' }, 'migrate --print')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/create table/i)
  })

  it('tells a script what is wrong in JSON', async () => {
    const { code, stderr } = await say({}, 'migrate --json')
    expect(code).toBe(2)
    expect(JSON.parse(stderr)).toMatchObject({ error: { reason: 'settings_wrong' } })
  })
})

describe('serve', () => {
  it('tells everything that is wrong with its settings', async () => {
    const { code, stderr } = await say({ ISSUER: 'https://id.example.com' }, 'serve')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^countersign: DATABASE_URL is not set.*\ncountersign: KEY_ENCRYPTION_KEY is not set.*\n$/,
    )
  })
})

async function say(env: Io['env'], line: string) {
  const { io, said } = heard(env)
  return said(await run(wordsOf(line), io))
}

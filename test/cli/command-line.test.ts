import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import type { World } from '../../src/cli/desks.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { refuse } from '../../src/domain/result.ts'
import { seconds } from '../../src/domain/time.ts'
import { testClock } from '../support/clock.ts'
import { besideDatabase, heard, useTerminal } from './terminal.ts'

const programs = ['dev', 'serve', 'migrate', 'verify', 'login', 'logout', 'token', 'completion']
const nouns = ['organization', 'api', 'role', 'group', 'account', 'secret', 'binding']

describe('help', () => {
  const terminal = useTerminal()
  const helped = async (line = '') => terminal().run(`${line} --help`)
  const verbsOf = async (noun: string) =>
    Array.from((await helped(noun)).stdout.matchAll(/^ {2}([a-z-]+)/gm), ([, verb = '']) => verb)

  it('names every command, and the exit codes', async () => {
    const { code, stdout } = await helped()
    expect(code).toBe(0)
    for (const word of [...programs, ...nouns])
      expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'))
    for (const exitCode of [0, 1, 2, 3]) expect(stdout).toMatch(new RegExp(`^  ${exitCode}  `, 'm'))
    expect(await terminal().run('help')).toEqual({ code: 0, stdout, stderr: '' })
  })

  it('is what is said to nobody who says nothing, as a mistake', async () => {
    const { stdout } = await helped()
    expect(await terminal().run('')).toEqual({ code: 2, stdout: '', stderr: stdout })
    const { stdout: ofAccount } = await helped('account')
    expect(await terminal().run('account')).toEqual({ code: 2, stdout: '', stderr: ofAccount })
  })

  it('is there for every command, and fits into 80 columns', async () => {
    const texts = [await helped()]
    for (const program of programs) texts.push(await helped(program))
    for (const noun of nouns) {
      texts.push(await helped(noun))
      for (const verb of await verbsOf(noun)) texts.push(await helped(`${noun} ${verb}`))
    }
    expect(texts.length).toBeGreaterThan(50)
    for (const { code, stdout } of texts) {
      expect(code).toBe(0)
      const long = stdout.split('\n').filter((line) => line.length > 80)
      expect(long).toEqual([])
    }
  })

  it('of serve lists the settings, and a setting given as an option is hinted at', async () => {
    expect((await helped()).stdout).toContain('countersign --version')
    const { stdout } = await helped('serve')
    expect(stdout).toMatch(/^ {2}PORT +8080$/m)
    expect(stdout).toMatch(/^ {2}ISSUER$/m)
    const { code, stderr } = await terminal().run('serve --port 9')
    expect(code).toBe(2)
    expect(stderr).toContain('countersign: PORT is a setting: give it in the environment\n')
  })

  it('of a command tells its arguments, its options and what they mean', async () => {
    const { stdout } = await helped('account create')
    expect(await terminal().run('help account create')).toEqual({
      code: 0,
      stdout,
      stderr: '',
    })
    expect(stdout).toContain('countersign account create <name> [options]')
    expect(stdout).toMatch(/--role <role\[@resource\]> +A role it holds from the start; repeatable/)
    expect(stdout).toMatch(/<when> is a date \(2031-01-31/)
    expect(stdout).toContain('countersign account create ci --group Builders --expires 90d')
  })

  it('says that what cannot be undone, or stops a tenant, takes --yes', async () => {
    for (const noun of nouns) {
      for (const verb of await verbsOf(noun)) {
        const { stdout } = await helped(`${noun} ${verb}`)
        const asksFirst = verb === 'remove' || `${noun} ${verb}` === 'organization disable'
        expect({ noun, verb, asksFirst: stdout.includes('--yes') }).toEqual({
          noun,
          verb,
          asksFirst,
        })
      }
    }
  })
})

describe('a command line', () => {
  const terminal = useTerminal()

  it('tells the version', async () => {
    const { code, stdout } = await terminal().run('--version')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    ['acount list', 'there is no command "acount"; did you mean account?'],
    ['organizaton', 'there is no command "organizaton"; did you mean organization?'],
    ['credential list', 'there is no command "credential"; did you mean secret?'],
    ['xyzzy', 'there is no command "xyzzy"'],
    ['account delete x', 'there is no verb for account "delete"; did you mean remove?'],
    ['group add Night robot', 'there is no verb for group "add"; did you mean add-member?'],
    ['account lst', 'there is no verb for account "lst"; did you mean list?'],
    ['account list --jsn', 'there is no option "--jsn"; did you mean --json?'],
    ['account list -x', 'there is no option "-x"'],
    ['dev --new-secrets', 'there is no option "--new-secrets"; did you mean --new-secret?'],
    ['account show', '<account> must be given'],
    ['account show a b', '"b" is one word too many'],
    ['serve now', '"now" is one word too many'],
    ['account list --after', '--after needs a value: <cursor>'],
    ['account list --limit 101', '--limit must be a number from 1 to 100, not "101"'],
    ['account create a --expires --group g', '--expires needs a value: <when>'],
    ['account list --json=yes', '--json takes no value'],
    ['binding show x', '<id> must be an id that begins with bnd_, not "x"'],
    ['api create https://a.example.com --name a --name b', '--name must be given once'],
  ])('explains what is wrong with %j', async (line, problem) => {
    const { code, stdout, stderr } = await terminal().run(line)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.split('\n')[0]).toBe(`countersign: ${problem}`)
  })

  it('tells all mistakes at once, and where to read more', async () => {
    const { stderr } = await terminal().run(
      "account create ' padded' --expires yesterday --token-lifetime 2h",
    )
    expect(stderr).toBe(
      [
        'countersign: <name> must be a name of 1 to 100 characters, without spaces at its ends, not " padded"',
        'countersign: --expires must be a date (2031-01-31, 2031-01-31T12:00:00Z) or a time from now (12h, 90d), not "yesterday"',
        'countersign: --token-lifetime must be a time from 1m to 1h, such as 90s or 15m, not "2h"',
        'Try countersign account create --help\n',
      ].join('\n'),
    )
  })

  it.each([
    ['organization change x', '--name, --default-api'],
    [
      'api change x',
      '--name, --token-lifetime, --signing-alg, --application-keys, --add-permission, --remove-permission',
    ],
    ['role change x', '--name, --description, --add-permission, --remove-permission'],
    ['group change x', '--name, --description'],
    ['account change x', '--name, --description, --expires, --token-lifetime'],
    ['secret change x y', '--name, --expires'],
  ])('says what %j can change when nothing is said', async (line, options) => {
    const { code, stderr } = await terminal().run(line)
    expect(code).toBe(2)
    expect(stderr.split('\n')[0]).toBe(`countersign: say what to change: ${options}`)
  })

  it('takes a value that begins with a dash after an equals sign', async () => {
    await terminal().run('organization create Acme')
    const account = await terminal().json('account create a --description=--none--')
    expect(account.description).toBe('--none--')
  })

  it('is understood before any database is opened', async () => {
    const { io, said } = heard({})
    const code = await run(['account', 'show'], io, throwing(new Error('opened')))
    expect(said(code).stderr).toContain('<account> must be given')
  })

  it('is refused in one JSON document to a script that asked for JSON', async () => {
    const refused = await terminal().run('account show nobody --json')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(refused.stderr)).toEqual({
      error: { reason: 'nothing_named', message: 'there is no service account "nobody"' },
    })
    const mistaken = await terminal().run('account shw --json')
    expect(mistaken).toMatchObject({ code: 2, stdout: '' })
    expect(JSON.parse(mistaken.stderr)).toMatchObject({ error: { reason: 'usage_wrong' } })
  })

  it('ends with 3 when the database is away', async () => {
    const { io, said } = heard(besideDatabase)
    const away = new Unavailable('no connection', seconds(2))
    const code = await run(['account', 'list'], io, throwing(away))
    expect(said(code)).toEqual({
      code: 3,
      stdout: '',
      stderr: 'countersign: the database does not answer\n',
    })
  })

  it('ends with 2 when a setting is wrong, and with 1 when the database is not ready', async () => {
    const refusals = [
      [{ reason: 'settings_wrong', problems: ['DATABASE_URL must be set'] }, 2],
      [{ reason: 'database_not_ready', problem: 'run countersign migrate' }, 1],
    ] as const
    for (const [refusal, expected] of refusals) {
      const { io, said } = heard(besideDatabase)
      const open = async () => refuse(refusal)
      const code = await run(['account', 'list'], io, { open, clock: testClock() })
      const [problem] = 'problems' in refusal ? refusal.problems : [refusal.problem]
      expect(said(code)).toEqual({
        code: expected,
        stdout: '',
        stderr: `countersign: ${problem}\n`,
      })
    }
  })

  it('does not hide a fault of the program', async () => {
    const { io } = heard(besideDatabase)
    const fault = new TypeError('a mistake of ours')
    await expect(run(['account', 'list'], io, throwing(fault))).rejects.toThrow(fault)
  })

  it('says who did it: the operator by the name of the login', async () => {
    const { created_by: by } = await terminal().json("group create 'made by me'")
    expect(by.id).toBe(`operator:${by.name}`)
    expect(by.name).not.toBe('')
  })
})

/** A world in which no database can be opened. */
function throwing(fault: Error): World {
  const open = async () => {
    throw fault
  }
  return { open, clock: testClock() }
}

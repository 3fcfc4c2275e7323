import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import type { TestHouse } from '../support/house.ts'
import { openTestHouse } from '../support/house.ts'
import { freePort } from '../support/processes.ts'
import type { Terminal } from './terminal.ts'
import { besideDatabase, openTerminal } from './terminal.ts'

let test: TestHouse
let beside: Terminal
let afar: Terminal
let login: Record<string, string> = {}

/** One server, one terminal beside its database, and one that is an Owner's, elsewhere. */
beforeAll(async () => {
  test = await openTestHouse()
  const { db, clock, issuer } = test
  beside = await openTerminal(db, clock, issuer)
  for (const line of setUp) await beside.json(line)
  const { client_id: id, client_secret: secret } = await beside.json('secret create ops laptop')
  login = {
    COUNTERSIGN_ISSUER: issuer,
    COUNTERSIGN_CLIENT_ID: id,
    COUNTERSIGN_CLIENT_SECRET: secret,
  }
  afar = await openTerminal(db, clock, issuer, login)
  await test.caughtUp()
})
afterAll(async () => test.close())

const setUp = [
  'organization create Acme',
  'api create https://orders.example.com --name Orders --permission orders:read --permission orders:write',
  'role create Reader --permission orders:read',
  'role create Writer --permission orders:write',
  'group create Builders --description Build',
  'account create ci --role Reader --group Builders',
  'secret create ci laptop',
  'binding create Writer --group Builders --resource shop/berlin',
  'account create ops --role Owner',
]

const reading = [
  'organization list',
  'organization show Acme',
  'api list',
  'api show Orders',
  'api show https://orders.example.com',
  'role list',
  'role list --limit 2',
  'role show Reader',
  'group list',
  'group show Builders',
  'group members Builders',
  'account list',
  'account show ci',
  'account access ci',
  'account access ci --api Orders',
  'secret list ci',
  'secret show ci laptop',
  'binding list',
  'binding list --account ci',
  'binding list --group Builders --role Writer --resource shop/berlin',
]

describe.each(reading)('countersign %s', (line) => {
  it('says the same from afar as beside the database, to people and to scripts', async () => {
    const known = await beside.run(line)
    expect(known).toMatchObject({ code: 0, stderr: '' })
    expect(await afar.run(line)).toEqual(known)
    expect(await afar.json(line)).toEqual(await beside.json(line))
  })
})

/** One after another; `%` is another name in each place. */
const writing = [
  'api create https://%.example.com/api --name % --permission %:read --token-lifetime 5m',
  'api change % --add-permission %:write=Write --remove-permission %:read',
  'role create % --description New --permission %:write@%',
  'role change % --description Newer --add-permission orders:read@Orders',
  'group create %',
  'group change % --description Newer',
  'account create % --role Reader@shop/paris --group % --expires 90d --token-lifetime 5m',
  'account change % --description Newer --expires never --token-lifetime default',
  'account disable %',
  'account enable %',
  'secret change % first --name second --expires 7d',
  'secret disable % second',
  'secret enable % second',
  'secret remove % second --yes',
  'binding create % --account % --expires 12h',
  'group remove-member % %',
  'group add-member % %',
  'group remove % --yes',
  'account remove % --yes',
  'role remove % --yes',
  'api remove % --yes',
]

describe('what changes something', () => {
  const besides = new Map<string, string>([['account enable %', 'secret create % first']])

  it('is done and told the same from afar as beside the database', async () => {
    for (const line of writing) {
      const here = await beside.run(line.replaceAll('%', 'here'))
      const there = await afar.run(line.replaceAll('%', 'there'))
      expect({ line, ...here }).toMatchObject({ line, code: 0, stderr: '' })
      expect({ ...there, stdout: alike(there.stdout) }).toEqual({
        ...here,
        stdout: alike(here.stdout),
      })
      const more = besides.get(line)
      if (more === undefined) continue
      await beside.json(more.replaceAll('%', 'here'))
      await afar.json(more.replaceAll('%', 'there'))
    }
  })

  it('says who did it', async () => {
    const { created_by: operator } = await beside.json('group create A')
    expect(operator.id).toMatch(/^operator:/)
    const { created_by: ops } = await afar.json('group create B')
    expect(ops).toMatchObject({ id: login['COUNTERSIGN_CLIENT_ID'], name: 'ops' })
  })
})

/** Without what differs by nature: ids, the two names, and who did it. */
function alike(text: string): string {
  return text
    .replaceAll(/\b[a-z]+_[0-9a-z]{26}\b/g, '<id>')
    .replaceAll(/csk_\w+/g, '<handle>')
    .replaceAll('there', 'here')
    .replaceAll(/ +by .*$/gm, '')
    .replaceAll(/ {2,}/g, '  ')
}

const refused = [
  'account show nobody',
  'account show sa_00000000000000000000000000',
  'account create ci',
  'account create late --expires 2020-01-01',
  'account create half --role Nothing',
  'role remove Owner --yes',
  'role remove Reader --yes',
  'role change Reader --remove-permission orders:write@Orders',
  "api remove 'Management API' --yes",
  'api create https://orders.example.com --name Again',
  'api change Orders --remove-permission orders:read',
  'group remove-member Builders ops',
  'account remove ci',
  'binding create Reader --account ci',
]

describe.each(refused)('countersign %s', (line) => {
  it('is refused in the same words from afar as beside the database', async () => {
    const known = await beside.run(line)
    expect(known).toMatchObject({ code: 1, stdout: '' })
    expect(known.stderr).toMatch(/^countersign: /)
    expect(await afar.run(line)).toEqual(known)
  })
})

describe('a refusal from afar', () => {
  it('has its reason, its status and its trace id for a script', async () => {
    const { code, stdout, stderr } = await afar.run('organization create Other --json')
    expect([code, stdout]).toEqual([1, ''])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        reason: 'operator_needed',
        message: expect.any(String),
        status: 403,
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    })
  })
})

describe('a token that the server no longer takes', () => {
  it('is renewed once, and a client that is gone is told so', async () => {
    const { client_id: id } = await beside.json('account create brief --role Viewer')
    const { client_secret: secret } = await beside.json('secret create brief only')
    await test.caughtUp()
    const env = { ...login, COUNTERSIGN_CLIENT_ID: id, COUNTERSIGN_CLIENT_SECRET: secret }
    const brief = await openTerminal(test.db, test.clock, test.issuer, env)
    expect((await brief.run('account list')).code).toBe(0)
    await beside.run('account remove brief --yes')
    await test.caughtUp()
    const gone = await brief.run('account list')
    expect([gone.code, gone.stdout]).toEqual([1, ''])
    expect(gone.stderr).toContain('client authentication failed')
    expect(gone.stderr).not.toContain(secret)
  })
})

async function say(env: Io['env'], line: string) {
  const terminal = await openTerminal(test.db, test.clock, test.issuer, env)
  return terminal.run(line)
}

describe('where a command works', () => {
  it('is not guessed at where the environment names a server and a database', async () => {
    const both = { ...besideDatabase, ...login }
    const { code, stderr } = await say(both, 'account list')
    expect([code, stderr]).toEqual([
      2,
      'countersign: DATABASE_URL names a database and COUNTERSIGN_… a server: say which is meant, --direct or --remote\n',
    ])
    const created = async (way: string) =>
      JSON.parse((await say(both, `group create ${way} --${way} --json`)).stdout).created_by.id
    expect(await created('direct')).toMatch(/^operator:/)
    expect(await created('remote')).toBe(login['COUNTERSIGN_CLIENT_ID'])
    const contrary = await say(both, 'account list --direct --remote')
    expect([contrary.code, contrary.stdout]).toEqual([2, ''])
  })

  it('has to be said where there is nothing', async () => {
    const { code, stderr } = await say({}, 'account list')
    expect([code, stderr]).toEqual([
      2,
      'countersign: say where: countersign login for a server, or DATABASE_URL for its database; there is no ./.countersign here\n',
    ])
  })

  it('ends with 3 where nobody answers, and names no secret', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const { code, stderr } = await say({ ...login, COUNTERSIGN_ISSUER: nobody }, 'account list')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^countersign: no answer from http:\/\/127/)
    expect(stderr).not.toContain('csk_')
  })
})

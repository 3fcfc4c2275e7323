import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LossyProxy } from './lossy-proxy.ts'
import { openLossyProxy } from './lossy-proxy.ts'
import type { Places } from './places.ts'
import { openPlaces } from './places.ts'
import type { Terminal } from './terminal.ts'

let proxy: LossyProxy
let places: Places
let beside: Terminal
let afar: Terminal
/** All that `afar` says goes through the proxy, which is where its server is. */
beforeAll(async () => {
  proxy = await openLossyProxy()
  places = await openPlaces({ issuer: proxy.url })
  ;({ beside } = places)
  proxy.lead(places.test.url)
  afar = await places.holding('ops', 'Owner')
})
afterAll(async () => {
  await proxy.close()
  await places.test.close()
})

describe('the audit trail from afar', () => {
  it('is listed as beside the database, in pages and as one asks', async () => {
    const { id } = await afar.json('group create Builders')
    await afar.json('group change Builders --description Build')
    for (const line of [
      'audit list',
      'audit list --limit 2',
      'audit list --json',
      `audit list --target ${id}`,
      'audit list --kind group.created --json',
      'audit list --from 2029-12-31 --to 2031-01-01',
    ]) {
      const here = await beside.run(line)
      expect(here).toMatchObject({ code: 0, stderr: '' })
      expect(await afar.run(line)).toEqual(here)
    }
    const { stdout } = await afar.run(`audit list --target ${id}`)
    expect(stdout).toMatch(
      new RegExp(`^ {2}\\d+ +2030\\S+ +group.created +ops +Builders +${id}$`, 'm'),
    )
    expect(stdout.match(/ group\./g)).toHaveLength(2)
    const { items } = await afar.json('audit list')
    const first = await afar.json('audit list --limit 1')
    const rest = await afar.json(`audit list --after ${first.next_cursor}`)
    expect([...first.items, ...rest.items]).toEqual(items)
    const none = await afar.run('audit list --to 1h')
    expect(none.stdout).toBe('  none\n')
  })

  it('is exported to the byte, and of the organization alone', async () => {
    const here = await beside.run('audit export --organization Acme')
    const there = await afar.run('audit export')
    expect(there).toEqual(here)
    expect(there.stdout.split('\n').length).toBeGreaterThan(3)
    const all = await beside.run('audit export')
    expect(all.stdout).toContain(here.stdout)
    expect(all.stdout).toContain('"chain":"server"')
  })

  it('says of an export that broke off that it is not all', async () => {
    proxy.lose('end', 'audit-entries')
    const { code, stdout, stderr } = await afar.run('audit export')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^(?:\{"entry":.*,"hash":"[0-9a-f]{64}"\}\n)+$/)
    expect(stderr).toMatch(/^countersign: the answer from \S+ broke off.* good, and is not all\n$/)
  })

  it.each([
    ['audit list --server', 1, 'only an operator of the server can do this'],
    ['audit export --server', 1, 'only an operator of the server can do this'],
    ['audit list --server --organization Acme', 2, 'give --organization or --server'],
    ['audit list --after zz', 1, '--after: not a cursor of this list with these filters'],
    [
      'audit list --from yesterday',
      2,
      '--from must be a date that has been (2031-01-31, 2031-01-31T12:00:00Z) or',
    ],
  ])('is refused in words: %s', async (line, code, why) => {
    const said = await afar.run(line)
    expect([said.code, said.stdout]).toEqual([code, ''])
    expect(said.stderr).toContain(`countersign: ${why}`)
  })
})

const made = async () => afar.json('secret generate --name terraform')

describe('a secret that the server never sees', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-blind-'))
    await beside.json('account create robot --role Viewer')
  })
  afterAll(async () => rm(folder, { recursive: true }))

  it('is generated, registered and good for a token, and in no request before that', async () => {
    const printed = await made()
    const { client_secret: secret } = printed
    const file = join(folder, 'made.json')
    await writeFile(file, JSON.stringify(printed))
    const { code, stdout } = await afar.run(`secret create robot --body ${file}`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Registered the secret "terraform"\.$/m)
    expect(stdout).toMatch(/^The secret itself is where it was made, and nowhere else\.$/m)
    expect(JSON.stringify([stdout, proxy.asked])).not.toContain(secret)
    const registered = proxy.asked.at(-1)
    expect(JSON.parse(registered?.body ?? '')).toEqual(printed.body)

    const { items } = await beside.json('secret list robot')
    await places.test.caughtUp()
    const robot = await places.as({ client_id: items[0].client_id, client_secret: secret })
    expect((await robot.run(`token --resource ${proxy.url}/api`)).code).toBe(0)
  })

  it('is registered from standard input, or by its handle and hash', async () => {
    const { body } = await made()
    const piped = await afar.answering(JSON.stringify(body), 'secret create robot piped --body -')
    expect(piped.stdout).toMatch(new RegExp(`^ {2}begins with +csk_${body.handle}_$`, 'm'))
    const { body: other } = await made()
    const proof = `--handle ${other.handle} --hash '${other.hash}'`
    const given = await afar.json(`secret create robot given ${proof} --expires 7d`)
    expect(given).toMatchObject({ name: 'given', handle: other.handle })
    expect(given).not.toHaveProperty('client_secret')
    const taken = await afar.run(`secret create robot again ${proof}`)
    expect([taken.code, taken.stdout]).toEqual([1, ''])
    expect(taken.stderr).toContain(`the handle ${other.handle} is registered already`)
  })

  it.each([
    ['robot', 2, '<name> must be given'],
    ['robot x --handle 3q2ynbW9Xc7dLkPa', 2, '--handle and --hash go together'],
    ['robot x --handle abc', 2, '--handle must be the 16 letters and digits'],
    ['robot x --hash abc', 2, '--hash must be the hash of a secret in PHC form'],
    ['robot x --body nowhere.json', 1, 'nowhere.json cannot be used: ENOENT'],
    ['robot x --body -', 1, 'standard input cannot be used: it is not what'],
  ])('is refused in words: secret create %s', async (words, code, why) => {
    const said = await afar.run(`secret create ${words}`)
    expect([said.code, said.stdout]).toEqual([code, ''])
    expect(said.stderr).toContain(`countersign: ${why}`)
  })

  it('is not repeated where it was put in a wrong place', async () => {
    const { client_secret: secret } = await made()
    const { code, stderr } = await afar.run(`secret create robot x --handle ${secret}`)
    expect(code).toBe(2)
    expect(stderr).toContain('between its underscores, not a secret (not shown)')
    expect(stderr).not.toContain(secret)
  })
})

/** What was asked since, of creations. */
const creations = (since: number) =>
  proxy.asked.slice(since).filter(({ line }) => line.startsWith('POST /api/'))
const keysOf = (asked: ReturnType<typeof creations>) =>
  asked.map(({ headers }) => headers['idempotency-key'])
const groupsNamed = async (name: string) =>
  (await beside.json('group list')).items.filter((one: { name: string }) => one.name === name)

describe('an answer that got lost', () => {
  it.each([
    ['all', 'Reset'],
    ['gateway', 'Gateway'],
    ['end', 'Half'],
  ] as const)('is asked for again, and the thing made once: %s', async (loss, name) => {
    const since = proxy.asked.length
    proxy.lose(loss, '/groups')
    // The first request to the groups is the creation: there is only one organization.
    const { code, stdout, stderr } = await afar.run(`group create ${name}`)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^Created the group "${name}"\\.$`, 'm'))
    const [first, second, ...others] = keysOf(creations(since))
    expect([first, others]).toEqual([expect.stringMatching(/^[\w-]{36}$/), []])
    expect(second).toBe(first)
    expect(await groupsNamed(name)).toHaveLength(1)
  })

  it('is another for each run: what is asked twice is done twice', async () => {
    const since = proxy.asked.length
    await afar.json('group create First')
    const again = await afar.run('group create First')
    expect([again.code, again.stderr]).toEqual([
      1,
      'countersign: another group is called "First" already\n',
    ])
    expect(new Set(keysOf(creations(since))).size).toBe(2)
  })

  it('is not asked for for ever; then it is said that it may be done', async () => {
    const since = proxy.asked.length
    proxy.lose('all', '/groups', 3)
    const { code, stdout, stderr } = await afar.run('group create Lost')
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toMatch(
      /^countersign: no answer came, asked 3 times: the connection was closed\. It may be done all the same: look before you ask again\n$/,
    )
    expect(creations(since)).toHaveLength(3)
    expect(await groupsNamed('Lost')).toHaveLength(1)
  })

  it('had the secret in it: it says what to do, and that helps', async () => {
    await beside.json('account create worker')
    proxy.lose('all', '/credentials')
    const { code, stdout, stderr } = await afar.run('secret create worker laptop')
    expect([code, stdout]).toEqual([4, ''])
    const [, remedy = ''] =
      /^countersign: it is done, but the answer with the secret was lost .*: remove it \(countersign (secret remove sa_\w+ crd_\w+)\) and make another\n$/.exec(
        stderr,
      ) ?? []
    expect((await afar.run(`${remedy} --yes`)).stdout).toBe('Removed the secret "laptop".\n')
    expect((await afar.json('secret create worker laptop')).client_secret).toMatch(/^csk_/)
  })

  it('had a link in it: it says what to do, and that helps', async () => {
    proxy.lose('all', '/invitations')
    const { code, stdout, stderr } = await afar.run('invitation create mallory@example.com')
    expect([code, stdout]).toEqual([4, ''])
    const [, remedy = ''] = /\(countersign (invitation remove inv_\w+)\)/.exec(stderr) ?? []
    expect((await afar.run(`${remedy} --yes`)).code).toBe(0)
    expect((await afar.json('invitation create mallory@example.com')).link).toMatch(/#cln_/)

    proxy.lose('all', '/invitations')
    const lost = await afar.run('invitation create trent@example.com --json')
    expect([lost.code, lost.stdout]).toEqual([4, ''])
    expect(JSON.parse(lost.stderr)).toMatchObject({ error: { reason: 'secret_lost' } })
  })
})

describe('what needs the database', () => {
  it.each([
    'keys list --profile staging',
    'keys rotate --remote',
    'audit verify',
    'audit checkpoint',
  ])('says that no server is a way to it: countersign %s', async (line) => {
    const { code, stdout, stderr } = await afar.run(line)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^countersign: this works beside the database alone, .* who is signed in: no client is one\n$/,
    )
  })

  it('is done there, and offers no other place', async () => {
    expect((await beside.run('keys list --direct')).code).toBe(0)
    expect((await beside.run('keys list --help')).stdout).not.toContain('--profile')
  })
})

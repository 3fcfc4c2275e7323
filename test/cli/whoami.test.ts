import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/processes.ts'
import type { Places } from './places.ts'
import { newKey, newMemberHolding, openPlaces } from './places.ts'
import type { Terminal } from './terminal.ts'

let places: Places
let watch: Terminal
beforeAll(async () => {
  places = await openPlaces()
  await places.beside.json('group create Platform')
  watch = await places.holding('watch', 'Viewer')
  await places.beside.json('binding create Owner --account watch --resource cluster/x')
  await places.beside.json('group add-member Platform watch')
  await places.beside.json('binding create Viewer --group Platform')
  await places.test.caughtUp()
})
afterAll(async () => places.test.close())

describe('countersign whoami', () => {
  it('tells a script who it acts as, with what, and until when', async () => {
    const { items } = await watch.json('secret list watch')
    const [secret] = items
    expect(await watch.json('whoami')).toEqual({
      type: 'service_account',
      id: secret.client_id,
      name: 'watch',
      is_operator: false,
      organization_id: places.organization,
      organization_name: 'Acme',
      memberships: [],
      issuer: places.test.issuer,
      client_id: secret.client_id,
      credential_id: secret.id,
      handle: secret.handle,
      permissions: expect.arrayContaining(['audit:read', 'roles:read']),
      roles: ['Viewer'],
      roles_on_resources: [{ role: 'Owner', resource: 'cluster/x' }],
      groups: ['Platform'],
      token_ends_at: '2030-01-01T00:15:00Z',
    })
  })

  it('tells a person the same, and no secret', async () => {
    const { code, stdout, stderr } = await watch.run('whoami')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^ {2}client ID +sa_\w+$/m)
    expect(stdout).toMatch(/^ {2}secret +crd_\w+, begins with csk_\w{16}_$/m)
    expect(stdout).toMatch(/^ {2}organization +Acme \(org_\w+\)$/m)
    expect(stdout).toMatch(/^ {2}on one resource +Owner on cluster\/x: opens nothing here$/m)
    expect(stdout).toMatch(/^ {2}token ends +2030-01-01T00:15:00Z$/m)
    expect(stdout).toMatch(/^ {2}audit +read$/m)
    expect(stdout).not.toMatch(/\bmanage\b/)
  })

  it('says whose an application key is, and what it is not for', async () => {
    const { member, ...key } = await newKey(places, await newMemberHolding(places, 'Owner'))
    const ada = await places.as(key)
    expect(await ada.json('whoami')).toMatchObject({
      type: 'member',
      id: member,
      client_id: key.client_id,
    })
    const { stdout } = await ada.run('whoami')
    expect(stdout).toMatch(new RegExp(`^ {2}is +member ${member}, by an application key$`, 'm'))
    expect(stdout).toMatch(/^ {2}bindings +manage, read$/m)
    expect(stdout).toMatch(/^An application key makes no credentials, .* takes a session\.$/m)
  })

  it('says beside the database that one is the operator', async () => {
    const { beside, test } = places
    expect(await beside.json('whoami')).toMatchObject({
      type: 'operator',
      id: expect.stringMatching(/^operator:/),
      is_operator: true,
      issuer: test.issuer,
    })
    const { stdout } = await beside.run('whoami')
    // By which the audit trail has what they did.
    const [, id] = /^ {2}id +(operator:\S+)$/m.exec(stdout) ?? []
    const done = await beside.run(`audit export --actor ${id} --kind group.created`)
    expect(done.stdout).toContain('"name":"Platform"')
    expect(stdout).toContain('This operator may do everything, in every organization.\n')
  })

  it('tells a client that holds nothing there what helps', async () => {
    const { beside, test, as } = places
    const { id } = await beside.json('account create nobody')
    const nobody = await as(await beside.json('secret create nobody only'))
    await test.caughtUp()
    for (const line of ['whoami', 'account list']) {
      const { code, stdout, stderr } = await nobody.run(line)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toBe(
        `countersign: the secret is right, but ${id} holds nothing at the management API: grant it a role such as Viewer first (countersign binding create Viewer --account ${id})\n`,
      )
    }
  })

  it('is refused where the secret is no good, and ends with 3 where nobody answers', async () => {
    const { beside, as } = places
    const secret = await beside.json('secret create watch second')
    await beside.json('secret disable watch second')
    await places.test.caughtUp()
    const refused = await (await as(secret)).run('whoami')
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('client authentication failed (invalid_client)')
    const away = await (await as(secret, `http://127.0.0.1:${await freePort()}`)).run('whoami')
    expect([away.code, away.stdout]).toEqual([3, ''])
    expect(away.stderr).toMatch(/^countersign: no answer from \S+: nothing listens at 127/)
    expect(refused.stderr + away.stderr).not.toContain(secret.client_secret)
  })
})

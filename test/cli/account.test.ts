import { beforeAll, describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

describe('countersign account', () => {
  const terminal = useTerminal()
  beforeAll(async () => {
    await terminal().json('organization create Acme')
    const api = 'api create https://orders.example.com --name Orders'
    await terminal().json(`${api} --permission orders:read --permission orders:write`)
    await terminal().json('role create Reader --permission orders:read')
    await terminal().json('role create Writer --permission orders:write')
    await terminal().json('group create Builders')
  })

  it('creates an account with access directly and through a group', async () => {
    const account = await terminal().json(
      'account create ci --description Builds --expires 90d --token-lifetime 5m --group Builders --role Reader --role Writer@shop/berlin',
    )
    expect(account).toMatchObject({
      id: expect.stringMatching(/^sa_/),
      client_id: account.id,
      name: 'ci',
      description: 'Builds',
      enabled: true,
      expires_at: '2030-04-01T00:00:00Z',
      token_lifetime_seconds: 300,
      credentials: [],
      groups: [{ name: 'Builders' }],
    })
    expect(account.granted_roles).toMatchObject([
      { role_name: 'Reader', principal_id: account.id, subject_name: 'ci', resource: null },
      { role_name: 'Writer', resource: 'shop/berlin' },
    ])
    expect(await terminal().json('account show ci')).toEqual(account)
    expect(await terminal().json(`account show ${account.client_id}`)).toEqual(account)
  })

  it('creates nothing if a group or role is not there', async () => {
    const group = await terminal().run('account create half --group Nobody')
    expect([group.code, group.stderr]).toEqual([1, 'countersign: there is no group "Nobody"\n'])
    const role = await terminal().run('account create half --role Nothing')
    expect([role.code, role.stderr]).toEqual([1, 'countersign: there is no role "Nothing"\n'])
    expect((await terminal().run('account show half')).code).toBe(1)
  })

  it('shows a person what there is to know, and no secret', async () => {
    const { client_secret: secret } = await terminal().json('secret create ci laptop')
    const { stdout } = await terminal().run('account show ci')
    expect(stdout).toMatch(/^ {2}client ID +sa_/m)
    expect(stdout).toMatch(/^ {2}expires +2030-04-01T00:00:00Z$/m)
    expect(stdout).toMatch(/^ {2}token lifetime +5m$/m)
    expect(stdout).toMatch(/^ {2}laptop +crd_\w+ +enabled +never$/m)
    expect(stdout).toMatch(/^ {2}Writer +shop\/berlin +never +bnd_/m)
    expect(stdout).toMatch(/^ {2}Builders +grp_/m)
    expect(stdout).not.toContain(secret)
  })

  it('lists accounts with their state', async () => {
    await terminal().json('account create brief --expires 1h')
    terminal().clock.turn(3600)
    const { stdout } = await terminal().run('account list')
    expect(stdout).toMatch(/^ {2}NAME +CLIENT ID +STATE +EXPIRES$/m)
    expect(stdout).toMatch(/^ {2}ci +sa_\w+ +enabled +2030-04-01T00:00:00Z$/m)
    expect(stdout).toMatch(/^ {2}brief +sa_\w+ +expired +2030-01-01T01:00:00Z$/m)
    const { items: all, next_cursor: end } = await terminal().json('account list')
    const first = await terminal().json('account list --limit 1')
    const rest = await terminal().json(`account list --after ${first.next_cursor}`)
    expect([...first.items, ...rest.items]).toEqual(all)
    expect(end).toBeNull()
    const { stdout: page } = await terminal().run('account list --limit 1')
    expect(page).toContain(`\nThere is more: --after ${first.next_cursor}\n`)
  })

  it('says what an account holds, and why', async () => {
    await terminal().json('binding create Reader --group Builders')
    const { access } = await terminal().json('account access ci')
    expect(access).toMatchObject([
      {
        audience: 'https://orders.example.com',
        groups: ['Builders'],
        permissions: [
          {
            permission: 'orders:read',
            resource: null,
            paths: [
              { role_name: 'Reader', group_name: null },
              { role_name: 'Reader', group_name: 'Builders' },
            ],
          },
          { permission: 'orders:write', resource: 'shop/berlin' },
        ],
      },
    ])
    const { stdout } = await terminal().run('account access ci --api Orders')
    expect(stdout).toMatch(/^ {2}orders:read +everything +Reader, directly$/m)
    expect(stdout).toMatch(/^ {2}orders:read +everything +Reader, through the group Builders$/m)
    expect(stdout).toMatch(/^ {2}orders:write +shop\/berlin +Writer, directly$/m)
    const none = await terminal().run('account access brief')
    expect(none.stdout).toBe('This account holds nothing at any API.\n')
  })

  it('says beforehand what would end with an account', async () => {
    const { credentials, bindings, groups } = await terminal().json('account preview ci')
    expect([credentials.length, bindings.length, groups.length]).toEqual([1, 2, 1])
    const { stdout } = await terminal().run('account preview ci')
    expect(stdout).toMatch(/^ {2}state +enabled$/m)
    expect(stdout).toMatch(/^It gets no more tokens\. Those it has are good until 2030-\S+Z/m)
    expect(stdout).toMatch(/^ {2}laptop +crd_\w+ +enabled +never$/m)
    expect(stdout).toMatch(/^ {2}orders:write +shop\/berlin +https:\/\/orders\.example\.com$/m)
  })

  it('changes what is given and keeps the rest', async () => {
    const changed = await terminal().json(
      'account change ci --name build --expires never --token-lifetime default',
    )
    expect(changed).toMatchObject({
      name: 'build',
      description: 'Builds',
      expires_at: null,
      token_lifetime_seconds: null,
    })
    const { stdout } = await terminal().run('account change build --name ci')
    expect(stdout).toMatch(/^Changed the service account "ci"\.$/m)
  })

  it('disables and enables', async () => {
    const disabled = await terminal().run('account disable ci')
    expect(disabled.stdout).toMatch(/^The service account "ci" is disabled\.$/m)
    expect((await terminal().json('account show ci')).enabled).toBe(false)
    await terminal().run('account enable ci')
    expect((await terminal().json('account show ci')).enabled).toBe(true)
  })

  it('is refused in words', async () => {
    const taken = await terminal().run('account create ci')
    expect(taken.stderr).toBe('countersign: another service account is called "ci" already\n')
    const past = await terminal().run('account create late --expires 2020-01-01')
    expect(past.stderr).toBe('countersign: 2020-01-01T00:00:00Z is not in the future\n')
    expect([taken.code, past.code]).toEqual([1, 1])
  })

  it('removes an account only after its consequence was confirmed', async () => {
    const refused = await terminal().run('account remove ci')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /removes the service account "ci" \(sa_\w+\) for good, with its 1 secret, its place in 1 group and 2 granted roles\.$/m,
    )
    expect(refused.stderr).toMatch(
      /^countersign: Nobody else may then do what it may: orders:read, orders:write on shop\/berlin\.$/m,
    )
    expect(refused.stderr).toMatch(/Those it has are good until 2030-\S+Z at the latest\.$/m)
    expect(refused.stderr).toMatch(/Say --yes if that is what you want\.$/m)

    const hesitant = await terminal().answering('', 'account remove ci')
    expect(hesitant.code).toBe(1)
    expect(hesitant.stderr).toMatch(/Go on\? \[y\/N\] countersign: nothing was changed\n$/)
    expect((await terminal().run('account show ci')).code).toBe(0)

    const decided = await terminal().answering('y', 'account remove ci')
    expect([decided.code, decided.stdout]).toEqual([0, 'Removed the service account "ci".\n'])
    expect((await terminal().run('account show ci')).code).toBe(1)
    const removed = await terminal().json('account remove brief --yes')
    expect(removed.name).toBe('brief')
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

describe('countersign binding', () => {
  const terminal = useTerminal()
  beforeAll(async () => {
    await terminal().json('organization create Acme')
    await terminal().json('account create ci')
    await terminal().json('group create Builders')
    await terminal().json('role create Operator')
  })

  it('grants a role to an account or to a group', async () => {
    const toAccount = await terminal().json('binding create Operator --account ci')
    expect(toAccount).toMatchObject({
      id: expect.stringMatching(/^bnd_/),
      role_name: 'Operator',
      subject_name: 'ci',
      group_id: null,
      resource: null,
      expires_at: null,
    })
    const toGroup = await terminal().json(
      'binding create Operator --group Builders --resource cluster/prod-eu --expires 12h',
    )
    expect(toGroup).toMatchObject({
      subject_name: 'Builders',
      principal_id: null,
      resource: 'cluster/prod-eu',
      expires_at: '2030-01-01T12:00:00Z',
    })
    expect(await terminal().json(`binding show ${toGroup.id}`)).toEqual(toGroup)
    const { stdout } = await terminal().run(`binding show ${toGroup.id}`)
    expect(stdout).toMatch(/^ {2}held by +group Builders$/m)
  })

  it('takes the resource after the role, as account create does', async () => {
    const line = 'binding create Operator@cluster/test --account ci'
    expect(await terminal().json(line)).toMatchObject({
      role_name: 'Operator',
      resource: 'cluster/test',
    })
    const twice = await terminal().run(`${line} --resource cluster/other`)
    expect([twice.code, twice.stderr.split('\n')[0]]).toEqual([
      2,
      'countersign: give one resource: @… or --resource',
    ])
    const { items } = await terminal().json('binding list --resource cluster/test')
    await terminal().json(`binding remove ${items[0].id} --yes`)
  })

  it('asks for one holder, no more and no less', async () => {
    for (const holders of ['', '--account ci --group Builders']) {
      const { code, stderr } = await terminal().run(`binding create Operator ${holders}`)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^countersign: say one of --account, --member and --group$/m)
    }
  })

  it('is refused in words when it is there already', async () => {
    const { code, stderr } = await terminal().run('binding create Operator --account ci')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^countersign: the role is granted there already \(bnd_\w+\); its end can be changed$/m,
    )
  })

  it('lists what is granted, to whom, on what and until when', async () => {
    const { stdout } = await terminal().run('binding list')
    expect(stdout).toMatch(/^ {2}Operator +account ci +everything +never +bnd_/m)
    expect(stdout).toMatch(
      /^ {2}Operator +group Builders +cluster\/prod-eu +2030-01-01T12:00:00Z +bnd_/m,
    )
    const found = async (filter: string) => {
      const { items: bindings } = await terminal().json(`binding list ${filter}`)
      return bindings.length
    }
    expect(await found('--role Operator')).toBe(2)
    expect(await found('--role Owner')).toBe(0)
    expect(await found('--account ci')).toBe(1)
    expect(await found('--group Builders')).toBe(1)
    expect(await found('--resource cluster/prod-eu')).toBe(1)
  })

  it('moves the end', async () => {
    const { items: bindings } = await terminal().json('binding list --group Builders')
    const changed = await terminal().json(`binding change ${bindings[0].id} --expires never`)
    expect(changed.expires_at).toBeNull()
    const { code, stderr } = await terminal().run(`binding change ${bindings[0].id}`)
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'countersign: --expires must be given'])
  })

  it('withdraws a role only after it was confirmed', async () => {
    const { items: bindings } = await terminal().json('binding list --account ci')
    const unsure = await terminal().run(`binding remove ${bindings[0].id}`)
    expect(unsure.stderr).toMatch(/withdraws the role "Operator" on everything from account ci\.$/m)
    const removed = await terminal().answering('yes', `binding remove ${bindings[0].id}`)
    expect(removed.stdout).toBe('Withdrew the role "Operator" from account ci.\n')
    expect((await terminal().json('binding list --account ci')).items).toEqual([])
    expect([unsure.code, removed.code]).toEqual([1, 0])
  })
})

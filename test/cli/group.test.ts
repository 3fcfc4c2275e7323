import { beforeAll, describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

describe('countersign group', () => {
  const terminal = useTerminal()
  beforeAll(async () => {
    await terminal().json('organization create Acme')
    await terminal().json('account create ci')
  })

  it('creates, lists and shows groups', async () => {
    const group = await terminal().json("group create Builders --description 'They build'")
    expect(group).toMatchObject({
      id: expect.stringMatching(/^grp_/),
      name: 'Builders',
      description: 'They build',
      granted_roles: [],
      members: [],
    })
    expect(await terminal().json('group show Builders')).toEqual(group)
    const { items } = await terminal().json('group list')
    expect(items).toMatchObject([{ id: group.id, name: 'Builders' }])
    expect((await terminal().run('group list')).stdout).toMatch(/Builders +grp_\w+ +They build$/m)
  })

  it('takes accounts in and lets them go', async () => {
    const { stdout } = await terminal().run('group add-member Builders ci')
    expect(stdout).toBe('The account "ci" is now in the group "Builders".\n')
    await terminal().json('binding create Owner --group Builders')
    const shown = await terminal().run('group show Builders')
    expect(shown.stdout).toMatch(/^ {2}ci +sa_/m)
    expect(shown.stdout).toMatch(/^ {2}Owner +everything +never +bnd_/m)
    const { items } = await terminal().json('group members Builders')
    expect(items).toMatchObject([{ type: 'service_account', name: 'ci' }])

    const gone = await terminal().run('group remove-member Builders ci')
    expect(gone.stdout).toBe('The account "ci" is no longer in the group "Builders".\n')
    const again = await terminal().run('group remove-member Builders ci')
    expect([again.code, again.stderr]).toEqual([
      1,
      'countersign: the account is not in the group\n',
    ])
  })

  it('changes its name and description', async () => {
    const changed = await terminal().json('group change Builders --name Makers')
    expect(changed).toMatchObject({ name: 'Makers', description: 'They build' })
  })

  it('removes a group only after its consequence was confirmed', async () => {
    await terminal().json('group add-member Makers ci')
    const unsure = await terminal().run('group remove Makers')
    expect(unsure.stderr).toMatch(/removes the group "Makers" for good\.$/m)
    expect(unsure.stderr).toMatch(/Its 1 member loses what it gives: 1 granted role\.$/m)
    const removed = await terminal().run('group remove Makers --yes')
    expect(removed.stdout).toBe('Removed the group "Makers".\n')
    expect((await terminal().json('account show ci')).groups).toEqual([])
    expect([unsure.code, removed.code]).toEqual([1, 0])
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

describe('countersign role', () => {
  const terminal = useTerminal()
  beforeAll(async () => terminal().json('organization create Acme'))

  it('takes a permission of the only API without naming it', async () => {
    const early = await terminal().run('role create Reader --permission orders:read')
    expect(early.stderr).toMatch(/^countersign: there is no API yet: countersign api create/)
    const api = 'api create https://orders.example.com --name Orders'
    await terminal().json(`${api} --permission orders:read --permission orders:write`)
    const role = await terminal().json('role create Reader --permission orders:read')
    expect(role).toMatchObject({
      id: expect.stringMatching(/^rol_/),
      name: 'Reader',
      built_in: false,
      permissions: [{ audience: 'https://orders.example.com', permissions: ['orders:read'] }],
    })
    expect(await terminal().json('role show Reader')).toEqual(role)
  })

  it('takes permissions of several APIs by their names or audiences', async () => {
    const api = "api create https://stock.example.com --name 'Stock @ home'"
    await terminal().json(`${api} --permission stock:read`)
    const role = await terminal().json(
      "role create Clerk --description 'Looks things up' --permission orders:read@https://orders.example.com --permission 'stock:read@Stock @ home'",
    )
    expect(role.permissions).toEqual([
      { audience: 'https://orders.example.com', permissions: ['orders:read'] },
      { audience: 'https://stock.example.com', permissions: ['stock:read'] },
    ])
    const unclear = await terminal().run('role create Vague --permission orders:read')
    expect([unclear.code, unclear.stderr.split('\n')[0]]).toEqual([
      2,
      'countersign: there are several APIs: say whose a permission is, as in orders:read@Orders',
    ])
  })

  it('lists roles, the built-in ones too', async () => {
    const { stdout } = await terminal().run('role list')
    expect(stdout).toMatch(/^ {2}Owner +rol_\w+ +17 permissions$/m)
    expect(stdout).toMatch(/^ {2}Reader +rol_\w+ +1 permission$/m)
    const { stdout: owner } = await terminal().run('role show Owner')
    expect(owner).toMatch(/^ {2}built in +yes$/m)
  })

  it('changes its name and permissions', async () => {
    const changed = await terminal().json(
      "role change Clerk --name Writer --add-permission orders:write@Orders --remove-permission 'stock:read@Stock @ home'",
    )
    expect(changed).toMatchObject({ name: 'Writer', description: 'Looks things up' })
    expect(changed.permissions).toEqual([
      { audience: 'https://orders.example.com', permissions: ['orders:read', 'orders:write'] },
    ])
    const { stdout } = await terminal().run('role show Writer')
    expect(stdout).toMatch(/^ {2}orders:write +https:\/\/orders\.example\.com$/m)
  })

  it('is refused in words', async () => {
    const builtIn = await terminal().run('role change Owner --name Mine')
    expect(builtIn.stderr).toBe('countersign: a built-in role can be neither changed nor removed\n')
    await terminal().json('account create ci --role Reader')
    const used = await terminal().run('role remove Reader --yes')
    expect(used.stderr).toMatch(/^countersign: the role is granted once: withdraw it first/)
    const stranger = await terminal().run(
      'role change Reader --remove-permission orders:write@Orders',
    )
    expect(stranger.stderr).toBe(
      'countersign: the role does not hold the permission orders:write\n',
    )
    expect([builtIn.code, used.code, stranger.code]).toEqual([1, 1, 1])
  })

  it('removes a role only after it was confirmed', async () => {
    const unsure = await terminal().run('role remove Writer')
    expect(unsure.stderr).toMatch(
      /removes the role "Writer" for good, which holds 2 permissions\.$/m,
    )
    const removed = await terminal().run('role remove Writer --yes')
    expect(removed.stdout).toBe('Removed the role "Writer".\n')
    expect([unsure.code, removed.code]).toEqual([1, 0])
  })
})

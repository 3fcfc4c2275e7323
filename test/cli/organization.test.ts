import { describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

describe('countersign organization', () => {
  const terminal = useTerminal()

  it('creates, lists and shows tenants', async () => {
    expect((await terminal().run('organization list')).stdout).toBe('  none\n')
    const created = await terminal().json('organization create Acme')
    expect(created).toMatchObject({
      id: expect.stringMatching(/^org_/),
      name: 'Acme',
      enabled: true,
      default_audience: null,
      created_at: '2030-01-01T00:00:00Z',
      created_by: { id: expect.stringMatching(/^operator:/), name: expect.any(String) },
    })
    expect(await terminal().json('organization show Acme')).toEqual(created)
    expect(await terminal().json(`organization show ${created.id}`)).toEqual(created)
    expect(await terminal().json('organization list')).toEqual({
      items: [created],
      next_cursor: null,
    })
    const { stdout } = await terminal().run('organization show Acme')
    expect(stdout).toMatch(/^ {2}name +Acme$/m)
    expect(stdout).toMatch(/^ {2}default audience +none$/m)
  })

  it('refuses a name that is taken', async () => {
    expect(await terminal().run('organization create Acme')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'countersign: another organization is called "Acme" already\n',
    })
  })

  it('changes the name and the default API', async () => {
    await terminal().json('api create https://orders.example.com --name Orders')
    const change = 'organization change Acme'
    const changed = await terminal().json(`${change} --default-api Orders`)
    expect(changed.default_audience).toBe('https://orders.example.com')
    const renamed = await terminal().json(`${change} --name 'Acme Inc.'`)
    expect(renamed).toEqual({ ...changed, name: 'Acme Inc.' })
    const none = await terminal().json("organization change 'Acme Inc.' --default-api none")
    expect(none.default_audience).toBeNull()
    const { code, stderr } = await terminal().run(
      "organization change 'Acme Inc.' --default-api Stock",
    )
    expect([code, stderr]).toEqual([1, 'countersign: there is no API "Stock"\n'])
  })

  it('disables once that was confirmed, and enables', async () => {
    const line = "organization disable 'Acme Inc.'"
    const refused = await terminal().run(line)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(/^countersign: This stops the organization "Acme Inc\." \(org_/)
    expect(refused.stderr).toMatch(/Say --yes if that is what you want\.$/m)
    expect((await terminal().answering('n', line)).code).toBe(1)
    expect((await terminal().json("organization show 'Acme Inc.'")).enabled).toBe(true)
    expect((await terminal().answering('y', line)).code).toBe(0)
    const disabled = await terminal().run(`${line} --yes`)
    expect(disabled.stdout).toMatch(/^The organization "Acme Inc\." is disabled\.$/m)
    expect((await terminal().json("organization show 'Acme Inc.'")).enabled).toBe(false)
    await terminal().run("organization enable 'Acme Inc.'")
    expect((await terminal().json("organization show 'Acme Inc.'")).enabled).toBe(true)
  })
})

describe('--organization', () => {
  const terminal = useTerminal()

  it('is needed only when there are several, and takes a name or an id', async () => {
    const none = await terminal().run('account list')
    expect([none.code, none.stderr]).toEqual([
      2,
      'countersign: there is no organization yet: countersign organization create <name>\n',
    ])
    const { id } = await terminal().json('organization create Acme')
    const account = await terminal().json('account create ci')
    expect(account.organization_id).toBe(id)

    await terminal().json('organization create Other')
    const which = await terminal().run('account list')
    expect([which.code, which.stderr]).toEqual([
      2,
      'countersign: say which organization: --organization "Acme" | "Other"\n',
    ])
    for (const text of ['Acme', id]) {
      const { items: listed } = await terminal().json(`account list --organization ${text}`)
      expect(listed).toMatchObject([{ id: account.id, name: 'ci' }])
    }
    const elsewhere = await terminal().run(`account show ${account.id} --organization Other`)
    expect(elsewhere.code).toBe(1)
  })

  it('names only the first of many', async () => {
    for (const name of ['C', 'D', 'E', 'F']) await terminal().json(`organization create ${name}`)
    expect((await terminal().run('account list')).stderr).toBe(
      'countersign: say which organization: --organization "Acme" | "Other" | "C" | "D" | "E" | …\n',
    )
  })
})

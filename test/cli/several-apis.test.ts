import { beforeAll, describe, expect, it } from 'vitest'
import { useTerminal } from './terminal.ts'

const warning =
  /^This account can reach 2 APIs and none is the default: .*\n.*organization change "Acme" --default-api <api>\.$/m

describe('a second API without a default', () => {
  const terminal = useTerminal()
  beforeAll(async () => {
    await terminal().json('organization create Acme')
    for (const name of ['orders', 'stock']) {
      await terminal().json(
        `api create https://${name}.example.com --name ${name} --permission ${name}:read`,
      )
      await terminal().json(`role create ${name} --permission ${name}:read@${name}`)
    }
  })

  it('is warned of when it is granted', async () => {
    const first = await terminal().run('account create ci --role orders')
    expect(first.stdout).not.toContain('none is the default')
    const again = await terminal().run('binding create orders --account ci --resource shelf/1')
    expect(again.stdout).not.toContain('none is the default')
    expect((await terminal().run('binding create stock --account ci')).stdout).toMatch(warning)
    const both = await terminal().run('account create both --role orders --role stock')
    expect(both.stdout).toMatch(warning)
  })

  it('is not warned of where the organization has a default', async () => {
    await terminal().json('organization change Acme --default-api orders')
    const { stdout } = await terminal().run('account create more --role orders --role stock')
    expect(stdout).toContain('Created the service account "more".')
    expect(stdout).not.toContain('none is the default')
  })
})

import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { done } from '../api/call.ts'
import { fetchToken, requestToken } from '../support/fixtures.ts'
import type { Provisioner } from './scene.ts'
import { hasPrograms, madeIn, openProvisioner } from './scene.ts'

const audience = 'https://builds.example.com'
const nothingMade = { apis: [], roles: [], groups: [], 'service-accounts': [], bindings: [] }

type Account = { description: string; enabled?: boolean; roles?: string[]; groups?: string[] }

describe.skipIf(!hasPrograms('terraform', 'curl', 'jq'))('examples/terraform', () => {
  let provisioner: Provisioner
  let accounts: Record<string, Account>
  let credentials: Record<string, object> = {}
  beforeAll(async () => {
    provisioner = await openProvisioner()
    const example = join(provisioner.folder, 'terraform/example.tfvars.json')
    ;({ accounts } = JSON.parse(await readFile(example, 'utf8')))
    await terraform('init', '-input=false')
  })
  afterAll(async () => provisioner.close())

  async function terraform(...args: readonly string[]): Promise<string> {
    const { stdout } = await provisioner.run('terraform', ['terraform', ...args, '-no-color'])
    return stdout
  }

  /** Terraform over what is wanted now. */
  async function over(command: 'apply' | 'plan' | 'destroy', ...more: readonly string[]) {
    const wanted = { audience, accounts, credentials }
    const file = join(provisioner.folder, 'terraform/wanted.tfvars.json')
    await writeFile(file, JSON.stringify(wanted))
    const approve = command === 'plan' ? [] : ['-auto-approve']
    return terraform(command, '-input=false', `-var-file=${file}`, ...approve, ...more)
  }

  async function accountsThere(): Promise<readonly { id: string; description: string }[]> {
    const path = `/organizations/${provisioner.organization}/service-accounts`
    const { items } = await done(provisioner.world, await provisioner.caller(), {
      method: 'GET',
      path,
    })
    return items
  }

  it('neither changes nor removes what somebody else made under a wanted name', async () => {
    const path = `/organizations/${provisioner.organization}/groups`
    const body = { name: 'Watchers', description: 'Made by hand' }
    const caller = await provisioner.caller()
    const { id } = await done(provisioner.world, caller, { method: 'POST', path, body })
    const refused = `there is a Watchers among groups already (${id}), made elsewhere`
    await expect(over('apply')).rejects.toThrow(refused)
    await over('destroy')
    expect(await madeIn(provisioner)).toEqual({ ...nothingMade, groups: ['Watchers'] })
    const asked = { method: 'GET', path: `${path}/${id}` }
    expect(await done(provisioner.world, caller, asked)).toMatchObject(body)
  })

  it('makes what is wanted and adopts what it may, and a second plan shows no change', async () => {
    await over('apply', '-var', 'adopt=true')
    expect(await madeIn(provisioner)).toEqual({
      apis: ['Builds'],
      roles: ['Builder', 'Observer'],
      groups: ['Watchers'],
      'service-accounts': ['dashboard', 'pipeline'],
      bindings: ['Watchers is Observer', 'pipeline is Builder'],
    })
    expect(await over('plan', '-detailed-exitcode')).toContain('No changes')
  })

  it('registers a secret that was made elsewhere, and the account gets tokens with it', async () => {
    const script = join(import.meta.dirname, '../../bin/countersign.js')
    const generate = [process.execPath, script] as const
    const said = await provisioner.run('.', [...generate, 'secret', 'generate', '--json'])
    const { client_secret: secret, body } = JSON.parse(said.stdout)
    credentials = { first: { account: 'dashboard', ...body } }
    await over('apply')
    const account = (await accountsThere()).find(
      ({ description }) => description === 'Shows what runs',
    )
    const client = { id: account?.id, secret } as Parameters<typeof fetchToken>[1]
    await provisioner.world.caughtUp()
    const token = await fetchToken(provisioner.world, client, { resource: audience })
    const [, claims = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: client.id,
      scope: 'builds:read',
      roles: ['Observer'],
    })
    credentials = {}
    await over('apply')
    await provisioner.world.caughtUp()
    expect((await requestToken(provisioner.world, client)).status).toBe(401)
  })

  it('changes in place, under the id that was there', async () => {
    const before = await accountsThere()
    accounts = { ...accounts, pipeline: { description: 'Builds at night', roles: ['Observer'] } }
    await over('apply')
    const after = await accountsThere()
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(after.map(({ description }) => description)).toContain('Builds at night')
    expect((await madeIn(provisioner))['bindings']).toEqual([
      'Watchers is Observer',
      'pipeline is Observer',
    ])
  })

  it('brings back what it says, and enables nothing that somebody disabled', async () => {
    const account = (await accountsThere()).find(({ description }) => /Shows/.test(description))
    const path = `/organizations/${provisioner.organization}/service-accounts/${account?.id}`
    const caller = await provisioner.caller()
    const body = { description: 'Somebody else was here', enabled: false }
    await done(provisioner.world, caller, { method: 'PATCH', path, body })
    await over('apply', '-var', 'converge=1')
    const after = await done(provisioner.world, caller, { method: 'GET', path })
    expect(after).toMatchObject({ description: 'Shows what runs', enabled: false })

    const dashboard = { description: 'Shows what runs', groups: ['Watchers'], enabled: true }
    accounts = { ...accounts, dashboard }
    await over('apply')
    expect((await done(provisioner.world, caller, { method: 'GET', path })).enabled).toBe(true)
  })

  it('keeps no secret and no token, in any of its files', async () => {
    const folder = join(provisioner.folder, 'terraform')
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const texts = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async ({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')),
    )
    expect(texts.some((text) => text.includes('terraform_data'))).toBe(true)
    expect(texts.filter((text) => /csk_|eyJ/.test(text))).toEqual([])
  })

  it('leaves nothing when it is destroyed', async () => {
    await over('destroy')
    expect(await madeIn(provisioner)).toEqual(nothingMade)
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/commands.ts'
import { accept } from '../../src/domain/result.ts'
import { openTestHouse } from '../support/house.ts'
import { besideDatabase, heard, useTerminal, wordsOf } from './terminal.ts'

const audience = 'https://orders.example.com'

describe('countersign api', () => {
  const terminal = useTerminal()
  beforeAll(async () => terminal().json('organization create Acme'))

  it('registers an API with its permissions and what they mean', async () => {
    const api = await terminal().json(
      `api create ${audience} --name Orders --token-lifetime 10m --permission orders:write --permission 'orders:read=Look up = see'`,
    )
    expect(api).toMatchObject({
      id: expect.stringMatching(/^api_/),
      audience,
      name: 'Orders',
      token_lifetime_seconds: 600,
      signing_alg: 'ES256',
      signing_alg_before: null,
      permissions: [
        { permission: 'orders:read', description: 'Look up = see' },
        { permission: 'orders:write', description: '' },
      ],
    })
    for (const text of ['Orders', audience, api.id]) {
      expect(await terminal().json(`api show ${text}`)).toEqual(api)
    }
    expect(await terminal().json('api list')).toMatchObject({
      items: [{ name: 'Management API' }, api],
      next_cursor: null,
    })
    const { stdout } = await terminal().run('api show Orders')
    expect(stdout).toMatch(/^ {2}tokens live +10m$/m)
    expect(stdout).toMatch(/^ {2}orders:read +Look up = see$/m)
    expect((await terminal().run('api list')).stdout).toMatch(
      /^ {2}Orders +https.* +10m +ES256 +2$/m,
    )
  })

  it('says why an audience cannot be had', async () => {
    const taken = await terminal().run(`api create ${audience} --name Again`)
    expect(taken.stderr).toBe(`countersign: the audience ${audience} is registered already\n`)
    const below = 'https://id.example.com/api'
    const reserved = await terminal().run(`api create ${below} --name Mine`)
    expect(reserved.stderr).toMatch(
      /is below the issuer, where an organization may only use its own/,
    )
    const unnamed = await terminal().run('api create https://x.example.com')
    expect(unnamed.stderr).toMatch(/^countersign: --name must be given$/m)
    expect([taken.code, reserved.code, unnamed.code]).toEqual([1, 1, 2])
  })

  it('needs to know the issuer', async () => {
    const { io, said } = heard(besideDatabase)
    const { clock } = terminal()
    const house = { ...terminal().house, issuer: undefined }
    const world = { open: async () => accept(house), clock }
    const words = wordsOf('api create https://x.example.com --name X')
    expect(said(await run(words, io, world))).toEqual({
      code: 2,
      stdout: '',
      stderr: 'countersign: ISSUER must be set: what the server is called stands in its answers\n',
    })
  })

  it('changes its name, lifetime and permissions', async () => {
    const { stdout } = await terminal().run(
      "api change Orders --name Shop --token-lifetime 90s --add-permission 'orders:refund=Give back' --remove-permission orders:write",
    )
    expect(stdout).toMatch(/^Changed the API "Shop"\.$/m)
    expect(stdout).toMatch(/^ {2}tokens live +90s$/m)
    expect(stdout).toMatch(/^ {2}orders:refund +Give back$/m)
    expect(stdout).not.toContain('orders:write')
    const stranger = await terminal().run('api change Shop --remove-permission x:y')
    expect(stranger.stderr).toBe('countersign: there is no permission x:y there\n')
  })

  it('is removed only when nothing needs it, and after its consequence was confirmed', async () => {
    await terminal().json('role create Reader --permission orders:read')
    await terminal().json('organization change Acme --default-api Shop')
    const held = await terminal().run('api change Shop --remove-permission orders:read')
    expect(held.stderr).toBe(
      'countersign: the permission is held by the role "Reader": take it from there first (countersign role change <role> --remove-permission …)\n',
    )
    const used = await terminal().run('api remove Shop --yes')
    expect(used.stderr).toBe(
      [
        'countersign: the API is the default audience of the organization: change that first (countersign organization change <organization> --default-api none)\n',
        'countersign: permissions of the API are held by the role "Reader": take them from there first (countersign role change <role> --remove-permission …)\n',
      ].join(''),
    )
    await terminal().json('role remove Reader --yes')
    await terminal().json('organization change Acme --default-api none')
    const unsure = await terminal().run('api remove Shop')
    expect(unsure.stderr).toMatch(/removes the API "Shop" for good, with all its permissions\.$/m)
    const removed = await terminal().run('api remove Shop --yes')
    expect(removed.stdout).toBe('Removed the API "Shop".\n')
    expect([held.code, used.code, unsure.code, removed.code]).toEqual([1, 1, 1, 0])
  })

  it('signs with the algorithm that it is asked for, by its one name', async () => {
    const made = await terminal().json(
      'api create https://bills.example.com --name Bills --signing-alg RS256',
    )
    expect(made).toMatchObject({ signing_alg: 'RS256', signing_alg_before: null })
    const { stdout } = await terminal().run('api change Bills --signing-alg ML-DSA-44')
    expect(stdout).toMatch(/^Changed the API "Bills"\.\n\n/)
    expect(stdout).toMatch(/^ {2}signed with +ML-DSA-44$/m)
    for (const verb of ['create https://x.example.com --name X', 'change Bills']) {
      for (const alg of ['EdDSA', 'none', 'HS256', 'rs256']) {
        const refused = await terminal().run(`api ${verb} --signing-alg ${alg}`)
        expect([refused.code, refused.stderr]).toEqual([
          2,
          expect.stringContaining(
            `--signing-alg must be one of ES256, Ed25519, RS256, ML-DSA-44, not "${alg}"`,
          ),
        ])
      }
    }
  })

  it('says what signs until another algorithm can', async () => {
    const { db, clock } = terminal()
    await (await openTestHouse({ db, clock })).close()
    await terminal().json('api create https://later.example.com --name Later')
    const { stdout } = await terminal().run('api change Later --signing-alg Ed25519')
    expect(stdout).toMatch(
      /^Changed the API "Later"\.\nEd25519 signs its tokens as soon as a key of it has been published .*\n.*, and ES256 until then: see countersign keys list\.\n\n/,
    )
    const again = await terminal().run('api change Later --token-lifetime 5m')
    expect(again.stdout).toMatch(/^Changed the API "Later"\.\n\n/)
    expect(await terminal().json('api show Later')).toMatchObject({
      signing_alg: 'Ed25519',
      signing_alg_before: 'ES256',
    })
  })
})

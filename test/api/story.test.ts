import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSetupLink } from '../../src/management/setup.ts'
import { createTestDatabase, onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import { openTestHouse } from '../support/house.ts'
import { accepted } from '../support/operator.ts'
import { startServerProcess } from '../support/processes.ts'
import { tokenOf } from '../management/people.ts'
import type { Caller, Request } from './call.ts'
import { call, done, json, nobody } from './call.ts'

/** A server as those outside see it: at one process or several, which are asked in turn. */
type Server = {
  readonly issuer: string
  readonly urls: readonly string[]
  /** What the way in for the first person says, as its operator gets it. */
  readonly setupLink: () => Promise<{ readonly link: string }>
  readonly caughtUp: () => Promise<void>
}

const password = 'correct horse battery staple'
const endsWithinMilliseconds = 1000

describe('the story of an account', () => {
  it('is told over HTTP, from the first person to the end', async () => {
    expect(await told(await oneServer())).toBe(true)
  })

  it.runIf(onPostgres)('is the same at two processes, on PostgreSQL', async () => {
    expect(await told(await twoProcesses())).toBe(true)
  })
})

/** Tells it, and says that it came to its end. */
async function told(server: Server): Promise<boolean> {
  const api = apiOf(server)
  const member = async (email: string): Promise<Caller> => {
    const answer = await api.call(nobody, 'POST', '/session', { email, password })
    expect(answer.status).toBe(201)
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const { origin } = new URL(server.issuer)
    return { cookie, origin, 'x-csrf-token': json(answer).csrf_token }
  }

  // Somebody sets the server up, and is the Owner of an organization.
  const setup = { email: 'ada@example.com', name: 'Ada', password, organization_name: 'Engines' }
  const token = tokenOf(await server.setupLink())
  const { member: ada } = await api.done(nobody, 'POST', '/setup', { token, ...setup })
  const owner = await member('ada@example.com')
  const o = `/organizations/${ada.organization_id}`

  // There is something to grant: an API, and roles over it.
  const audience = 'https://deploy.example.com'
  await api.done(owner, 'POST', `${o}/apis`, {
    audience,
    name: 'Deployments',
    permissions: [
      { permission: 'deployments:read', description: 'See them' },
      { permission: 'deployments:write', description: 'Make them' },
    ],
  })
  const role = async (name: string, ...permissions: readonly string[]) =>
    api.done(owner, 'POST', `${o}/roles`, { name, permissions: [{ audience, permissions }] })
  const [viewer, deployer] = [
    await role('viewer', 'deployments:read'),
    await role('deployer', 'deployments:read', 'deployments:write'),
  ]

  // A second member comes in by invitation, to look after members and what they hold.
  const roles = (await api.done(owner, 'GET', `${o}/roles`)).items
  const manager = roles.find(({ name }: { name: string }) => name === 'Member manager')
  const invitation = await api.done(owner, 'POST', `${o}/invitations`, {
    email: 'grace@example.com',
    role_ids: [manager.id, viewer.id, deployer.id],
  })
  const grace = await api.done(nobody, 'POST', '/invitations/accept', {
    token: tokenOf(invitation),
    name: 'Grace',
    password,
  })
  const memberManager = await member('grace@example.com')

  // She makes an account with a secret, which is shown once.
  const account = await api.done(memberManager, 'POST', `${o}/service-accounts`, {
    name: 'terraform',
    description: 'Plans and applies',
  })
  const a = `${o}/service-accounts/${account.id}`
  const credential = await api.done(memberManager, 'POST', `${a}/credentials`, { name: 'laptop' })
  expect(credential.client_secret).toMatch(/^csk_/)
  const lists = [
    await api.done(owner, 'GET', `${a}/credentials`),
    await api.done(owner, 'GET', `${a}/credentials/${credential.id}`),
    await api.done(owner, 'GET', `${o}/audit-entries`),
  ]
  expect(JSON.stringify(lists)).not.toContain(credential.client_secret)

  // It holds one role from the list directly, and another through a group.
  const assignable = (await api.done(memberManager, 'GET', `${o}/roles?name=viewer`)).items
  await api.done(memberManager, 'POST', `${o}/bindings`, {
    role_id: assignable[0].id,
    principal_id: account.id,
  })
  const group = await api.done(memberManager, 'POST', `${o}/groups`, { name: 'platform' })
  await api.done(memberManager, 'POST', `${o}/bindings`, {
    role_id: deployer.id,
    group_id: group.id,
  })
  await api.done(memberManager, 'PUT', `${o}/groups/${group.id}/members/${account.id}`)

  const shown = { name: 'terraform', client_id: account.client_id, created_by: { name: 'Grace' } }
  expect(await api.done(owner, 'GET', a)).toMatchObject(shown)
  expect(await api.done(owner, 'GET', a)).toHaveProperty('created_at')

  // Its token carries both.
  const client = { id: account.client_id, secret: credential.client_secret }
  await server.caughtUp()
  const claims = await api.claims(client)
  expect(claims).toMatchObject({
    sub: account.id,
    aud: audience,
    roles: ['deployer', 'viewer'],
    groups: ['platform'],
    scope: 'deployments:read deployments:write',
  })

  // The member goes. What she made stays, and still says who made it.
  await api.done(owner, 'DELETE', `${o}/members/${grace.id}`)
  expect((await api.call(memberManager, 'GET', a)).status).toBe(401)
  await server.caughtUp()
  expect(await api.claims(client)).toMatchObject({ roles: claims['roles'], sub: account.id })
  expect(await api.done(owner, 'GET', a)).toMatchObject(shown)
  const kept = await api.done(owner, 'GET', `${a}/credentials/${credential.id}`)
  expect(kept).toMatchObject({ enabled: true, created_by: { name: 'Grace' } })

  // The account goes, and with it every way to a token, wherever one asks.
  await api.done(owner, 'DELETE', a)
  await pause(server.urls.length > 1 ? endsWithinMilliseconds : 0)
  await server.caughtUp()
  for (const url of server.urls) {
    expect((await requestToken({ issuer: url }, client)).status).toBe(401)
  }
  expect((await api.call(owner, 'GET', a)).status).toBe(404)
  return true
}

function apiOf({ urls }: Server) {
  let asked = 0
  const next = () => ({ issuer: urls[(asked += 1) % urls.length] ?? '' })
  return {
    call: async (caller: Caller, ...[method, path, body]: [string, string, unknown?]) =>
      call(next(), caller, requestOf(method, path, body)),
    done: async (caller: Caller, ...[method, path, body]: [string, string, unknown?]) =>
      done(next(), caller, requestOf(method, path, body)),
    /** The claims of a token from each process, which all say the same. */
    claims: async (client: { readonly id: string; readonly secret: string }) => {
      const all = await Promise.all(
        urls.map(async (issuer) => {
          const response = await requestToken({ issuer }, client)
          expect(response.status).toBe(200)
          const { access_token: token } = (await response.json()) as { access_token: string }
          return decodeJwt(token)
        }),
      )
      const [first, ...others] = all
      for (const { roles, groups, scope } of others) {
        expect({ roles, groups, scope }).toEqual({
          roles: first?.['roles'],
          groups: first?.['groups'],
          scope: first?.['scope'],
        })
      }
      return { ...first }
    },
  }
}

function requestOf(method: string, path: string, body?: unknown): Request {
  return body === undefined ? { method, path } : { method, path, body }
}

async function oneServer(): Promise<Server> {
  const house = await openTestHouse()
  onTestFinished(async () => house.close())
  return {
    issuer: house.issuer,
    urls: [house.issuer],
    setupLink: async () => accepted(await createSetupLink(house.house.management, house.act())),
    caughtUp: house.caughtUp,
  }
}

const run = promisify(execFile)
const bin = join(import.meta.dirname, '../../bin/countersign.js')

async function twoProcesses(): Promise<Server> {
  const { url: databaseUrl, drop } = await createTestDatabase()
  const issuer = 'https://id.example.com'
  const keyEncryptionKey = randomBytes(32).toString('base64')
  const wishes = { databaseUrl, issuer, keyEncryptionKey }
  const servers = await Promise.all([startServerProcess(wishes), startServerProcess(wishes)])
  onTestFinished(async () => {
    await Promise.all(servers.map(async (server) => server.stop()))
    await drop()
  })
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, ISSUER: issuer }
  return {
    issuer,
    urls: servers.map(({ url }) => url),
    setupLink: async () => {
      const { stdout } = await run(process.execPath, [bin, 'setup-link', '--json'], { env })
      return JSON.parse(stdout) as { link: string }
    },
    // What one process wrote, the others know within the second that is promised.
    caughtUp: async () => pause(endsWithinMilliseconds),
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Name } from '../../src/domain/name.ts'
import type { Result } from '../../src/domain/result.ts'
import { createApplicationKey } from '../../src/management/application-keys.ts'
import { changeBinding, createBinding, removeBinding } from '../../src/management/bindings.ts'
import {
  changeCredential,
  createClientSecret,
  disableCredential,
  enableCredential,
  removeCredential,
} from '../../src/management/credentials.ts'
import {
  addGroupMember,
  createGroup,
  removeGroup,
  removeGroupMember,
} from '../../src/management/groups.ts'
import { disableOrganization, enableOrganization } from '../../src/management/organizations.ts'
import {
  changeServiceAccount,
  disableServiceAccount,
  enableServiceAccount,
  removeServiceAccount,
} from '../../src/management/service-accounts.ts'
import { newMember } from '../management/desk.ts'
import { onPostgres } from '../support/database.ts'
import { requestToken } from '../support/fixtures.ts'
import type { Pair } from '../support/pair.ts'
import { openPair } from '../support/pair.ts'
import { withoutMember } from '../support/members.ts'
import { accepted, roleNamed } from '../support/operator.ts'
import type { Subject } from './subject.ts'
import { addSubject, askInALoop, date, groupsAndRoles, statuses } from './subject.ts'

const boundMilliseconds = 1000

describe.runIf(onPostgres)('what was ended, at two processes over one PostgreSQL', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair()
  })
  afterAll(async () => pair.close())

  const place = () => ({ organization: pair.demo.organization })
  const endings: Record<string, (subject: Subject) => Promise<Result<unknown, unknown>>> = {
    'a disabled account': async ({ account }) =>
      disableServiceAccount(pair.ports, pair.act(), { ...place(), account }),
    'a removed account': async ({ account }) =>
      removeServiceAccount(pair.ports, pair.act(), { ...place(), account }),
    'a disabled credential': async ({ credential }) =>
      disableCredential(pair.ports, pair.act(), { ...place(), credential }),
    'a removed credential': async ({ credential }) =>
      removeCredential(pair.ports, pair.act(), { ...place(), credential }),
    'a removed binding': async ({ binding }) =>
      removeBinding(pair.ports, pair.act(), { ...place(), binding }),
  }
  for (const [what, end] of Object.entries(endings)) {
    it(`${what} gives no token from 1 s after the acknowledgement on`, async () => {
      const subject = await addSubject(pair)
      const loops = pair.servers.map((server) => askInALoop(server, subject))
      await pause(200)
      expect(await end(subject)).toMatchObject({ ok: true })
      const acknowledged = performance.now()
      await pause(boundMilliseconds + 500)
      for (const loop of loops) {
        const { asked, lastTokenAskedAt } = await loop.stop()
        expect(asked).toBeGreaterThan(20)
        expect(lastTokenAskedAt - acknowledged).toBeLessThan(boundMilliseconds)
      }
    })
  }

  const expiries: Record<string, (subject: Subject, at: Date) => Promise<unknown>> = {
    'an account': async ({ account }, at) =>
      changeServiceAccount(pair.ports, pair.act(), { ...place(), account, expiresAt: date(at) }),
    'a credential': async ({ credential }, at) =>
      changeCredential(pair.ports, pair.act(), { ...place(), credential, expiresAt: date(at) }),
    'a binding': async ({ binding }, at) =>
      changeBinding(pair.ports, pair.act(), { ...place(), binding, expiresAt: date(at) }),
  }
  for (const [what, expire] of Object.entries(expiries)) {
    it(`${what} that expires gives no token from its end on`, async () => {
      const subject = await addSubject(pair)
      const end = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000)
      expect(await expire(subject, end)).toMatchObject({ ok: true })
      const loops = pair.servers.map((server) => askInALoop(server, subject))
      await pause(end.getTime() - Date.now() + 500)
      for (const loop of loops) {
        const { tokens, lastTokenIssuedAt, latestExpiry } = await loop.stop()
        expect(tokens).toBeGreaterThan(0)
        expect(lastTokenIssuedAt).toBeLessThan(end.getTime() / 1000)
        expect(latestExpiry).toBeLessThanOrEqual(end.getTime() / 1000)
      }
    })
  }

  it('an application key gives no token from 1 s after its member was removed', async () => {
    const { ports, demo } = pair
    const member = await newMember({ ...ports, act: pair.act() }, demo.organization)
    const role = await roleNamed(ports, demo.organization, 'Viewer')
    const subject = { type: 'principal', id: member.id } as const
    accepted(await createBinding(ports, pair.act(), { ...place(), role, subject }))
    const input = { ...place(), member: member.id, description: '' as never }
    const { key, secret } = accepted(await createApplicationKey(ports, pair.act(), input))
    const ask = async () =>
      Promise.all(
        pair.servers.map(async ({ url }) => {
          const resource = `${ports.issuer}/api`
          const client = { id: key.id, secret }
          return (await requestToken({ issuer: url }, client, { resource })).status
        }),
      )
    expect(await ask()).toEqual([200, 200])
    await withoutMember(ports.db, pair.act(), member)
    await pause(boundMilliseconds)
    expect(await ask()).toEqual([401, 401])
  })

  it('a secret made at one process works at once at the other', async () => {
    const { account } = await addSubject(pair)
    for (let round = 0; round < 8; round += 1) {
      const { secret } = accepted(
        await createClientSecret(pair.ports, pair.act(), {
          ...place(),
          principal: account,
          name: `round ${round}` as Name,
        }),
      )
      const client = { id: account, secret }
      const answers = await Promise.all(
        pair.servers.map(async ({ url }) => requestToken({ issuer: url }, client)),
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
    }
  })

  it('what is enabled again works again within 1 s', async () => {
    const subject = await addSubject(pair)
    const { account, credential } = subject
    const switches = [
      [disableServiceAccount, enableServiceAccount, { ...place(), account }],
      [disableCredential, enableCredential, { ...place(), credential }],
      [disableOrganization, enableOrganization, pair.demo.organization],
    ] as const
    for (const [disable, enable, target] of switches) {
      await disable(pair.ports, pair.act(), target as never)
      await pause(boundMilliseconds)
      expect(await statuses(pair, subject)).toEqual([401, 401])
      await enable(pair.ports, pair.act(), target as never)
      await pause(boundMilliseconds)
      expect(await statuses(pair, subject)).toEqual([200, 200])
    }
  })

  it('a change of a group is in the next token within 1 s [172]', async () => {
    const subject = await addSubject(pair)
    const group = accepted(
      await createGroup(pair.ports, pair.act(), {
        ...place(),
        name: `Group of ${subject.account}` as Name,
        description: '' as never,
      }),
    )
    const reader = await roleNamed(pair.ports, pair.demo.organization, 'reader')
    const tell = async () =>
      Promise.all(pair.servers.map(async ({ url }) => groupsAndRoles(url, subject)))
    expect(await tell()).toEqual(both([], ['deployer']))

    const membership = { ...place(), group: group.id, principal: subject.account }
    accepted(await addGroupMember(pair.ports, pair.act(), membership))
    await pause(boundMilliseconds)
    expect(await tell()).toEqual(both([group.name], ['deployer']))

    const of = { type: 'group', id: group.id } as const
    accepted(await createBinding(pair.ports, pair.act(), { ...place(), role: reader, subject: of }))
    await pause(boundMilliseconds)
    expect(await tell()).toEqual(both([group.name], ['deployer', 'reader']))

    accepted(await removeGroupMember(pair.ports, pair.act(), membership))
    await pause(boundMilliseconds)
    expect(await tell()).toEqual(both([], ['deployer']))

    accepted(await addGroupMember(pair.ports, pair.act(), membership))
    accepted(await removeGroup(pair.ports, pair.act(), { ...place(), group: group.id }))
    await pause(boundMilliseconds)
    expect(await tell()).toEqual(both([], ['deployer']))
  })

  it('a process that was stopped answers nothing from before the change', async () => {
    const [, stopped] = pair.servers
    for (let round = 0; round < 2; round += 1) {
      const subject = await addSubject(pair)
      expect(await statuses(pair, subject)).toEqual([200, 200])
      stopped.process.kill('SIGSTOP')
      await disableServiceAccount(pair.ports, pair.act(), {
        ...place(),
        account: subject.account,
      })
      // These reach a process that cannot answer, and are the first that it sees when it wakes up.
      const waiting = Array.from({ length: 20 }, async () =>
        requestToken({ issuer: stopped.url }, subject),
      )
      await pause(3000)
      stopped.process.kill('SIGCONT')
      const answers = await Promise.all(waiting)
      // 429 for the rest, once it has failed as often as a client may.
      expect(answers.filter(({ status }) => status !== 401 && status !== 429)).toEqual([])
    }
  })
})

function both(groups: readonly string[], roles: readonly string[]) {
  return [
    { groups, roles },
    { groups, roles },
  ]
}

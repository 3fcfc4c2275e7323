import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApplicationKeyId, MemberId } from '../../src/domain/id.ts'
import type { ClientSecret } from '../../src/domain/secret.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { changeApi, listApis } from '../../src/management/apis.ts'
import {
  changeApplicationKey,
  createApplicationKey,
  removeApplicationKey,
} from '../../src/management/application-keys.ts'
import { createBinding, removeBinding } from '../../src/management/bindings.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { description, newMember } from '../management/desk.ts'
import type { DemoHouse } from '../support/fixtures.ts'
import { openDemoHouse, requestToken } from '../support/fixtures.ts'
import { withoutMember } from '../support/members.ts'
import { accepted, roleNamed } from '../support/operator.ts'
import { wrongSecret } from '../support/wrong-secret.ts'

type KeyHolder = {
  readonly member: NamedMember
  readonly id: ApplicationKeyId
  readonly secret: ClientSecret
}

let house: DemoHouse
let api: string
beforeAll(async () => {
  house = await openDemoHouse()
  api = `${house.issuer}/api`
})
afterAll(async () => house.close())

const ports = () => house.house.management

/** A new member with a key, who holds these roles. */
async function keyHolder(...roles: readonly string[]): Promise<KeyHolder> {
  const { organization } = house.demo
  const desk = { db: house.db, random: ports().random, act: house.act() }
  const member = await newMember(desk, organization)
  for (const role of roles) await bind(member.id, role)
  const input = { organization, member: member.id, description: description('laptop') }
  const { key, secret } = accepted(await createApplicationKey(ports(), house.act(), input))
  await house.caughtUp()
  return { member, id: key.id, secret }
}

async function bind(member: MemberId, role: string) {
  const { organization } = house.demo
  const subject = { type: 'principal', id: member } as const
  const held = { organization, role: await roleNamed(ports(), organization, role), subject }
  return accepted(await createBinding(ports(), house.act(), held))
}

async function answerTo(
  client: { readonly id: string; readonly secret: string },
  parameters: Readonly<Record<string, string>> = { resource: api },
) {
  const response = await requestToken(house, client, parameters)
  return { status: response.status, text: await response.text() }
}

async function claimsOf(...asked: Parameters<typeof answerTo>) {
  const { text } = await answerTo(...asked)
  return decodeJwt((JSON.parse(text) as { access_token: string }).access_token)
}

async function optIn(applicationKeys: boolean): Promise<void> {
  const { organization, audience } = house.demo
  const { items } = await listApis(ports(), organization)
  const found = items.find((one) => one.audience === audience)
  if (found === undefined) throw new Error('no demo API')
  accepted(await changeApi(ports(), house.act(), { organization, api: found.id, applicationKeys }))
  await house.caughtUp()
}

/** What a client is told that nobody knows, but for the trace id. */
const refused = { status: 401, text: expect.stringMatching(/"error":"invalid_client"/) }

describe('a token of an application key', () => {
  it('is about its member, by the key, with what the member holds', async () => {
    const holder = await keyHolder('Viewer')
    const claims = await claimsOf(holder)
    expect(claims).toMatchObject({
      sub: holder.member.id,
      client_id: holder.id,
      principal_type: 'member',
      org_id: house.demo.organization,
      aud: api,
      roles: ['Viewer'],
    })
    expect(await claimsOf(holder, { resource: api, scope: 'roles:read' })).toMatchObject({
      scope: 'roles:read',
    })
  })

  it('is one of our own API, which says by which key it was had', async () => {
    const holder = await keyHolder('Viewer')
    const { text } = await answerTo(holder)
    const token = (JSON.parse(text) as { access_token: string }).access_token
    expect(await house.house.verifyAccessToken(token, house.house.clock.now())).toMatchObject({
      ok: true,
      value: { principal: { type: 'member', id: holder.member.id }, client: holder.id },
    })
  })

  it('is had for an API that takes them, and for no other', async () => {
    const holder = await keyHolder('reader')
    const resource = house.demo.audience
    const unknown = await answerTo(holder, { resource: 'https://nowhere.example.com' })
    const closed = await answerTo(holder, { resource })
    expect(closed).toEqual({ ...unknown, text: expect.any(String) })
    const told = ({ text }: typeof closed) => ({ ...JSON.parse(text), trace_id: undefined })
    expect(told(closed)).toEqual(told(unknown))
    expect(told(closed)).toMatchObject({ error: 'invalid_target' })

    await optIn(true)
    expect(await claimsOf(holder, { resource })).toMatchObject({ scope: 'deployments:read' })
    await optIn(false)
    expect((await answerTo(holder, { resource })).status).toBe(400)
  })

  it('follows what the member holds', async () => {
    const holder = await keyHolder()
    expect((await answerTo(holder)).status).toBe(400)
    const { id: binding, organization } = await bind(holder.member.id, 'Viewer')
    await house.caughtUp()
    expect(await claimsOf(holder)).toMatchObject({ roles: ['Viewer'] })
    accepted(await removeBinding(ports(), house.act(), { organization, binding }))
    await house.caughtUp()
    expect((await answerTo(holder)).status).toBe(400)
  })

  it('ends with the end of the key at the latest', async () => {
    const holder = await keyHolder('Viewer')
    const { organization } = house.demo
    const end = later(house.clock.now(), seconds(120))
    const change = { organization, applicationKey: holder.id, expiresAt: end }
    accepted(await changeApplicationKey(ports(), house.act(), change))
    await house.caughtUp()
    expect((await claimsOf(holder)).exp).toBe(end)
  })
})

describe('an application key', () => {
  it('gets no token while it is disabled, nor after it was removed', async () => {
    const holder = await keyHolder('Viewer')
    const place = { organization: house.demo.organization, applicationKey: holder.id }
    expect((await answerTo(holder)).status).toBe(200)
    accepted(await changeApplicationKey(ports(), house.act(), { ...place, enabled: false }))
    await house.caughtUp()
    expect(await answerTo(holder)).toEqual(refused)
    accepted(await changeApplicationKey(ports(), house.act(), { ...place, enabled: true }))
    await house.caughtUp()
    expect((await answerTo(holder)).status).toBe(200)
    accepted(await removeApplicationKey(ports(), house.act(), place))
    await house.caughtUp()
    expect(await answerTo(holder)).toEqual(refused)
  })

  it('gets no token once its member is gone', async () => {
    const [holder, other] = [await keyHolder('Viewer'), await keyHolder('Viewer')]
    expect((await answerTo(holder)).status).toBe(200)
    await withoutMember(house.db, house.act(), holder.member)
    await house.caughtUp()
    expect(await answerTo(holder)).toEqual(refused)
    expect((await answerTo(other)).status).toBe(200)
  })

  it('is refused alike, whatever is wrong', async () => {
    const holder = await keyHolder('Viewer')
    const stranger = `key_${'0'.repeat(26)}`
    const answers = [
      await answerTo({ ...holder, secret: wrongSecret(holder) }),
      await answerTo({ ...holder, id: stranger }),
      await answerTo({ ...holder, id: `sa_${'0'.repeat(26)}` }),
      await answerTo({ ...holder, secret: 'csk_nothing' }),
    ]
    const told = answers.map(({ status, text }) => ({
      status,
      ...(JSON.parse(text) as object),
      trace_id: undefined,
    }))
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]).toEqual(refused)
  })
})

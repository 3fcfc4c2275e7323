import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import { later } from '../../src/domain/time.ts'
import {
  disableCredential,
  listCredentials,
  removeCredential,
  changeCredential,
} from '../../src/management/credentials.ts'
import { createOrganization, disableOrganization } from '../../src/management/organizations.ts'
import {
  changeServiceAccount,
  disableServiceAccount,
  removeServiceAccount,
} from '../../src/management/service-accounts.ts'
import { openEdge, rawExchange } from '../http/edge.ts'
import type { DemoHouse, TestClient } from '../support/fixtures.ts'
import { openDemoHouse, requestToken } from '../support/fixtures.ts'
import { accepted } from '../support/operator.ts'
import { wrongSecret } from '../support/wrong-secret.ts'
import { addClient, addTenant, basic, errorOf, name, post } from './scene.ts'

let house: DemoHouse
beforeAll(async () => void (house = await openDemoHouse()))
afterAll(async () => house.close())

const assertion =
  'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c'
const form = 'grant_type=client_credentials'
const inBody = ({ id, secret }: { id: string; secret: string }) =>
  `${form}&client_id=${id}&client_secret=${secret}`

const percentEncoded = (text: string) =>
  Buffer.from(text)
    .toString('hex')
    .replaceAll(/../g, (hex) => `%${hex}`)
const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)

/** Every byte of a refusal, but for what differs with every response. */
async function visible({ url }: DemoHouse, { authorization }: ReturnType<typeof basic>) {
  const head = [
    'POST /oauth2/token HTTP/1.1',
    'Host: a',
    'Connection: close',
    `Authorization: ${authorization}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${form.length}`,
  ]
  const { text } = await rawExchange(Number(new URL(url).port), [
    `${head.join('\r\n')}\r\n\r\n${form}`,
  ])
  const traceId = /^trace-id: ([0-9a-f]{32})\r$/im.exec(text)?.[1] ?? 'no trace id'
  return text.replaceAll(traceId, '(trace id)').replace(/^(date: ).*$/im, '$1(now)')
}

describe('RFC 6749 §2.3', () => {
  it('refuses two methods of client authentication at once [1]', async () => {
    const { ci } = house
    for (const request of [
      { headers: basic(ci), body: inBody(ci) },
      { headers: basic(ci), body: `${form}&${assertion}` },
      { body: `${inBody(ci)}&${assertion}` },
    ]) {
      const response = await post(house, request)
      expect(response.status).toBe(400)
      expect(await errorOf(response)).toMatchObject({ error: 'invalid_request' })
    }
  })

  it('does not take a client_id for a proof [2]', async () => {
    const response = await post(house, { body: `${form}&client_id=${house.ci.id}` })
    expect(response.status).toBe(401)
    expect(await errorOf(response)).toMatchObject({ error: 'invalid_client' })
  })

  it('refuses a method that the client has not registered [10]', async () => {
    const response = await post(house, { body: `${form}&client_id=${house.ci.id}&${assertion}` })
    expect(response.status).toBe(401)
    expect(await errorOf(response)).toMatchObject({ error: 'invalid_client' })
  })

  it('refuses credentials in the URL, right ones too, and records none of them [5]', async () => {
    const { id, secret } = house.ci
    const before = house.events.length
    const response = await post(house, { query: `?client_id=${id}&client_secret=${secret}` })
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ error: 'invalid_request' })
    const both = await post(house, { headers: basic(house.ci), query: `?client_secret=${secret}` })
    expect(both.status).toBe(400)
    const recorded = house.events.slice(before)
    expect(recorded).toHaveLength(2)
    expect(JSON.stringify(recorded)).not.toContain(secret)
  })
})

describe('RFC 6749 §2.3.1', () => {
  it('takes client and secret from HTTP Basic or from the body [4]', async () => {
    const { ci } = house
    expect((await post(house, { headers: basic(ci) })).status).toBe(200)
    expect((await post(house, { body: inBody(ci) })).status).toBe(200)
  })

  it('form-decodes the user and the password of HTTP Basic [3]', async () => {
    const { id, secret } = house.ci
    const encoded = basic({ id: percentEncoded(id), secret: percentEncoded(secret) })
    expect((await post(house, { headers: encoded })).status).toBe(200)
  })

  it('keeps colons, percent signs, plus signs and other alphabets whole [3]', async () => {
    const seen: unknown[] = []
    const edge = await openEdge({
      issueToken: async ({ presented }) => {
        seen.push(presented)
        return { ok: false, refusal: { reason: 'client_unknown' } }
      },
    })
    const [id, secret] = ['a:b%c+d e', '100% + \u00FC\u{1F511}:']
    await fetch(`${edge.url}/oauth2/token`, {
      method: 'POST',
      headers: {
        ...basic({ id: formEncoded(id), secret: formEncoded(secret) }),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form,
    })
    expect(seen).toEqual([{ method: 'client_secret_basic', client: id, secret }])
  })

  it('slows down guessing, and does not lock out the client that is right [6]', async () => {
    const { organization, role } = await addTenant(house)
    const victim = await addClient(house, organization, { roles: [{ role }] })
    expect((await requestToken(house, victim)).status).toBe(200)
    const answers: (readonly [status: number, retryAfter: string | null])[] = []
    for (let guess = 0; guess < 15; guess += 1) {
      const headers = basic({ id: victim.id, secret: wrongSecret(victim, guess) })
      const response = await post(house, { headers })
      answers.push([response.status, response.headers.get('retry-after')])
    }
    expect(answers).toEqual([
      ...Array.from({ length: 10 }, () => [401, null]),
      ...Array.from({ length: 5 }, () => [429, '1']),
    ])
    expect((await requestToken(house, victim)).status).toBe(200)
    expect((await requestToken(house, house.ci)).status).toBe(200)
    house.clock.turn(60)
  })
})

describe('RFC 6749 §5.2', () => {
  it('answers a failed Authorization header with 401 and its challenge [8]', async () => {
    const headers = basic({ id: house.ci.id, secret: 'wrong' })
    const response = await post(house, { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"/)
    expect(await errorOf(response)).toMatchObject({ error: 'invalid_client' })
  })

  it('answers failed credentials in the body with invalid_client [9]', async () => {
    const response = await post(house, { body: inBody({ id: house.ci.id, secret: 'wrong' }) })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"/)
    expect(await errorOf(response)).toMatchObject({ error: 'invalid_client' })
  })

  it('shows the same whatever is wrong with client or secret [7, 13]', async () => {
    const { organization } = house.demo
    const act = house.act()
    const before = house.events.length
    const ports = house.house.management
    const answers = new Map<string, string>()
    const ask = async (what: string, { id, secret }: { id: string; secret: string }) => {
      await house.caughtUp()
      answers.set(what, await visible(house, basic({ id, secret })))
    }
    const credentialOf = async (client: TestClient) => {
      const listed = await listCredentials(ports, { organization, principal: client.id })
      const [credential] = accepted(listed).items
      if (credential === undefined) throw new Error('a client without a secret')
      return { organization, credential: credential.id }
    }

    const wrong = await addClient(house, organization)
    await ask('wrong secret', { id: wrong.id, secret: wrongSecret(wrong) })
    await ask('malformed secret', { id: wrong.id, secret: 'password' })
    const nobody = `${wrong.id.slice(0, -3)}000`
    await ask('unknown client', { id: nobody, secret: wrong.secret })
    await ask('malformed client', { id: 'nobody', secret: wrong.secret })
    await ask("another client's secret", { id: wrong.id, secret: house.ci.secret })

    const disabled = await addClient(house, organization)
    accepted(await disableCredential(ports, act, await credentialOf(disabled)))
    await ask('disabled secret', disabled)
    const removed = await addClient(house, organization)
    accepted(await removeCredential(ports, act, await credentialOf(removed)))
    await ask('removed secret', removed)
    const expired = await addClient(house, organization)
    const soon = later(house.clock.now(), seconds(1))
    const place = await credentialOf(expired)
    accepted(await changeCredential(ports, act, { ...place, expiresAt: soon }))
    house.clock.turn(1)
    await ask('expired secret', expired)

    const disabledAccount = await addClient(house, organization)
    accepted(await disableServiceAccount(ports, act, { organization, account: disabledAccount.id }))
    await ask('disabled account', disabledAccount)
    const removedAccount = await addClient(house, organization)
    accepted(await removeServiceAccount(ports, act, { organization, account: removedAccount.id }))
    await ask('removed account', removedAccount)
    const ended = await addClient(house, organization)
    const end = { organization, account: ended.id, expiresAt: later(house.clock.now(), seconds(1)) }
    accepted(await changeServiceAccount(ports, house.act(), end))
    house.clock.turn(1)
    await ask('expired account', ended)
    const other = accepted(await createOrganization(ports, act, { name: name('Closed') }))
    const closed = await addClient(house, other.id)
    accepted(await disableOrganization(ports, act, other.id))
    await ask('disabled organization', closed)

    const reasons = house.events.slice(before).map((each) => ('reason' in each ? each.reason : ''))
    expect(reasons.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'client_disabled',
      'client_expired',
      'client_unknown',
      'client_unknown',
      'credential_disabled',
      'credential_expired',
      'credential_mismatch',
      'credential_unknown',
      'credential_unknown',
      'organization_disabled',
      'secret_malformed',
      'secret_malformed',
    ])
    const expected = answers.get('wrong secret')
    expect(expected).toMatch(
      /^HTTP\/1\.1 401 .*"error":"invalid_client".*"trace_id":"\(trace id\)"/s,
    )
    for (const [what, answer] of answers)
      expect({ what, answer }).toEqual({ what, answer: expected })
  })
})

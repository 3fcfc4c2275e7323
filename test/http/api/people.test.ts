import { describe, expect, it } from 'vitest'
import { createSetupLink } from '../../../src/management/setup.ts'
import { recentSignInMax } from '../../../src/management/totp.ts'
import type { Call } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'
import { accepted, newAccount, newOrganization } from '../../management/desk.ts'
import { tokenOf } from '../../management/people.ts'

const api = useApi()
const password = 'correct horse battery staple'

/** Signs in, and calls from then on as a page of the console does. */
async function signIn(email: string): Promise<Call> {
  const { status, headers, body } = await api().nobody('POST', '/session', { email, password })
  expect(status).toBe(201)
  const cookie = headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(
    /^__Host-countersign=css_\w{49}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
  return api().caller({
    cookie: cookie.split(';')[0] ?? '',
    origin: new URL(api().issuer).origin,
    'x-csrf-token': body.csrf_token,
  })
}

/** But for the id of its trace. */
const same = (body: object) => ({ ...body, trace_id: '' })

describe('the management API of people', () => {
  it('lets the first person in by a link, and the second by an invitation', async () => {
    const desk = api().desk()
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const setup = { email: 'ada@example.com', name: 'Ada', password, organization_name: 'Engines' }
    const made = await api().nobody('POST', '/setup', { token, ...setup })
    expect(made).toMatchObject({
      status: 201,
      body: { organization_name: 'Engines', member: { email: 'ada@example.com', name: 'Ada' } },
    })
    expect(await api().nobody('POST', '/setup', { token, ...setup })).toMatchObject({
      status: 404,
      body: { code: 'link_unknown' },
    })
    const ada = await signIn('ada@example.com')
    const { body: session } = await ada('GET', '/session')
    expect(api().events).toContainEqual(
      expect.objectContaining({
        kind: 'sign_in_accepted',
        person: session.person.id,
        session: session.id,
      }),
    )
    const organization = made.body.member.organization_id
    expect((await ada('GET', '/me')).body).toMatchObject({
      type: 'person',
      is_operator: true,
      memberships: [{ organization_id: organization, organization_name: 'Engines' }],
    })

    const o = `/organizations/${organization}`
    const invited = await ada('POST', `${o}/invitations`, { email: 'Grace@example.com' })
    expect(invited).toMatchObject({ status: 201, body: { email: 'grace@example.com' } })
    const shown = await ada('GET', `${o}/invitations/${invited.body.id}`)
    expect(shown.status).toBe(200)
    expect(JSON.stringify([shown.body, (await ada('GET', `${o}/invitations`)).body])).not.toMatch(
      /cln_/,
    )
    const link = { token: tokenOf(invited.body) }
    expect((await api().nobody('POST', '/invitations/look', link)).body).toMatchObject({
      email: 'grace@example.com',
      organization_name: 'Engines',
      invited_by: 'Ada',
      role_names: [],
      group_names: [],
      sign_in_needed: false,
    })
    const accept = { ...link, name: 'Grace', password }
    const member = await api().nobody('POST', '/invitations/accept', accept)
    expect(member).toMatchObject({ status: 201, body: { name: 'Grace' } })
    const again = await api().nobody('POST', '/invitations/accept', accept)
    expect(again).toMatchObject({ status: 404, body: { code: 'link_unknown' } })

    const grace = await signIn('grace@example.com')
    expect((await grace('GET', `${o}/members`)).status).toBe(403)
    const { body: members } = await ada('GET', `${o}/members?limit=1`)
    expect(members).toMatchObject({ items: [{ name: 'Ada' }], next_cursor: expect.any(String) })
    const lost = await ada('POST', `${o}/members/${member.body.id}/recovery-link`)
    expect(lost.status).toBe(201)
    const recovery = { token: tokenOf(lost.body), password: 'a trombone in the attic' }
    const lookAgain = async () => api().nobody('POST', '/recovery/look', { token: recovery.token })
    expect((await lookAgain()).body).toEqual({
      email: 'grace@example.com',
      name: 'Grace',
      expires_at: lost.body.expires_at,
    })
    expect(await api().nobody('POST', '/recovery', recovery)).toMatchObject({
      status: 200,
      body: { email: 'grace@example.com' },
    })
    expect(await lookAgain()).toMatchObject({ status: 404, body: { code: 'link_unknown' } })
    expect((await grace('GET', '/session')).status).toBe(401)

    expect((await ada('DELETE', `${o}/members/${member.body.id}`)).status).toBe(204)
    expect((await ada('DELETE', `${o}/members/${member.body.id}`)).status).toBe(404)
    expect(await ada('DELETE', `${o}/members/${made.body.member.id}`)).toMatchObject({
      status: 409,
      body: { code: 'last_owner' },
    })
  })

  it('signs in and out, and shows where', async () => {
    const owner = await api().owned()
    const { body: session } = await owner.call('GET', '/session')
    expect(session).toMatchObject({ person: { email: owner.email, is_operator: false } })
    const { body: sessions } = await owner.call('GET', '/sessions')
    expect(sessions.items).toMatchObject([{ id: session.id, user_agent: 'a test' }])
    expect(JSON.stringify(sessions)).not.toContain('css_')
    const other = await api().owned()
    expect((await other.call('DELETE', `/sessions/${session.id}`)).status).toBe(404)
    const out = await owner.call('DELETE', '/session')
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-countersign=; .*Max-Age=0$/)
    expect((await owner.call('GET', '/session')).status).toBe(401)
  })

  it('says the same of whoever there is and of whoever there is not', async () => {
    const owner = await api().owned()
    const attempt = async (email: string) =>
      api().nobody('POST', '/session', { email, password: 'not the password' })
    const [known, unknown] = [await attempt(owner.email), await attempt('nobody@example.com')]
    expect(known).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } })
    expect(same(known.body)).toEqual(same(unknown.body))
    const malformed = await attempt('no email at all')
    expect(same(malformed.body)).toEqual(same(known.body))
    const events = api().events.filter(({ kind }) => kind === 'sign_in_refused')
    expect(events).toMatchObject([
      { reason: 'password_wrong', person: owner.person, caller: { traceId: known.body.trace_id } },
      { reason: 'person_unknown', person: undefined, caller: { network: '127.0.0.1' } },
      { reason: 'email_malformed', person: undefined },
    ])
    expect(JSON.stringify(events)).not.toMatch(/not the password|example\.com|no email/)
  })

  it('is limited, and says until when', async () => {
    const { signIns } = api().house.management
    const email = 'limited@example.com'
    for (const network of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      while (signIns.begin({ email, network }) === undefined);
    }
    const { status, headers } = await api().nobody('POST', '/session', { email, password })
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it.each([
    ['too short', 'password_too_short'],
    ['Password2024!', 'password_common'],
  ])('takes no password like %s', async (chosen, code) => {
    const token = tokenOf({ link: `https://x/#${api().desk().tokens.link()}` })
    const outcome = await api().nobody('POST', '/recovery', { token, password: chosen })
    expect(outcome).toMatchObject({ status: 422, body: { code } })
  })

  it('begins a second factor, and removes none that is not there', async () => {
    const { call } = await api().owned()
    const begun = await call('POST', '/me/totp')
    expect(begun).toMatchObject({ status: 201, body: { uri: expect.stringMatching(/^otpauth:/) } })
    expect((await call('PUT', '/me/totp', { code: '000000' })).status).toBe(422)
    expect((await call('DELETE', '/me/totp')).status).toBe(409)
    const change = { current_password: 'whatever', password }
    expect(await call('PUT', '/me/password', change)).toMatchObject({
      status: 403,
      body: { code: 'password_mismatch' },
    })
  })

  it('lists, adds and removes operators, for operators', async () => {
    const { id: organization } = { id: (await api().owned()).organization }
    const operator = await api().member(organization, [], true)
    const other = await api().member(organization)
    expect((await other.call('GET', '/operators')).status).toBe(403)
    expect((await operator.call('PUT', `/operators/${other.person}`)).body).toMatchObject({
      id: other.person,
      is_operator: true,
    })
    const { body } = await operator.call('GET', '/operators')
    expect(body.items).toContainEqual(expect.objectContaining({ id: other.person }))
    expect((await operator.call('DELETE', `/operators/${other.person}`)).status).toBe(204)
    expect((await operator.call('DELETE', `/operators/${other.person}`)).status).toBe(404)
    // The sessions of before ended with it.
    expect((await other.call('GET', '/session')).status).toBe(401)
  })

  it('lets an operator who is a member open their organization again, and give it an Owner', async () => {
    const { id: organization } = await newOrganization(api().desk())
    const operator = await api().member(organization, [], true)
    const other = await api().member(organization)
    const o = `/organizations/${organization}`
    for (const enabled of [false, true]) {
      const switched = await operator.call('PATCH', o, { enabled })
      expect(switched).toMatchObject({ status: 200, body: { enabled } })
    }
    const renamed = await operator.call('PATCH', o, { name: 'Mine' })
    expect([renamed.status, renamed.body.code]).toEqual([403, 'permission_missing'])
    expect((await other.call('GET', `${o}/roles`)).status).toBe(403)
    const { body: roles } = await operator.call('GET', `${o}/roles?name=Owner`)
    const { body: members } = await operator.call('GET', `${o}/members`)
    expect(members.items).toHaveLength(2)
    const granted = { role_id: roles.items[0].id, principal_id: operator.id }
    expect((await operator.call('POST', `${o}/bindings`, granted)).status).toBe(201)
    expect((await operator.call('PATCH', o, { name: 'Mine' })).status).toBe(200)
  })

  it('has no door for a service account: by its id and secret nobody signs in', async () => {
    const owner = await api().owned()
    const account = await newAccount(api().desk(), { organization: owner.organization })
    const { secret } = api().desk().secrets.generate()
    const body = { email: account.id, password: secret }
    expect((await api().nobody('POST', '/session', body)).status).toBe(401)
    const invitations = `/organizations/${owner.organization}/invitations`
    const invitation = await owner.call('POST', invitations, { email: account.id })
    expect(invitation).toMatchObject({ status: 400, body: { code: 'request_malformed' } })
  })
})

describe('an Idempotency-Key where a link is made', () => {
  it('shows the invitation or the end of the link again, and never a second link', async () => {
    const owner = await api().owned()
    const member = await api().member(owner.organization, [])
    const key = { 'idempotency-key': 'a1' }
    const at = `/organizations/${owner.organization}`
    const invite = async () =>
      owner.call('POST', `${at}/invitations`, { email: 'eve@example.com' }, key)
    const help = async () =>
      owner.call('POST', `${at}/members/${member.id}/recovery-link`, undefined, {
        'idempotency-key': 'a2',
      })
    for (const make of [invite, help]) {
      const first = await make()
      expect([first.status, first.body.link]).toEqual([201, expect.stringContaining('#cln_')])
      const again = await make()
      expect([again.status, again.body]).toEqual([201, { ...first.body, link: null }])
      expect(again.headers.get('idempotency-replayed')).toBe('true')
    }
  })
})

describe('coming in', () => {
  it('lets nobody in whom a page of another site sends', async () => {
    const foreign = { origin: 'https://elsewhere.example' }
    for (const path of ['/session', '/setup', '/recovery', '/invitations/accept']) {
      expect(await api().nobody('POST', path, {}, foreign)).toMatchObject({
        status: 403,
        body: { code: 'origin_mismatched' },
      })
    }
  })

  it('makes recovery links for those alone who signed in a moment ago', async () => {
    const owner = await api().owned()
    const lost = await api().member(owner.organization)
    const path = `/organizations/${owner.organization}/members/${lost.id}/recovery-link`
    expect((await owner.call('POST', path)).status).toBe(201)
    api().clock.turn(recentSignInMax + 1)
    expect(await owner.call('POST', path)).toMatchObject({
      status: 403,
      body: { code: 'sign_in_too_old' },
    })
  })
})

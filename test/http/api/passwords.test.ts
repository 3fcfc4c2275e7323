import { describe, expect, it } from 'vitest'
import { seconds } from '../../../src/domain/time.ts'
import { createSetupLink } from '../../../src/management/setup.ts'
import type { Answered, Call } from '../../support/api.ts'
import { useApi } from '../../support/api.ts'
import { accepted, newOrganization } from '../../management/desk.ts'
import { newPerson, tokenOf } from '../../management/people.ts'

const api = useApi()
const [first, second] = ['correct horse battery staple', 'a trombone in the attic']

async function signIn(email: string, password: string): Promise<Answered> {
  return api().nobody('POST', '/session', { email, password })
}

/** Calls with the cookie and the CSRF token of an answer, as a page does. */
function callerOf({ headers, body }: Answered): Call {
  return api().caller({
    cookie: headers.get('set-cookie')?.split(';')[0] ?? '',
    origin: new URL(api().issuer).origin,
    'x-csrf-token': body.csrf_token,
  })
}

const personal = { status: 422, body: { code: 'password_personal' } }

describe('a password that everybody knows of its person', () => {
  it('is taken nowhere, and nothing is used up by trying', async () => {
    const desk = api().desk()
    const email = 'Ada.Lovelace@example.com'
    const known = ['ada.lovelace', ' ADA.LOVELACE@example.com', 'ada king of lovelace']
    const ada = { email, name: 'Ada King of Lovelace', organization_name: 'Engines' }
    const token = tokenOf(accepted(await createSetupLink(desk, desk.act)))
    const setUp = async (password: string) =>
      api().nobody('POST', '/setup', { ...ada, token, password })
    for (const password of known) expect(await setUp(password)).toMatchObject(personal)
    const { status, body } = await setUp(first)
    expect(status).toBe(201)

    const operator = callerOf(await signIn(email, first))
    const change = async (password: string) =>
      operator('PUT', '/me/password', { current_password: first, password })
    for (const password of known) expect(await change(password)).toMatchObject(personal)
    expect((await signIn(email, first)).status).toBe(201)

    const o = `/organizations/${body.member.organization_id}`
    const invited = await operator('POST', `${o}/invitations`, {
      email: 'Grace-Hopper@example.com',
    })
    const grace = { token: tokenOf(invited.body), name: 'Grace Murray Hopper' }
    const accept = async (password: string) =>
      api().nobody('POST', '/invitations/accept', { ...grace, password })
    const hers = ['grace-hopper', 'Grace-Hopper@example.com ', 'Grace Murray HOPPER']
    for (const password of hers) expect(await accept(password)).toMatchObject(personal)
    const joined = await accept(first)
    expect(joined.status).toBe(201)

    const lost = await operator('POST', `${o}/members/${joined.body.id}/recovery-link`)
    const link = tokenOf(lost.body)
    const recover = async (password: string) =>
      api().nobody('POST', '/recovery', { token: link, password })
    for (const password of hers) expect(await recover(password)).toMatchObject(personal)
    expect((await recover(second)).status).toBe(200)
  })
})

describe('whoever changes their password', () => {
  it('goes on under a new cookie and CSRF token, and nobody else does', async () => {
    const { id: organization } = await newOrganization(api().desk())
    const { email } = await newPerson(api().desk(), organization)
    const [signedIn, elsewhere] = [await signIn(email, first), await signIn(email, first)]
    const [before, other] = [callerOf(signedIn), callerOf(elsewhere)]
    api().clock.turn(seconds(600))
    const change = { current_password: first, password: second }
    const changed = await before('PUT', '/me/password', change)
    expect(changed.status).toBe(200)
    expect(changed.headers.get('set-cookie')).toMatch(
      /^__Host-countersign=css_\w{49}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=42600$/,
    )
    for (const old of [before, other]) {
      expect(await old('GET', '/session')).toMatchObject({
        status: 401,
        body: { code: 'session_invalid' },
      })
    }

    const after = callerOf(changed)
    const { body: shown } = await after('GET', '/session')
    expect(shown).toEqual(changed.body)
    expect(shown.id).not.toBe(signedIn.body.id)
    expect([shown.created_at, shown.person]).toEqual([
      signedIn.body.created_at,
      signedIn.body.person,
    ])
    const old = { 'x-csrf-token': signedIn.body.csrf_token }
    expect(await after('DELETE', '/session', undefined, old)).toMatchObject({
      status: 403,
      body: { code: 'csrf_token_mismatched' },
    })
    expect((await after('DELETE', '/session')).status).toBe(204)
    expect((await signIn(email, first)).status).toBe(401)
    expect((await signIn(email, second)).status).toBe(201)
  })
})

import { sql } from 'kysely'
import { numericDate } from '../../../../src/domain/time.ts'
import { recentSignInMax } from '../../../../src/management/totp.ts'
import { newPerson, password, tokenOf } from '../../../management/people.ts'
import type { Call } from '../../../support/api.ts'
import { signedInHeaders, signIn } from '../../../support/api.ts'
import type { Refused, Scene } from './scene.ts'
import { made, rawly, stranger } from './scene.ts'

/** Choosing a password by a link that leads nowhere: what it may not be is said first. */
const choosing =
  (chosen: string): Refused =>
  async ({ api }) =>
    api.nobody('POST', '/recovery', { token: api.desk().tokens.link(), password: chosen })

const unfit = {
  password_too_short: choosing('too short'),
  password_too_long: choosing('long '.repeat(40)),
  password_common: choosing('Password2024!'),
  password_malformed: choosing('a horse\u0000that nobody rides'),
} as const

/** An invitation by a second Owner, for this email, with its token. */
async function invited({ api, owner, own }: Scene, email: string) {
  const maker = await api.member(owner.organization, ['Owner'])
  const invitation = await made(maker.call, `${own}/invitations`, { email })
  return { maker, email, token: tokenOf(invitation) }
}

/** Takes from somebody all that they hold. */
async function strip({ owner, own }: Scene, id: string): Promise<void> {
  const { body } = await owner.call('GET', `${own}/bindings?principal_id=${id}`)
  for (const binding of body.items) await owner.call('DELETE', `${own}/bindings/${binding.id}`)
}

let emailsMade = 0
function freshEmail(): string {
  emailsMade += 1
  return `refused-${emailsMade}@example.com`
}

/** Somebody with an authenticator. */
async function withTotp(scene: Scene): Promise<{ readonly email: string; readonly call: Call }> {
  const { api } = scene
  const person = await newPerson(api.desk())
  const token = await signIn(api.desk(), person.person)
  const call = api.caller(signedInHeaders(api, token))
  await call('POST', '/me/totp')
  await rawly(
    scene,
    sql`update person_totp set confirmed_at = now() where person_id = ${person.person}`,
  )
  return { email: person.email, call }
}

const ofLinks = {
  link_unknown: choosing(password),
  link_lapsed: async (scene) => {
    const { api, own, owner } = scene
    const maker = await api.member(owner.organization, ['Owner'])
    const { id } = await stranger(scene)
    const { body } = await maker.call('POST', `${own}/members/${id}/recovery-link`)
    await strip(scene, maker.id)
    return api.nobody('POST', '/recovery', { token: tokenOf(body), password })
  },
  recovery_of_oneself: async ({ owner, own }) =>
    owner.call('POST', `${own}/members/${owner.id}/recovery-link`),
  operator_exists: async ({ api, setup }) => api.nobody('POST', '/setup', setup),
  person_exists: async ({ setupBefore }) => setupBefore,
  password_personal: async ({ api, setup }) =>
    api.nobody('POST', '/setup', { ...setup, password: setup['email'] }),
} as const satisfies Readonly<Record<string, Refused>>

const ofInvitations = {
  member_exists: async ({ owner, own }) =>
    owner.call('POST', `${own}/invitations`, { email: owner.email }),
  invitation_unknown: async ({ api, owner, own }) =>
    owner.call('GET', `${own}/invitations/${api.desk().random.id('invitation')}`),
  invitation_exists: async ({ owner, own }) => {
    const body = { email: freshEmail() }
    await made(owner.call, `${own}/invitations`, body)
    return owner.call('POST', `${own}/invitations`, body)
  },
  invitation_lapsed: async (scene) => {
    const { maker, token } = await invited(scene, freshEmail())
    await strip(scene, maker.id)
    return scene.api.nobody('POST', '/invitations/accept', { token, name: 'Grace', password })
  },
  invitation_of_another: async (scene) => {
    const { token } = await invited(scene, freshEmail())
    return scene.operator.call('POST', '/invitations/accept', { token })
  },
  sign_in_needed: async (scene) => {
    const { token } = await invited(scene, scene.operator.email)
    return scene.api.nobody('POST', '/invitations/accept', { token, name: 'Grace', password })
  },
} as const satisfies Readonly<Record<string, Refused>>

const ofProofs = {
  sign_in_refused: async ({ api, owner }) =>
    api.nobody('POST', '/session', { email: owner.email, password }),
  totp_needed: async (scene) => {
    const { email } = await withTotp(scene)
    return scene.api.nobody('POST', '/session', { email, password })
  },
  sign_in_limited: async ({ api }) => {
    const { signIns } = api.house.management
    const email = freshEmail()
    for (const network of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      while (signIns.begin({ email, network }) === undefined);
    }
    return api.nobody('POST', '/session', { email, password })
  },
  sign_in_too_old: async ({ api, owner }) => {
    const desk = api.desk()
    const at = numericDate(desk.act.at - recentSignInMax - 1)
    const token = await signIn({ ...desk, act: { ...desk.act, at } }, owner.person)
    return api.caller(signedInHeaders(api, token))('POST', '/me/totp')
  },
  password_mismatch: async ({ owner }) =>
    owner.call('PUT', '/me/password', { current_password: 'another one', password }),
  totp_exists: async (scene) => (await withTotp(scene)).call('POST', '/me/totp'),
  totp_unknown: async ({ owner }) => owner.call('DELETE', '/me/totp'),
  totp_mismatch: async ({ api, owner }) => {
    const { call } = await api.member(owner.organization)
    await call('POST', '/me/totp')
    return call('PUT', '/me/totp', { code: '000000' })
  },
  session_unknown: async ({ api, owner }) =>
    owner.call('DELETE', `/sessions/${api.desk().random.id('session')}`),
} as const satisfies Readonly<Record<string, Refused>>

export const peopleRefusals = { ...unfit, ...ofLinks, ...ofInvitations, ...ofProofs }

import { describe, expect, it } from 'vitest'
import { sessionsOfPersonMax } from '../../src/domain/session.ts'
import { endSession, findSession, listSessions, signOut } from '../../src/management/sessions.ts'
import type { RenewedSession } from '../../src/management/passwords.ts'
import { changePassword } from '../../src/management/passwords.ts'
import { accepted, tracesOf, useDesk } from './desk.ts'
import {
  asPerson,
  email,
  newPerson,
  otherPassword,
  others,
  password,
  signedInAs,
  tryToSignIn,
} from './people.ts'

const desk = useDesk()
const refusedFor = (because: string, person?: string) => ({
  ok: false,
  refusal: { reason: 'sign_in_refused', because, person },
})

describe('signing in', () => {
  it('opens a new session each time, and tells its token once', async () => {
    const member = await newPerson(desk())
    const { audit } = await tracesOf(desk(), async () => {
      const { token, session, person } = accepted(await tryToSignIn(desk(), member))
      expect(person).toMatchObject({ id: member.person, email: member.email })
      const found = await findSession(desk(), token, desk().act.at)
      expect(found?.session).toEqual(session)
      expect(session).toMatchObject({ network: '192.0.2.1', userAgent: 'a browser' })
      const again = accepted(await tryToSignIn(desk(), member))
      expect([again.token, again.session.id]).not.toContainEqual(token)
      expect(again.session.id).not.toBe(session.id)
    })
    expect(audit).toMatchObject([
      { kind: 'session.created', chain: 'server', actor: { id: member.person } },
      { kind: 'session.created' },
    ])
    expect(JSON.stringify(audit)).not.toContain('css_')
  })

  it('is refused to an unknown email and to a wrong password, and tells which to operators', async () => {
    const member = await newPerson(desk())
    const nobody = { email: email('nobody@example.com') }
    expect(await tryToSignIn(desk(), nobody)).toEqual(refusedFor('person_unknown'))
    const mistyped = refusedFor('password_wrong', member.person)
    expect(await tryToSignIn(desk(), member, { password: otherPassword })).toEqual(mistyped)
    expect(await tryToSignIn(desk(), member, { password: undefined })).toEqual(mistyped)
    const malformed = { email: undefined, claimed: 'not an email' }
    expect(await tryToSignIn(desk(), member, malformed)).toEqual(refusedFor('email_malformed'))
  })

  it('hashes once, whoever it is', async () => {
    const member = await newPerson(desk())
    let hashes = 0
    const counting = {
      ...desk(),
      passwords: {
        ...desk().passwords,
        verify: async (...given: Parameters<ReturnType<typeof desk>['passwords']['verify']>) => {
          hashes += 1
          return desk().passwords.verify(...given)
        },
      },
    }
    await tryToSignIn(counting, { email: email('nobody@example.com') }, { network: '192.0.2.9' })
    await tryToSignIn(counting, member, { password: otherPassword })
    expect(hashes).toBe(2)
  })

  it('is limited before any hash, for one email at one network', async () => {
    const member = await newPerson(desk())
    const network = '203.0.113.5'
    const limits = { email: member.email, network }
    while (desk().signIns.begin(limits) === undefined);
    expect(await tryToSignIn(desk(), member, { network })).toEqual({
      ok: false,
      refusal: { reason: 'sign_in_limited', retryAfter: 60, person: undefined },
    })
    expect((await tryToSignIn(desk(), member, { network: '203.0.113.6' })).ok).toBe(true)
  })

  it('is for people who have a password, and ends the oldest of too many sessions', async () => {
    const member = await newPerson(desk())
    const { token } = await signedInAs(desk(), member)
    for (let more = 0; more < sessionsOfPersonMax; more += 1) await signedInAs(desk(), member)
    const act = await asPerson(desk(), member, { session: desk().random.id('session') })
    expect(accepted(await listSessions(desk(), act))).toHaveLength(sessionsOfPersonMax)
    expect(await findSession(desk(), token, desk().act.at)).toBeUndefined()
  })
})

describe('a session', () => {
  it('is seen and ended by its person alone', async () => {
    const [ada, eve] = [await newPerson(desk()), await newPerson(desk())]
    const [one, other] = [await signedInAs(desk(), ada), await signedInAs(desk(), ada)]
    expect(accepted(await listSessions(desk(), one.act)).map(({ id }) => id)).toEqual([
      other.session.id,
      one.session.id,
    ])
    const { act: hers } = await signedInAs(desk(), eve)
    expect(await endSession(desk(), hers, one.session.id)).toEqual({
      ok: false,
      refusal: { reason: 'session_unknown', session: one.session.id },
    })
    accepted(await endSession(desk(), other.act, one.session.id))
    expect(await findSession(desk(), one.token, desk().act.at)).toBeUndefined()
    accepted(await signOut(desk(), other.act))
    expect(await findSession(desk(), other.token, desk().act.at)).toBeUndefined()
  })

  it('is nothing that a service account, a key, a link or the command line can have', async () => {
    const member = await newPerson(desk())
    const needed = { ok: false, refusal: { reason: 'session_needed' } }
    const change = { current: password, password: otherPassword }
    for (const actor of others(desk(), member)) {
      const act = { ...desk().act, actor }
      expect(await listSessions(desk(), act)).toEqual(needed)
      expect(await signOut(desk(), act)).toEqual(needed)
      expect(await endSession(desk(), act, desk().random.id('session'))).toEqual(needed)
      expect(await changePassword(desk(), act, change)).toEqual(needed)
    }
  })
})

describe('a change of password', () => {
  it('takes the password before, and ends every other session', async () => {
    const member = await newPerson(desk())
    const [here, there] = [await signedInAs(desk(), member), await signedInAs(desk(), member)]
    const change = { current: password, password: otherPassword }
    expect(await changePassword(desk(), here.act, { ...change, current: otherPassword })).toEqual({
      ok: false,
      refusal: { reason: 'password_mismatch' },
    })
    let renewed: RenewedSession | undefined
    const { audit } = await tracesOf(desk(), async () => {
      renewed = accepted(await changePassword(desk(), here.act, change))
    })
    if (renewed === undefined) throw new Error('not changed')
    const { token, session } = renewed
    expect(audit).toMatchObject([
      { kind: 'person.password_changed', after: { sessions_ended: 1, session: session.id } },
    ])
    expect(JSON.stringify(audit)).not.toMatch(/argon2|trombone/)
    expect(await findSession(desk(), there.token, desk().act.at)).toBeUndefined()
    expect(await findSession(desk(), here.token, desk().act.at)).toBeUndefined()
    // Renewed, and not prolonged: only the password was shown again.
    expect({ ...session, id: here.session.id }).toEqual(here.session)
    expect((await findSession(desk(), token, desk().act.at))?.session).toEqual(session)
    expect(session.id).not.toBe(here.session.id)
    expect(await tryToSignIn(desk(), member)).toEqual(refusedFor('password_wrong', member.person))
    expect((await tryToSignIn(desk(), member, { password: otherPassword })).ok).toBe(true)
  })
  it('is not made by a session that has ended meanwhile', async () => {
    const member = await newPerson(desk())
    const { act } = await signedInAs(desk(), member)
    accepted(await signOut(desk(), act))
    expect(
      await changePassword(desk(), act, { current: password, password: otherPassword }),
    ).toEqual({ ok: false, refusal: { reason: 'session_invalid' } })
    expect((await tryToSignIn(desk(), member)).ok).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { totp } from '../../src/crypto/totp.ts'
import { Unavailable } from '../../src/domain/fault.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { createRecoveryLink, recover } from '../../src/management/recovery.ts'
import { findSession } from '../../src/management/sessions.ts'
import { rewrapTotp } from '../../src/management/totp-seals.ts'
import { beginTotp, confirmTotp, recentSignInMax, removeTotp } from '../../src/management/totp.ts'
import { testKeyEncryptionKey } from '../support/house.ts'
import { code, codeOf } from './authenticator.ts'
import { accepted, tracesOf, useDesk } from './desk.ts'
import { newKeyEncryptionKey } from './keys.ts'
import {
  circumstances,
  newPerson,
  otherPassword,
  others,
  signedInAs,
  tokenOf,
  tryToSignIn,
} from './people.ts'

const desk = useDesk()

const refusedFor = (reason: string) =>
  expect.objectContaining({ ok: false, refusal: expect.objectContaining({ reason }) })

async function withTotp() {
  const member = await newPerson(desk())
  const { act, token } = await signedInAs(desk(), member)
  const { secret } = accepted(await beginTotp(desk(), act))
  const shown = codeOf(secret, desk().act.at)
  expect((await confirmTotp(desk(), act, shown)).ok).toBe(true)
  return { member, act, token, secret, shown }
}

describe('the second factor', () => {
  it('counts once a code of it was shown, and ends the other sessions', async () => {
    const member = await newPerson(desk())
    const [here, there] = [await signedInAs(desk(), member), await signedInAs(desk(), member)]
    const { audit } = await tracesOf(desk(), async () => {
      const begun = accepted(await beginTotp(desk(), here.act))
      expect(begun.uri).toContain(begun.secret)
      // Not confirmed: the password is still enough.
      expect((await tryToSignIn(desk(), member)).ok).toBe(true)
      const other = codeOf(begun.secret, later(desk().act.at, seconds(300)))
      expect(await confirmTotp(desk(), here.act, other)).toEqual(refusedFor('totp_mismatch'))
      const shown = codeOf(begun.secret, desk().act.at)
      expect((await confirmTotp(desk(), here.act, shown)).ok).toBe(true)
      expect(JSON.stringify(begun)).toContain(begun.secret)
    })
    expect(audit.map(({ kind }) => kind)).toEqual([
      'person.totp_begun',
      'session.created',
      'person.totp_confirmed',
    ])
    expect(JSON.stringify(audit)).not.toMatch(/[A-Z2-7]{32}|eyJ/)
    expect(await findSession(desk(), there.token, desk().act.at)).toBeUndefined()
    expect(await findSession(desk(), here.token, desk().act.at)).toBeDefined()
    expect(await beginTotp(desk(), here.act)).toEqual(refusedFor('totp_exists'))
  })

  it('is asked for once the password is right, and each code is taken once', async () => {
    const { member, secret, shown } = await withTotp()
    expect(await tryToSignIn(desk(), member, { password: otherPassword, code: shown })).toEqual(
      refusedFor('sign_in_refused'),
    )
    expect(await tryToSignIn(desk(), member)).toEqual(refusedFor('totp_needed'))
    // The code that confirmed it is used up.
    expect(await tryToSignIn(desk(), member, { code: shown })).toEqual(
      refusedFor('sign_in_refused'),
    )
    const next = codeOf(secret, later(desk().act.at, seconds(30)))
    expect((await tryToSignIn(desk(), member, { code: next })).ok).toBe(true)
    expect(await tryToSignIn(desk(), member, { code: next })).toEqual(refusedFor('sign_in_refused'))
  })

  it('is not guessed: ten wrong codes, from wherever, and then few', async () => {
    const { member } = await withTotp()
    while (desk().signIns.beginCode(member.person) === undefined);
    const guess = { code: code('123456'), network: '203.0.113.77' }
    expect(await tryToSignIn(desk(), member, guess)).toEqual(refusedFor('sign_in_limited'))
  })

  it('is removed by who signed in a moment ago', async () => {
    const { member, act } = await withTotp()
    const late = { ...act, at: later(act.at, recentSignInMax) }
    expect(await removeTotp(desk(), late)).toEqual(refusedFor('sign_in_too_old'))
    expect(await beginTotp(desk(), late)).toEqual(refusedFor('sign_in_too_old'))
    expect((await removeTotp(desk(), act)).ok).toBe(true)
    expect(await removeTotp(desk(), act)).toEqual(refusedFor('totp_unknown'))
    expect((await tryToSignIn(desk(), member)).ok).toBe(true)
  })

  it('goes with a recovery', async () => {
    const { member } = await withTotp()
    const place = { organization: member.organization, member: member.id }
    const link = accepted(await createRecoveryLink(desk(), desk().act, place))
    const input = { token: tokenOf(link), password: otherPassword }
    accepted(await recover(desk(), circumstances(desk()), input))
    expect((await tryToSignIn(desk(), member, { password: otherPassword })).ok).toBe(true)
  })

  it('is for people who are signed in, and for nobody else', async () => {
    const member = await newPerson(desk())
    for (const actor of others(desk(), member)) {
      const act = { ...desk().act, actor }
      expect(await beginTotp(desk(), act)).toEqual(refusedFor('session_needed'))
      expect(await confirmTotp(desk(), act, code('123456'))).toEqual(refusedFor('session_needed'))
      expect(await removeTotp(desk(), act)).toEqual(refusedFor('session_needed'))
    }
  })
})

/** What a process has that holds these keys. */
function holding(...keys: Parameters<typeof totp>[0]) {
  return { ...desk(), totp: totp(keys) }
}

describe('changing the key-encryption key under second factors', () => {
  const next = newKeyEncryptionKey()

  it('lets people sign in with the new key alone, and not with the old one', async () => {
    const { member, secret } = await withTotp()
    const both = holding(next, testKeyEncryptionKey)
    let moved = 0
    const { audit } = await tracesOf(desk(), async () => {
      const outcome = await rewrapTotp(both, both.act)
      expect(outcome).toMatchObject({ ok: true, value: { unopened: 0, people: [] } })
      moved = accepted(outcome).moved
    })
    expect(audit).toMatchObject([
      { kind: 'key_encryption_key.changed', after: { id: next.id, second_factors: moved } },
    ])
    const shown = codeOf(secret, later(desk().act.at, seconds(30)))
    await expect(tryToSignIn(desk(), member, { code: shown })).rejects.toThrow(Unavailable)
    expect((await tryToSignIn(holding(next), member, { code: shown })).ok).toBe(true)
    expect(await rewrapTotp(both, both.act)).toMatchObject({ value: { moved: 0 } })
  })

  it('names those whose second factor cannot be opened, and takes it from nobody', async () => {
    const { member } = await withTotp()
    const late = holding(next)
    expect(await rewrapTotp(late, late.act)).toEqual({
      ok: true,
      value: { moved: 0, unopened: 1, people: [member.email] },
    })
    expect(await tryToSignIn(late, member)).toEqual(refusedFor('totp_needed'))
  })

  it('is for operators', async () => {
    const { act } = await withTotp()
    expect(await rewrapTotp(desk(), act)).toEqual(refusedFor('operator_needed'))
  })
})

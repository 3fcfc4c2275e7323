import { describe, expect, it } from 'vitest'
import { linkLifetime } from '../../src/domain/link.ts'
import { later } from '../../src/domain/time.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { changePassword } from '../../src/management/passwords.ts'
import {
  createRecoveryLink,
  createRecoveryLinkOf,
  lookAtRecoveryLink,
  recover,
} from '../../src/management/recovery.ts'
import { addOperator } from '../../src/management/operators.ts'
import { createSetupLink } from '../../src/management/setup.ts'
import { findSession } from '../../src/management/sessions.ts'
import { accepted, issuer, newOrganization, tracesOf, useDesk } from './desk.ts'
import {
  asMember,
  asPerson,
  builtInRole,
  circumstances,
  newHolder,
  newPerson,
  otherPassword,
  password,
  signedInAs,
  tokenOf,
  tryToSignIn,
} from './people.ts'

const desk = useDesk()
const refusedFor = (reason: string) =>
  expect.objectContaining({ ok: false, refusal: expect.objectContaining({ reason }) })

async function scene() {
  const { id: organization } = await newOrganization(desk())
  const owner = await newHolder(desk(), organization, 'owner')
  const manager = await newHolder(desk(), organization, 'memberManager')
  const lost = await newPerson(desk(), organization)
  const place = { organization, member: lost.id }
  return { organization, owner, manager, lost, place }
}

const use = async (link: { readonly link: string }, at = desk().act.at) =>
  recover(
    desk(),
    { ...circumstances(desk()), at },
    { token: tokenOf(link), password: otherPassword },
  )

describe('a recovery link', () => {
  it('gives a new password, once, and ends every session', async () => {
    const { owner, lost, place } = await scene()
    const { token } = await signedInAs(desk(), lost)
    const act = await asMember(desk(), owner)
    const made = await tracesOf(desk(), async () => createRecoveryLink(desk(), act, place))
    expect(made.audit).toMatchObject([{ kind: 'link.created', actor: { id: owner.id } }])
    const link = accepted(await createRecoveryLink(desk(), act, place))
    expect(link.link).toMatch(`${issuer}/console/recovery#cln_`)
    const { audit } = await tracesOf(desk(), async () => accepted(await use(link)))
    expect(audit).toMatchObject([
      {
        kind: 'person.recovered',
        target: { id: lost.person },
        actor: { type: 'link_holder', link: 'recovery' },
        after: { sessions_ended: 1, totp_removed: false },
      },
    ])
    expect(JSON.stringify([...made.audit, ...audit])).not.toMatch(/cln_|argon2|trombone/)
    expect(await findSession(desk(), token, desk().act.at)).toBeUndefined()
    expect(await tryToSignIn(desk(), lost)).toEqual(refusedFor('sign_in_refused'))
    expect((await tryToSignIn(desk(), lost, { password: otherPassword })).ok).toBe(true)
    expect(await use(link)).toEqual(refusedFor('link_unknown'))
  })

  it('says whose it is, as often as it is asked and no longer than it opens', async () => {
    const { owner, lost, place } = await scene()
    const link = accepted(await createRecoveryLink(desk(), await asMember(desk(), owner), place))
    const look = async (at = desk().act.at) => lookAtRecoveryLink(desk(), { at }, tokenOf(link))
    const { email, name } = lost
    for (const seen of [await look(), await look()]) {
      const expiresAt = later(desk().act.at, linkLifetime)
      expect(accepted(seen)).toEqual({ email, name, expiresAt })
    }
    expect(await look(later(desk().act.at, linkLifetime))).toEqual(refusedFor('link_unknown'))
    accepted(await use(link))
    expect(await look()).toEqual(refusedFor('link_unknown'))
    const setup = tokenOf(accepted(await createSetupLink(desk(), desk().act)))
    expect(await lookAtRecoveryLink(desk(), circumstances(desk()), setup)).toEqual(
      refusedFor('link_unknown'),
    )
  })

  it('is worth nothing after a day, or once there is a newer one', async () => {
    const { owner, place } = await scene()
    const act = await asMember(desk(), owner)
    const old = accepted(await createRecoveryLink(desk(), act, place))
    const link = accepted(await createRecoveryLink(desk(), act, place))
    expect(await use(old)).toEqual(refusedFor('link_unknown'))
    const late = later(desk().act.at, linkLifetime)
    expect(await use(link, late)).toEqual(refusedFor('link_unknown'))
  })

  it('is worth nothing once the password was changed', async () => {
    const { owner, lost, place } = await scene()
    const link = accepted(await createRecoveryLink(desk(), await asMember(desk(), owner), place))
    const { act } = await signedInAs(desk(), lost)
    const change = { current: password, password: otherPassword }
    accepted(await changePassword(desk(), act, change))
    expect(await use(link)).toEqual(refusedFor('link_unknown'))
  })

  it('is made by who holds all that the member holds', async () => {
    const { organization, owner, manager, place } = await scene()
    const act = await asMember(desk(), manager)
    expect((await createRecoveryLink(desk(), act, place)).ok).toBe(true)
    const ofOwner = { organization, member: owner.id }
    expect(await createRecoveryLink(desk(), act, ofOwner)).toEqual(
      refusedFor('permission_not_held'),
    )
    const onlooker = await asMember(desk(), await newHolder(desk(), organization, 'viewer'))
    expect(await createRecoveryLink(desk(), onlooker, place)).toEqual(
      refusedFor('permission_missing'),
    )
  })

  it('is somebody else’s to make: a browser left alone is not enough', async () => {
    const { organization, owner } = await scene()
    const ofOwner = { organization, member: owner.id }
    expect(await createRecoveryLink(desk(), await asMember(desk(), owner), ofOwner)).toEqual(
      refusedFor('recovery_of_oneself'),
    )
    const operator = await newPerson(desk(), organization, true)
    const ofOperator = { organization, member: operator.id }
    const act = await asPerson(desk(), operator, { isOperator: true })
    expect(await createRecoveryLink(desk(), act, ofOperator)).toEqual(
      refusedFor('recovery_of_oneself'),
    )
  })

  it('lapses when the member has gained meanwhile what its maker does not hold', async () => {
    const { organization, manager, lost, place } = await scene()
    const link = accepted(await createRecoveryLink(desk(), await asMember(desk(), manager), place))
    const role = await builtInRole(desk(), organization, 'owner')
    const subject = { type: 'principal', id: lost.id } as const
    accepted(await createBinding(desk(), desk().act, { organization, subject, role }))
    expect(await use(link)).toEqual(refusedFor('link_lapsed'))
    expect((await tryToSignIn(desk(), lost)).ok).toBe(true)
  })

  it('for somebody with more than this membership is an operator’s to make', async () => {
    const { owner, lost, place } = await scene()
    const act = await asMember(desk(), owner)
    const link = accepted(await createRecoveryLink(desk(), act, place))
    accepted(await addOperator(desk(), desk().act, lost.person))
    expect(await createRecoveryLink(desk(), act, place)).toEqual(refusedFor('operator_needed'))
    expect(await use(link)).toEqual(refusedFor('link_lapsed'))
    const operator = await newPerson(desk(), undefined, true)
    const byOperator = await asPerson(desk(), operator, { isOperator: true })
    const other = accepted(await createRecoveryLink(desk(), byOperator, place))
    expect((await use(other)).ok).toBe(true)
  })
})

describe('a recovery link made beside the database', () => {
  it('helps an operator, and leaves its entry in the chain of the server', async () => {
    const ada = await newPerson(desk(), undefined, true)
    const { audit } = await tracesOf(desk(), async () => {
      const link = accepted(await createRecoveryLinkOf(desk(), desk().act, ada.person))
      accepted(await use(link))
    })
    expect(audit).toMatchObject([
      { chain: 'server', kind: 'link.created', target: { type: 'person', id: ada.person } },
      { kind: 'person.recovered' },
    ])
    expect((await tryToSignIn(desk(), ada, { password: otherPassword })).ok).toBe(true)
  })

  it('is for operators, and for people that there are', async () => {
    const ada = await newPerson(desk())
    const outcome = await createRecoveryLinkOf(desk(), await asPerson(desk(), ada), ada.person)
    expect(outcome).toMatchObject({ refusal: { reason: 'operator_needed' } })
    const nobody = desk().random.id('person')
    expect(await createRecoveryLinkOf(desk(), desk().act, nobody)).toMatchObject({
      refusal: { reason: 'person_unknown' },
    })
  })
})

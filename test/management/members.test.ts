import { describe, expect, it } from 'vitest'
import { listMembers, removeMember, showMember } from '../../src/management/members.ts'
import { addOperator, listOperators, removeOperator } from '../../src/management/operators.ts'
import { findSession } from '../../src/management/sessions.ts'
import { showServiceAccount } from '../../src/management/service-accounts.ts'
import { findPerson } from '../../src/storage/people.ts'
import { accepted, newAccount, newMember, newOrganization, tracesOf, useDesk } from './desk.ts'
import { asMember, asPerson, newHolder, newPerson, signedInAs } from './people.ts'

const desk = useDesk()

describe('a member', () => {
  it('is listed and shown with their name, in their own organization only', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: other } = await newOrganization(desk())
    const member = await newMember(desk(), organization)
    expect((await listMembers(desk(), organization)).items).toEqual([member])
    expect(accepted(await showMember(desk(), { organization, member: member.id }))).toEqual(member)
    expect(await showMember(desk(), { organization: other, member: member.id })).toEqual({
      ok: false,
      refusal: { reason: 'membership_unknown', member: member.id },
    })
  })

  it('is removed with their sessions, and what they made goes on [169]', async () => {
    const { id: organization } = await newOrganization(desk())
    const owner = await asMember(desk(), await newHolder(desk(), organization, 'owner'))
    const member = await newPerson(desk(), organization)
    const { token } = await signedInAs(desk(), member)
    const account = await newAccount(desk(), { organization })
    const { audit, changes } = await tracesOf(desk(), async () =>
      accepted(await removeMember(desk(), owner, { organization, member: member.id })),
    )
    expect(audit).toMatchObject([
      { kind: 'member.removed', before: { email: member.email, sessions: 1 } },
      { kind: 'person.removed', target: { id: member.person } },
    ])
    expect(changes).toEqual([`principal ${member.id}`, `person ${member.person}`])
    expect(await findSession(desk(), token, desk().act.at)).toBeUndefined()
    const place = { organization, account: account.id }
    expect(accepted(await showServiceAccount(desk(), place))).toEqual(account)
    expect(await removeMember(desk(), owner, { organization, member: member.id })).toEqual({
      ok: false,
      refusal: { reason: 'membership_unknown', member: member.id },
    })
  })

  it('who is an operator, too, stays a person', async () => {
    const { id: organization } = await newOrganization(desk())
    const owner = await asMember(desk(), await newHolder(desk(), organization, 'owner'))
    const member = await newMember(desk(), organization, true)
    accepted(await removeMember(desk(), owner, { organization, member: member.id }))
    expect(await findPerson(desk().db.management, member.person)).toMatchObject({
      isOperator: true,
    })
  })

  it('who is the last Owner stays, and an Owner is removed by an Owner only', async () => {
    const { id: organization } = await newOrganization(desk())
    const first = await newHolder(desk(), organization, 'owner')
    const manager = await asMember(desk(), await newHolder(desk(), organization, 'memberManager'))
    const remove = async (act = desk().act) =>
      removeMember(desk(), act, { organization, member: first.id })
    expect(await remove(manager)).toEqual({
      ok: false,
      refusal: { reason: 'authority_insufficient' },
    })
    expect(await remove(await asMember(desk(), first))).toEqual({
      ok: false,
      refusal: { reason: 'last_owner' },
    })
    expect(await remove()).toEqual({ ok: false, refusal: { reason: 'last_owner' } })
    const second = await newHolder(desk(), organization, 'owner')
    expect((await remove(await asMember(desk(), second))).ok).toBe(true)
  })
})

describe('an operator', () => {
  it('is made by another one, and no longer is one with the sessions of before', async () => {
    const first = await newPerson(desk(), undefined, true)
    const second = await newPerson(desk())
    const act = await asPerson(desk(), first, { isOperator: true })
    const { audit } = await tracesOf(desk(), async () =>
      accepted(await addOperator(desk(), act, second.person)),
    )
    expect(audit).toMatchObject([{ kind: 'operator.added', chain: 'server' }])
    expect(accepted(await addOperator(desk(), act, second.person)).isOperator).toBe(true)
    const { items } = accepted(await listOperators(desk(), act))
    expect(items.map(({ id }) => id)).toContain(second.person)

    const { token } = await signedInAs(desk(), second)
    accepted(await removeOperator(desk(), act, second.person))
    expect(await findSession(desk(), token, desk().act.at)).toBeUndefined()
    expect(await removeOperator(desk(), act, second.person)).toEqual({
      ok: false,
      refusal: { reason: 'operator_unknown', person: second.person },
    })
  })

  it('who is the last one stays', async () => {
    const { items } = accepted(await listOperators(desk(), desk().act))
    const outcomes: unknown[] = []
    for (const { id } of items) outcomes.push(await removeOperator(desk(), desk().act, id))
    expect(outcomes.at(-1)).toEqual({ ok: false, refusal: { reason: 'last_operator' } })
    expect(accepted(await listOperators(desk(), desk().act)).items).toHaveLength(1)
  })

  it('is made by nobody else', async () => {
    const { id: organization } = await newOrganization(desk())
    const owner = await newHolder(desk(), organization, 'owner')
    const needed = { ok: false, refusal: { reason: 'operator_needed' } }
    for (const act of [await asMember(desk(), owner), await asPerson(desk(), owner)]) {
      expect(await addOperator(desk(), act, owner.person)).toEqual(needed)
      expect(await removeOperator(desk(), act, owner.person)).toEqual(needed)
      expect(await listOperators(desk(), act)).toEqual(needed)
    }
    const unknown = desk().random.id('person')
    expect(await addOperator(desk(), desk().act, unknown)).toEqual({
      ok: false,
      refusal: { reason: 'person_unknown', person: unknown },
    })
  })
})

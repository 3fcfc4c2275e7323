import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { accept } from '../../src/domain/result.ts'
import { createApplicationKey } from '../../src/management/application-keys.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import { addOperator, removeOperator } from '../../src/management/operators.ts'
import { changePassword } from '../../src/management/passwords.ts'
import { removeMember } from '../../src/management/members.ts'
import { createRecoveryLink, recover } from '../../src/management/recovery.ts'
import { endSession } from '../../src/management/sessions.ts'
import { findPerson } from '../../src/storage/people.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Concern } from '../../src/storage/tx.ts'
import { onPostgres } from '../support/database.ts'
import { accepted, description, name, newMember, newOrganization, useDesk } from './desk.ts'
import {
  asMember,
  asPerson,
  circumstances,
  newHolder,
  newPerson,
  otherPassword,
  password,
  signedInAs,
  tokenOf,
} from './people.ts'

// One session of the database cannot wait for itself: on the embedded one there is nothing to see.
describe.runIf(onPostgres)('what waits for its turn', () => {
  const desk = useDesk()
  const ended = { ok: false, refusal: { reason: 'session_invalid' } }

  async function waiting(count: number): Promise<void> {
    const { management: db } = desk().db
    const waits = sql`select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await expect
      .poll(async () => (await waits.execute(db)).rows.length, { interval: 10 })
      .toBe(count)
  }

  /** Holds a lock, by whomever, until it is let go. */
  async function hold(concern: Concern, act = desk().act) {
    const [held, gate] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const holding = inTransaction(desk().db, concern, act, async () => {
      held.resolve(undefined)
      await gate.promise
      return accept({ value: undefined, audit: [], changes: [] })
    })
    await held.promise
    return async () => {
      gate.resolve(undefined)
      accepted(await holding)
    }
  }

  it('is not done by whom the one before made no operator any more', async () => {
    await newPerson(desk(), undefined, true)
    const [eve, accomplice] = [await newPerson(desk(), undefined, true), await newPerson(desk())]
    const act = await asPerson(desk(), eve, { isOperator: true })
    const release = await hold('server')
    const demotion = removeOperator(desk(), desk().act, eve.person)
    await waiting(1)
    const adding = addOperator(desk(), act, accomplice.person)
    await waiting(2)
    const creating = createOrganization(desk(), act, { name: name('Of an accomplice') })
    await waiting(3)
    await release()
    accepted(await demotion)
    expect(await adding).toEqual(ended)
    expect(await creating).toEqual(ended)
    const found = await findPerson(desk().db.management, accomplice.person)
    expect(found?.isOperator).toBe(false)
  })

  it('is not done in an organization by whom the server made no operator any more', async () => {
    const { id: organization } = await newOrganization(desk())
    const eve = await newMember(desk(), organization, true)
    const lost = await newMember(desk(), organization)
    const act = await asMember(desk(), eve, { isOperator: true })
    const release = await hold(organization)
    const recovery = createRecoveryLink(desk(), act, { organization, member: lost.id })
    await waiting(1)
    accepted(await removeOperator(desk(), desk().act, eve.person))
    await release()
    expect(await recovery).toEqual(ended)
  })

  it('is not done by a session that a change of the password ended', async () => {
    const ada = await newPerson(desk())
    const { organization, id: member } = ada
    const [stolen, own] = [await asMember(desk(), ada), await signedInAs(desk(), ada)]
    const release = await hold(organization)
    const input = { organization, member, description: description('to stay') }
    const creating = createApplicationKey(desk(), stolen, input)
    await waiting(1)
    accepted(await changePassword(desk(), own.act, { current: password, password: otherPassword }))
    await release()
    expect(await creating).toEqual(ended)
  })

  it('is not a recovery by whom the organization just let lose their word', async () => {
    const { id: organization } = await newOrganization(desk())
    const manager = await newHolder(desk(), organization, 'memberManager')
    const lost = await newPerson(desk(), organization)
    const place = { organization, member: lost.id }
    const maker = await asMember(desk(), manager)
    const link = accepted(await createRecoveryLink(desk(), maker, place))
    const release = await hold(organization)
    const removal = removeMember(desk(), desk().act, { organization, member: manager.id })
    await waiting(1)
    const use = { token: tokenOf(link), password: otherPassword }
    const recovery = recover(desk(), circumstances(desk()), use)
    await waiting(2)
    await release()
    accepted(await removal)
    expect(await recovery).toEqual({ ok: false, refusal: { reason: 'link_lapsed' } })
  })

  it('ends a session when what is done by it is done', async () => {
    const ada = await newPerson(desk())
    const own = await signedInAs(desk(), ada)
    const act = await asMember(desk(), ada)
    if (!('by' in act.actor) || act.actor.by.type !== 'session') throw new Error('no session')
    const release = await hold(ada.organization, act)
    const ending = endSession(desk(), own.act, act.actor.by.session)
    await waiting(1)
    await release()
    expect((await ending).ok).toBe(true)
    expect(
      await createApplicationKey(desk(), act, {
        organization: ada.organization,
        member: ada.id,
        description: description('too late'),
      }),
    ).toEqual(ended)
  })
})

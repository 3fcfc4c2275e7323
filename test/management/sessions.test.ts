import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { sessionIdleMax, sessionLifetime } from '../../src/domain/session.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { findSession, memberOf } from '../../src/management/sessions.ts'
import { accept } from '../../src/domain/result.ts'
import { addSession, forgetSessions } from '../../src/storage/sessions.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { accepted, newMember, newOrganization, useDesk } from './desk.ts'

const desk = useDesk()

/** Somebody who is signed in. */
async function signedIn() {
  const { id: organization } = await newOrganization(desk())
  const member = await newMember(desk(), organization)
  const token = desk().tokens.session()
  const { at } = desk().act
  const session = {
    id: desk().random.id('session'),
    person: member.person,
    createdAt: at,
    lastSeenAt: at,
    endsAt: later(at, sessionLifetime),
    network: '192.0.2.1',
    userAgent: 'a browser',
  }
  accepted(
    await inTransaction(desk().db, 'server', desk().act, async (tx) => {
      await addSession(tx, session, desk().tokens.hash(token))
      const target = { type: 'session', id: session.id }
      return accept({
        value: undefined,
        audit: [{ kind: 'session.created', target }],
        changes: [{ kind: 'person', organization: undefined, subject: member.person }],
      })
    }),
  )
  return { organization, member, token, session, at }
}

describe('a session', () => {
  it('is found by its token, with the person who is signed in', async () => {
    const { member, token, session, at } = await signedIn()
    expect(await findSession(desk(), token, at)).toEqual({
      session,
      person: {
        id: member.person,
        name: member.name,
        email: member.email,
        isOperator: false,
      },
    })
    expect(await findSession(desk(), desk().tokens.session(), at)).toBeUndefined()
  })

  it('ends when it is not used for an hour', async () => {
    const { token, at } = await signedIn()
    const idle = later(at, sessionIdleMax)
    expect(await findSession(desk(), token, later(idle, seconds(-1)))).toBeDefined()
    const { token: unused, at: then } = await signedIn()
    expect(await findSession(desk(), unused, later(then, sessionIdleMax))).toBeUndefined()
  })

  it('ends after twelve hours, however busy it is', async () => {
    const { token, at } = await signedIn()
    for (let hour = 0.5; hour < 12; hour += 0.5) {
      expect(await findSession(desk(), token, later(at, seconds(hour * 3600)))).toBeDefined()
    }
    expect(await findSession(desk(), token, later(at, sessionLifetime))).toBeUndefined()
  })

  it('is seen at most once a minute', async () => {
    const { token, at } = await signedIn()
    await findSession(desk(), token, later(at, seconds(59)))
    const soon = await findSession(desk(), token, later(at, seconds(60)))
    expect(soon?.session.lastSeenAt).toBe(at)
    const then = await findSession(desk(), token, later(at, seconds(61)))
    expect(then?.session.lastSeenAt).toBe(at + 60)
  })

  it('that has ended is deleted, and no other', async () => {
    const [ended, idle, live] = [await signedIn(), await signedIn(), await signedIn()]
    const now = later(ended.at, seconds(2 * 3600))
    for (const { token } of [ended, live]) {
      await findSession(desk(), token, later(ended.at, seconds(3599)))
      await findSession(desk(), token, later(ended.at, seconds(7100)))
    }
    expect(await forgetSessions(desk().db, now)).toBeGreaterThan(0)
    expect(await forgetSessions(desk().db, now)).toBe(0)
    const { rows } = await sql<{ id: string }>`
      select id from session where id in (${idle.session.id}, ${live.session.id})
    `.execute(desk().db.management)
    expect(rows.map(({ id }) => id)).toEqual([live.session.id])
  })

  it('reaches the organizations that the person is a member of', async () => {
    const { organization, member } = await signedIn()
    expect(await memberOf(desk(), member.person, organization)).toMatchObject({
      id: member.id,
      name: member.name,
    })
    const { id: other } = await newOrganization(desk())
    expect(await memberOf(desk(), member.person, other)).toBeUndefined()
  })
})

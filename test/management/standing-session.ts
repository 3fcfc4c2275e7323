import type { MemberId, PersonId, SessionId } from '../../src/domain/id.ts'
import { parseId } from '../../src/domain/id.ts'
import { accept } from '../../src/domain/result.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { addSession } from '../../src/storage/sessions.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Tx } from '../../src/storage/tx.ts'
import type { Desk } from './desk.ts'
import { accepted } from './desk.ts'

type Needs = Pick<Desk, 'act' | 'tokens'>

/** Signs somebody in for longer than any test turns its clock. */
export async function addStandingSession(
  tx: Tx,
  { act, tokens }: Needs,
  person: PersonId,
  id: SessionId,
): Promise<void> {
  const always = later(act.at, seconds(10 * 365 * 24 * 60 * 60))
  const session = { id, person, createdAt: act.at, lastSeenAt: always, endsAt: always }
  const where = { network: '', userAgent: 'a test' }
  await addSession(tx, { ...session, ...where }, tokens.hash(tokens.session()))
}

/** The session of a member who was made with one: by its name, told without a look at the database. */
export function sessionOf(id: MemberId): SessionId {
  const session = parseId('session', id.replace(/^mem_/, 'ses_'))
  if (session === undefined) throw new Error(`not a member: ${id}`)
  return session
}

/** The same in a transaction of its own. */
export async function newSession(
  desk: Needs & Pick<Desk, 'db' | 'random'>,
  person: PersonId,
): Promise<SessionId> {
  const id = desk.random.id('session')
  return accepted(
    await inTransaction(desk.db, 'server', desk.act, async (tx) => {
      await addStandingSession(tx, desk, person, id)
      return accept({
        value: id,
        audit: [{ kind: 'session.created', target: { type: 'session', id } }],
        changes: [{ kind: 'person', organization: undefined, subject: person }],
      })
    }),
  )
}

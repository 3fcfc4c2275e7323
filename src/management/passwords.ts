import type { SessionNeeded } from '../domain/authority.ts'
import type { Password, PasswordPersonal } from '../domain/password.ts'
import { whyPersonal } from '../domain/password.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Session, SessionToken } from '../domain/session.ts'
import type { Seconds } from '../domain/time.ts'
import { removeRecoveryLink } from '../storage/links.ts'
import type { Proofs } from '../storage/passwords.ts'
import { findProofs, setPassword } from '../storage/passwords.ts'
import { lockPerson } from '../storage/people.ts'
import { removeSessionsOf, renewSession } from '../storage/sessions.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import { ofPerson, personTarget, signedIn } from './people.ts'
import type { PeoplePorts } from './ports.ts'
import { givenBackUnless } from './tries.ts'

export type PasswordChangeRefusal =
  | ConcernRefusal
  | PasswordPersonal
  | SessionNeeded
  | { readonly reason: 'password_mismatch' }
  | { readonly reason: 'sign_in_limited'; readonly retryAfter: Seconds }

export type PasswordChange = {
  /** What has not the form of a password is `undefined`. */
  readonly current: Password | undefined
  readonly password: Password
}

/** The session that it was changed by, which goes on under another token. */
export type RenewedSession = { readonly token: SessionToken; readonly session: Session }

type Needs = Pick<PeoplePorts, 'db' | 'random' | 'tokens' | 'passwords' | 'signIns'>

/**
 * Changes the password of whoever asks, who has to show the one before: a browser left alone is not
 * enough. Every other session ends, since the old password may be why it is changed; and whoever has
 * the token of this one, from wherever, has it no longer. So it is with a link of recovery.
 */
export async function changePassword(
  needs: Needs,
  act: Act,
  { current, password }: PasswordChange,
): Promise<Result<RenewedSession, PasswordChangeRefusal>> {
  const person = signedIn(act)
  if (!person.ok) return person
  const { id, by } = person.value
  const shown = await shownAgain(needs, act, { id, current })
  if (!shown.ok) return shown
  const before = shown.value
  const personal = whyPersonal(password, before.person)
  if (personal) return refuse(personal)
  const hash = await needs.passwords.hash(password)
  const token = needs.tokens.session()
  const renewed = { id: needs.random.id('session'), hash: needs.tokens.hash(token) }
  return inTransaction<RenewedSession, PasswordChangeRefusal>(
    needs.db,
    'server',
    act,
    async (tx) => {
      await lockPerson(tx, id)
      const now = await findProofs(tx, { id })
      if (now === undefined || now.password !== before.password) {
        return refuse({ reason: 'password_mismatch' })
      }
      const session = await renewSession(tx, by.session, renewed)
      if (session === undefined) return refuse({ reason: 'session_invalid' })
      await setPassword(tx, id, { hash, at: act.at })
      const ended = await removeSessionsOf(tx, id, session.id)
      await removeRecoveryLink(tx, id)
      return accept({
        value: { token, session },
        audit: [
          {
            kind: 'person.password_changed',
            target: personTarget(now.person),
            after: { sessions_ended: ended, session: session.id },
          },
        ],
        changes: [ofPerson(id)],
      })
    },
  )
}

/** Counted like a sign-in: whoever found a browser may not guess for long, either. */
async function shownAgain(
  { db, passwords, signIns }: Needs,
  { network = '' }: Act,
  { id, current }: { readonly id: Proofs['person']['id']; readonly current: Password | undefined },
): Promise<Result<Proofs, PasswordChangeRefusal>> {
  const proofs = await findProofs(db.management, { id })
  if (proofs === undefined) return refuse({ reason: 'session_needed' })
  const at = { email: proofs.person.email, network }
  const retryAfter = signIns.begin(at)
  if (retryAfter !== undefined) return refuse({ reason: 'sign_in_limited', retryAfter })
  return givenBackUnless<Proofs, PasswordChangeRefusal>(
    'password_mismatch',
    () => signIns.giveBack(at),
    async () =>
      (await passwords.verify(proofs.password, current))
        ? accept(proofs)
        : refuse({ reason: 'password_mismatch' }),
  )
}

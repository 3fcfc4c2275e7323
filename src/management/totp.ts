import type { PersonActor } from '../domain/audit.ts'
import type { SessionNeeded } from '../domain/authority.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { hasEnded, later, seconds } from '../domain/time.ts'
import type { TotpCode } from '../domain/totp.ts'
import { stepsTaken, totpUri } from '../domain/totp.ts'
import type { LiveSession } from '../storage/sessions.ts'
import { listSessions, removeSessionsOf } from '../storage/sessions.ts'
import { findPerson, lockPerson } from '../storage/people.ts'
import * as storage from '../storage/totp.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { ofPerson, personTarget, signedIn } from './people.ts'
import type { PeoplePorts } from './ports.ts'
import { givenBackUnless } from './tries.ts'

/** A browser left alone is not enough to change how its owner signs in. */
export const recentSignInMax = seconds(15 * 60)

/** The session is older than `max`: they have to sign in again. */
export type SignInTooOld = { readonly reason: 'sign_in_too_old'; readonly max: Seconds }

export type TotpRefusal =
  | ConcernRefusal
  | SessionNeeded
  | SignInTooOld
  | { readonly reason: 'totp_exists' }
  | { readonly reason: 'totp_unknown' }
  | { readonly reason: 'totp_mismatch' }
  | { readonly reason: 'sign_in_limited'; readonly retryAfter: Seconds }

/** What the authenticator is to be told; leaves in exactly one answer. */
export type BegunTotp = { readonly secret: string; readonly uri: string }

type Needs = Pick<PeoplePorts, 'db' | 'totp' | 'signIns' | 'issuer'>

/**
 * Makes a secret for an authenticator. It does not count until a code of it was shown, so that nobody
 * locks themselves out by closing a window; beginning again makes another.
 */
export async function beginTotp(
  { db, totp, issuer }: Needs,
  act: Act,
): Promise<Result<BegunTotp, TotpRefusal>> {
  const person = await recentlySignedIn({ db }, act)
  if (!person.ok) return person
  const { id } = person.value
  const { secret, ...sealed } = await totp.make()
  return inTransaction<BegunTotp, TotpRefusal>(db, 'server', act, async (tx) => {
    await lockPerson(tx, id)
    const found = await findPerson(tx, id)
    if (found === undefined) return refuse({ reason: 'session_needed' })
    const before = await storage.findTotp(tx, id)
    if (before?.confirmedAt !== undefined) return refuse({ reason: 'totp_exists' })
    await storage.beginTotp(tx, id, { ...sealed, at: act.at })
    return accept({
      value: { secret, uri: totpUri(new URL(issuer).host, found.email, secret) },
      audit: [{ kind: 'person.totp_begun', target: personTarget(found) }],
      changes: [ofPerson(id)],
    })
  })
}

/** From now on a code of this authenticator goes with the password. The other sessions end. */
export async function confirmTotp(
  needs: Needs,
  act: Act,
  code: TotpCode,
): Promise<Result<undefined, TotpRefusal>> {
  const person = signedIn(act)
  if (!person.ok) return person
  const { id } = person.value
  const retryAfter = needs.signIns.beginCode(id)
  if (retryAfter !== undefined) return refuse({ reason: 'sign_in_limited', retryAfter })
  return givenBackUnless(
    'totp_mismatch',
    () => needs.signIns.giveBackCode(id),
    async () => confirmed(needs, act, { person: person.value, code }),
  )
}

/** The password alone signs in again. The other sessions end. */
export async function removeTotp(
  { db }: Pick<Needs, 'db'>,
  act: Act,
): Promise<Result<undefined, TotpRefusal>> {
  const person = await recentlySignedIn({ db }, act)
  if (!person.ok) return person
  return inTransaction<undefined, TotpRefusal>(db, 'server', act, async (tx) => {
    await lockPerson(tx, person.value.id)
    const removed = await storage.removeTotp(tx, person.value.id)
    if (!removed) return refuse({ reason: 'totp_unknown' })
    return changed(tx, person.value, 'person.totp_removed')
  })
}

async function confirmed(
  { db, totp }: Needs,
  act: Act,
  { person, code }: { readonly person: PersonActor; readonly code: TotpCode },
): Promise<Result<undefined, TotpRefusal>> {
  return inTransaction<undefined, TotpRefusal>(db, 'server', act, async (tx) => {
    await lockPerson(tx, person.id)
    const begun = await storage.findTotp(tx, person.id)
    if (begun === undefined) return refuse({ reason: 'totp_unknown' })
    if (begun.confirmedAt !== undefined) return refuse({ reason: 'totp_exists' })
    const step = await totp.stepOf(begun, code, stepsTaken(act.at, begun.lastStep))
    if (step === undefined) return refuse({ reason: 'totp_mismatch' })
    await storage.takeStep(tx, person.id, step)
    await storage.confirmTotp(tx, person.id, act.at)
    return changed(tx, person, 'person.totp_confirmed')
  })
}

async function changed(
  tx: Tx,
  person: PersonActor,
  kind: 'person.totp_confirmed' | 'person.totp_removed',
): Promise<{ readonly ok: true; readonly value: Written<undefined> }> {
  const ended = await removeSessionsOf(tx, person.id, person.by.session)
  return accept({
    value: undefined,
    audit: [{ kind, target: personTarget(person), after: { sessions_ended: ended } }],
    changes: [ofPerson(person.id)],
  })
}

/** Whoever acts, if they signed in a moment ago. */
async function recentlySignedIn(
  { db }: Pick<Needs, 'db'>,
  act: Act,
): Promise<Result<PersonActor, TotpRefusal>> {
  const person = signedIn(act)
  if (!person.ok) return person
  const { id, by } = person.value
  const sessions = await listSessions(db.management, id, act.at)
  const session = sessions.find((one) => one.id === by.session)
  const refusal = whyTooOld(session, act.at)
  return refusal ? refuse(refusal) : person
}

/** Why a session is not enough for what decides how somebody signs in, themselves or another. */
export function whyTooOld(
  session: LiveSession['session'] | undefined,
  now: NumericDate,
): SignInTooOld | undefined {
  const isRecent =
    session !== undefined && !hasEnded(later(session.createdAt, recentSignInMax), now)
  return isRecent ? undefined : { reason: 'sign_in_too_old', max: recentSignInMax }
}

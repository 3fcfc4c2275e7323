import { unreachable } from '../domain/brand.ts'
import type { PersonId } from '../domain/id.ts'
import type { Password } from '../domain/password.ts'
import type { Email } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Session, SessionToken, SignInFailure } from '../domain/session.ts'
import { sessionLifetime, sessionsOfPersonMax, shownUserAgent } from '../domain/session.ts'
import type { Seconds } from '../domain/time.ts'
import { later } from '../domain/time.ts'
import type { TotpCode } from '../domain/totp.ts'
import { stepsTaken } from '../domain/totp.ts'
import type { SignIn } from '../ports/sign-ins.ts'
import type { Proofs } from '../storage/passwords.ts'
import { findProofs } from '../storage/passwords.ts'
import { lockPerson } from '../storage/people.ts'
import { addSession, listSessions, removeSession } from '../storage/sessions.ts'
import { takeStep } from '../storage/totp.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { personActor } from './actors.ts'
import type { Circumstances } from './people.ts'
import { ofPerson } from './people.ts'
import type { PeoplePorts } from './ports.ts'
import { givenBackUnless } from './tries.ts'

/** What a person shows. What has not even the form of it is `undefined`, and takes as long. */
export type SignInAttempt = {
  readonly email: Email | undefined
  /** The email as it was written, by which tries are counted. */
  readonly claimed: string
  readonly password: Password | undefined
  readonly code?: TotpCode | undefined
  readonly userAgent: string
}

export type SignInRefusal =
  | ConcernRefusal
  /** Whatever was wrong, and whoever it was: nobody learns who has an account here. */
  | { readonly reason: 'sign_in_refused' }
  /** The password is right, and a code of the second factor has to come with it. */
  | { readonly reason: 'totp_needed' }
  | { readonly reason: 'sign_in_limited'; readonly retryAfter: Seconds }

/** A refusal with what only an operator may know of it. */
export type RefusedSignIn =
  | ConcernRefusal
  | {
      readonly reason: 'sign_in_refused'
      readonly because: WrongProof
      readonly person: PersonId | undefined
    }
  | { readonly reason: 'totp_needed'; readonly person: PersonId }
  | {
      readonly reason: 'sign_in_limited'
      readonly retryAfter: Seconds
      /** Whose codes were tried too often; `undefined` if it is their email or the network. */
      readonly person: PersonId | undefined
    }

type WrongProof = Exclude<SignInFailure, 'totp_needed' | 'sign_in_limited'>

/** What the caller may know of a refusal. */
export function publicRefusal(told: RefusedSignIn): SignInRefusal {
  switch (told.reason) {
    case 'sign_in_refused':
    case 'totp_needed':
      return { reason: told.reason }
    case 'sign_in_limited':
      return { reason: told.reason, retryAfter: told.retryAfter }
    case 'session_invalid':
    case 'organization_unknown':
    case 'request_replayed':
    case 'idempotency_key_reused':
      return told
    default:
      return unreachable(told)
  }
}

export type SignedIn = {
  /** Leaves in exactly one answer, and is nowhere else. */
  readonly token: SessionToken
  readonly session: Session
  readonly person: Proofs['person']
}

type Needs = Pick<PeoplePorts, 'db' | 'random' | 'tokens' | 'passwords' | 'totp' | 'signIns'>

/**
 * Signs a person in. The only way to a session, and always to a new one.
 *
 * For an unknown email as for a wrong password there is one look at the database and one hash of the
 * same cost; what their rows take longer to read is nothing beside it, and the limiter lets nobody
 * try often enough to see it.
 */
export async function signIn(
  needs: Needs,
  circumstances: Circumstances,
  attempt: SignInAttempt,
): Promise<Result<SignedIn, RefusedSignIn>> {
  const { signIns } = needs
  const at: SignIn = {
    email: attempt.email ?? attempt.claimed.slice(0, claimedCharactersMax),
    network: circumstances.network ?? '',
  }
  const retryAfter = signIns.begin(at)
  if (retryAfter !== undefined)
    return refuse({ reason: 'sign_in_limited', retryAfter, person: undefined })
  return givenBackUnless(
    'sign_in_refused',
    () => signIns.giveBack(at),
    async () => tried(needs, circumstances, attempt),
  )
}

const claimedCharactersMax = 64

async function tried(
  needs: Needs,
  circumstances: Circumstances,
  attempt: SignInAttempt,
): Promise<Result<SignedIn, RefusedSignIn>> {
  const { email, password, code } = attempt
  const proofs = email && (await findProofs(needs.db.management, { email }))
  const fits = await needs.passwords.verify(proofs?.password, password)
  if (email === undefined) return refused('email_malformed')
  if (proofs === undefined) return refused('person_unknown')
  const person = proofs.person.id
  if (!fits) return refused('password_wrong', person)
  if (proofs.totp === undefined) return openSession(needs, circumstances, { proofs, attempt })
  return code === undefined
    ? refuse({ reason: 'totp_needed', person })
    : byCode(needs, circumstances, { proofs, attempt, code })
}

function refused(because: WrongProof, person?: PersonId): Result<never, RefusedSignIn> {
  return refuse({ reason: 'sign_in_refused', because, person })
}

type Proved = { readonly proofs: Proofs; readonly attempt: SignInAttempt }

/** The second factor. A stranger never gets here, so these tries are counted wherever they come from. */
async function byCode(
  needs: Needs,
  circumstances: Circumstances,
  { proofs, attempt, code }: Proved & { readonly code: TotpCode },
): Promise<Result<SignedIn, RefusedSignIn>> {
  const { person, totp } = proofs
  if (totp === undefined) return refused('proofs_changed', person.id)
  const retryAfter = needs.signIns.beginCode(person.id)
  if (retryAfter !== undefined) {
    return refuse({ reason: 'sign_in_limited', retryAfter, person: person.id })
  }
  return givenBackUnless(
    'sign_in_refused',
    () => needs.signIns.giveBackCode(person.id),
    async () => {
      const among = stepsTaken(circumstances.at, totp.lastStep)
      const step = await needs.totp.stepOf(totp, code, among)
      return step === undefined
        ? refused('code_wrong', person.id)
        : openSession(needs, circumstances, { proofs, attempt, step })
    },
  )
}

type Opening = Proved & { readonly step?: Parameters<typeof takeStep>[2] }

/**
 * Under the lock the proofs are what they were, and nobody else has taken the code meanwhile; or
 * there is no session.
 */
async function openSession(
  { db, random, tokens }: Needs,
  { at, traceId, network }: Circumstances,
  { proofs, attempt, step }: Opening,
): Promise<Result<SignedIn, RefusedSignIn>> {
  const { person } = proofs
  const token = tokens.session()
  const session: Session = {
    id: random.id('session'),
    person: person.id,
    createdAt: at,
    lastSeenAt: at,
    endsAt: later(at, sessionLifetime),
    network: network ?? '',
    userAgent: shownUserAgent(attempt.userAgent),
  }
  const { id } = person
  const act: Act = {
    actor: personActor(person, session.id),
    at,
    traceId,
    network,
    opens: session.id,
  }
  return inTransaction<SignedIn, RefusedSignIn>(db, 'server', act, async (tx) => {
    await lockPerson(tx, id)
    const now = await findProofs(tx, { id })
    if (!isSame(now, proofs)) return refused('proofs_changed', id)
    if (step !== undefined && !(await takeStep(tx, id, step))) return refused('code_wrong', id)
    await endOldest(tx, session)
    await addSession(tx, session, tokens.hash(token))
    return accept(written({ token, session, person }))
  })
}

/** Whether a person still proves who they are by the same. */
function isSame(now: Proofs | undefined, then: Proofs): boolean {
  return now?.password === then.password && now?.totp?.sealed === then.totp?.sealed
}

async function endOldest(tx: Tx, { person, createdAt }: Session): Promise<void> {
  const others = await listSessions(tx, person, createdAt)
  for (const { id } of others.slice(sessionsOfPersonMax - 1)) await removeSession(tx, id)
}

function written(value: SignedIn): Written<SignedIn> {
  const { session } = value
  const { network, userAgent } = session
  return {
    value,
    audit: [
      {
        kind: 'session.created',
        target: { type: 'session', id: session.id },
        after: { person: session.person, network, user_agent: userAgent },
      },
    ],
    changes: [ofPerson(session.person)],
  }
}

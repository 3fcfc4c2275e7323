import { z } from '@hono/zod-openapi'
import { readPassword } from '../../domain/password.ts'
import { parseEmail } from '../../domain/person.ts'
import type { Result } from '../../domain/result.ts'
import { accept, refuse } from '../../domain/result.ts'
import type { Session, SessionToken } from '../../domain/session.ts'
import { sessionsOfPersonMax } from '../../domain/session.ts'
import type { NumericDate } from '../../domain/time.ts'
import { until } from '../../domain/time.ts'
import type { LiveSession } from '../../management/sessions.ts'
import { endSession, listSessions, signOut } from '../../management/sessions.ts'
import type { RefusedSignIn, SignedIn } from '../../management/sign-in.ts'
import { publicRefusal, signIn } from '../../management/sign-in.ts'
import type { Caller, Event } from '../../ports/events.ts'
import { idText, nameText } from './schemas/fields.ts'
import { sessionCookie } from './edge/identity.ts'
import {
  codeField,
  emailText,
  sessionDocument,
  sessionMembers,
  shownText,
} from './schemas/people-fields.ts'
import type { ApiPorts } from './ports.ts'
import type { ApiRoute } from './route.ts'
import { nothing, route } from './route.ts'

const tag = 'Sessions'

const sessionSchema = z.strictObject(sessionMembers).openapi('Session')

export const ownSessionSchema = z
  .strictObject({
    ...sessionMembers,
    person: z.strictObject({
      id: idText('person'),
      email: emailText,
      name: nameText,
      is_operator: z.boolean(),
    }),
    csrf_token: z.string().openapi({
      description: 'Goes into the header `x-csrf-token` of every call that changes something.',
    }),
  })
  .openapi('OwnSession')

const enter = route({
  operationId: 'signIn',
  method: 'post',
  path: '/session',
  needs: 'nobody',
  tag,
  summary: 'Sign in',
  description: `Answers with the cookie \`${sessionCookie}\`. Always a new session.`,
  body: z.strictObject({
    email: shownText,
    password: shownText.openapi({ format: 'password' }),
    code: codeField.optional(),
  }),
  status: 201,
  answer: ownSessionSchema,
  refusals: ['sign_in_refused', 'totp_needed', 'sign_in_limited'],
  handle: async ({ ports, circumstances, caller, body }) => {
    const outcome = await signIn(ports, circumstances, {
      email: parseEmail(body.email),
      claimed: body.email,
      password: readPassword(body.password),
      code: body.code,
      userAgent: caller.userAgent ?? '',
    })
    const event = signInEvent(caller, outcome)
    if (event !== undefined) ports.events.record(event)
    if (!outcome.ok) return refuse(publicRefusal(outcome.refusal))
    const cookie = cookieOf(outcome.value, circumstances.at)
    return accept({ body: ownSession(ports, outcome.value), cookie })
  },
})

/** What is told of a try to sign in: never the password or the code, nor an email nobody may have. */
function signInEvent(caller: Caller, outcome: Result<SignedIn, RefusedSignIn>): Event | undefined {
  if (outcome.ok) {
    const { person, session } = outcome.value
    return { kind: 'sign_in_accepted', caller, person: person.id, session: session.id }
  }
  const { refusal } = outcome
  const kind = 'sign_in_refused'
  if (refusal.reason === 'sign_in_refused') {
    return { kind, caller, person: refusal.person, reason: refusal.because }
  }
  const { reason } = refusal
  if (reason !== 'totp_needed' && reason !== 'sign_in_limited') return undefined
  return { kind, caller, person: refusal.person, reason }
}

/** Never to another host, never to a script, never along from another site. RFC 6265bis §4.1. */
const cookieTerms = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** What the browser keeps of a session: for as long as it can last. */
export function cookieOf(
  { session: { endsAt }, token }: Pick<Own, 'session' | 'token'>,
  now: NumericDate,
): string {
  return `${sessionCookie}=${token}; ${cookieTerms}; Max-Age=${until(now, endsAt)}`
}

const noCookie = `${sessionCookie}=; ${cookieTerms}; Max-Age=0`

const show = route({
  operationId: 'showSession',
  method: 'get',
  path: '/session',
  needs: 'session',
  tag,
  summary: 'Show this session',
  status: 200,
  answer: ownSessionSchema,
  refusals: [],
  handle: async ({ ports, signedIn }) => accept({ body: ownSession(ports, signedIn) }),
})

const leave = route({
  operationId: 'signOut',
  method: 'delete',
  path: '/session',
  needs: 'session',
  tag,
  summary: 'Sign out',
  status: 204,
  answer: nothing,
  refusals: ['session_unknown'],
  handle: async ({ ports, act }) => {
    const outcome = await signOut(ports, act)
    return outcome.ok ? accept({ body: undefined, cookie: noCookie }) : outcome
  },
})

const list = route({
  operationId: 'listSessions',
  method: 'get',
  path: '/sessions',
  needs: 'session',
  tag,
  summary: 'List your sessions',
  description: 'Where you are signed in, the one used last first.',
  status: 200,
  answer: z.strictObject({ items: z.array(sessionSchema).max(sessionsOfPersonMax) }),
  refusals: [],
  handle: async ({ ports, act }) => {
    const outcome = await listSessions(ports, act)
    if (!outcome.ok) return outcome
    const items = outcome.value.slice(0, sessionsOfPersonMax)
    return accept({ body: { items: items.map(sessionDocument) } })
  },
})

const end = route({
  operationId: 'endSession',
  method: 'delete',
  path: '/sessions/{session_id}',
  needs: 'session',
  tag,
  summary: 'End a session of yours',
  status: 204,
  answer: nothing,
  refusals: ['session_unknown'],
  handle: async ({ ports, act, params }) => {
    const outcome = await endSession(ports, act, params.session_id)
    return outcome.ok ? accept({ body: undefined }) : outcome
  },
})

export const sessionRoutes: readonly ApiRoute[] = [enter, show, leave, list, end]

type Own = {
  readonly session: Session
  readonly person: LiveSession['person']
  readonly token: SessionToken
}

/** A session as whoever has it sees it. */
export function ownSession({ tokens }: Pick<ApiPorts, 'tokens'>, { session, person, token }: Own) {
  return {
    ...sessionDocument(session),
    person: {
      id: person.id,
      email: person.email,
      name: person.name,
      is_operator: person.isOperator,
    },
    csrf_token: tokens.csrf(token),
  }
}

import { afterAll, beforeAll } from 'vitest'
import { random } from '../../src/crypto/random.ts'
import { openSecrets } from '../../src/crypto/secrets.ts'
import type { BindingId, OrganizationId, PersonId, PrincipalId } from '../../src/domain/id.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { accept } from '../../src/domain/result.ts'
import type { SessionToken } from '../../src/domain/session.ts'
import { sessionLifetime } from '../../src/domain/session.ts'
import { later } from '../../src/domain/time.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { addSession } from '../../src/storage/sessions.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Desk } from '../management/desk.ts'
import { name, newAccount, newMember, newOrganization } from '../management/desk.ts'
import type { TestClient } from './fixtures.ts'
import { fetchToken } from './fixtures.ts'
import type { TestHouse } from './house.ts'
import { openTestHouse } from './house.ts'
import { accepted, roleNamed } from './operator.ts'

/** An answer of the management API. */
export type Answered = {
  readonly status: number
  readonly headers: Headers
  /** The JSON of its body; `undefined` without one. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into what was answered
  readonly body: any
}

/** Calls the API as somebody: `call('POST', '/organizations/…/service-accounts', { name: 'ci' })`. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answered>

/** A server that listens, and those who call its management API. */
export type ApiHouse = TestHouse & {
  readonly desk: () => Desk
  /** Without any credential. */
  readonly nobody: Call
  /** With headers that say who calls. */
  readonly caller: (headers: Readonly<Record<string, string>>) => Call
  /** Somebody who is signed in, and a member of an organization with these roles there. */
  readonly member: (
    organization: OrganizationId,
    roles?: readonly string[],
    isOperator?: boolean,
  ) => Promise<SignedInMember>
  /** A service account with these roles, and a token of its own for the management API. */
  readonly account: (
    organization: OrganizationId,
    roles?: readonly string[],
    scope?: string,
  ) => Promise<TokenHolder>
  /** A new organization, and its Owner. */
  readonly owned: () => Promise<SignedInMember>
}

export type SignedInMember = NamedMember & {
  readonly token: SessionToken
  readonly call: Call
}

export type TokenHolder = TestClient & {
  readonly accessToken: string
  readonly call: Call
}

async function openApiHouse(wishes: Parameters<typeof openTestHouse>[0] = {}): Promise<ApiHouse> {
  const test = await openTestHouse(wishes)
  const desk = await deskOf(test)
  const caller =
    (who: Readonly<Record<string, string>>): Call =>
    async (method, path, body, headers = {}) =>
      answered(
        await fetch(`${test.issuer}/api/v1${path}`, {
          method,
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...who,
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      )
  const account: ApiHouse['account'] = async (organization, roles = [], scope) => {
    const made = await newAccount(desk(), { organization })
    for (const role of roles) await grant(desk(), { organization, id: made.id }, role)
    const credential = { organization, principal: made.id, name: name('test') }
    const { secret } = accepted(await createClientSecret(desk(), test.act(), credential))
    await test.caughtUp()
    const parameters = { resource: `${test.issuer}/api`, ...(scope === undefined ? {} : { scope }) }
    const accessToken = await fetchToken(test, { id: made.id, secret }, parameters)
    const call = caller({ authorization: `Bearer ${accessToken}` })
    return { id: made.id, secret, accessToken, call }
  }
  const member: ApiHouse['member'] = async (organization, roles = [], isOperator = false) => {
    const made = await newMember(desk(), organization, isOperator)
    for (const role of roles) await grant(desk(), made, role)
    const token = await signIn(desk(), made.person)
    return { ...made, token, call: caller(signedInHeaders(test, token)) }
  }
  return {
    ...test,
    desk,
    caller,
    nobody: caller({}),
    member,
    account,
    owned: async () => member((await newOrganization(desk())).id, ['Owner']),
  }
}

/** One listening server for a file of tests; each test brings organizations of its own. */
export function useApi(wishes: Parameters<typeof openTestHouse>[0] = {}): () => ApiHouse {
  let opened: ApiHouse
  beforeAll(async () => {
    opened = await openApiHouse(wishes)
  })
  afterAll(async () => opened.close())
  return () => opened
}

/** What a page of the console sends with a call. */
export function signedInHeaders(
  { house, issuer }: Pick<TestHouse, 'house' | 'issuer'>,
  token: SessionToken,
): Readonly<Record<string, string>> {
  return {
    cookie: `__Host-countersign=${token}`,
    origin: new URL(issuer).origin,
    'x-csrf-token': house.management.tokens.csrf(token),
  }
}

/** Where things are made in a house without a request. */
export async function deskOf(test: TestHouse): Promise<() => Desk> {
  const secrets = await openSecrets()
  const { clock } = test
  const fixed = { ...test.house.management, random: random(clock), clock, secrets }
  return () => ({ ...fixed, act: test.act() })
}

/** Grants the role of this name in the whole organization, for ever. */
export async function grant(
  desk: Desk,
  { organization, id }: { readonly organization: OrganizationId; readonly id: PrincipalId },
  called: string,
): Promise<BindingId> {
  const role = await roleNamed(desk, organization, called)
  const subject = { type: 'principal', id } as const
  return accepted(await createBinding(desk, desk.act, { organization, role, subject })).id
}

/** Signs a person in, without asking for a password: hashing one takes its time. */
export async function signIn(desk: Desk, person: PersonId): Promise<SessionToken> {
  const token = desk.tokens.session()
  const { at } = desk.act
  const session = {
    id: desk.random.id('session'),
    person,
    createdAt: at,
    lastSeenAt: at,
    endsAt: later(at, sessionLifetime),
    network: '127.0.0.1',
    userAgent: 'a test',
  }
  accepted(
    await inTransaction(desk.db, 'server', desk.act, async (tx) => {
      await addSession(tx, session, desk.tokens.hash(token))
      return accept({
        value: undefined,
        audit: [{ kind: 'session.created', target: { type: 'session', id: session.id } }],
        changes: [{ kind: 'person', organization: undefined, subject: person }],
      })
    }),
  )
  return token
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, headers: response.headers, body }
}

import type { Actor, PersonActor } from '../../src/domain/audit.ts'
import type { OrganizationId, PersonId, RoleId } from '../../src/domain/id.ts'
import type { LinkToken } from '../../src/domain/link.ts'
import { parseLinkToken } from '../../src/domain/link.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { builtInRoles } from '../../src/domain/management-permission.ts'
import type { Password } from '../../src/domain/password.ts'
import { decidePassword } from '../../src/domain/password.ts'
import type { Email } from '../../src/domain/person.ts'
import { parseEmail } from '../../src/domain/person.ts'
import { accept } from '../../src/domain/result.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { ofPerson } from '../../src/management/people.ts'
import type { SignInAttempt } from '../../src/management/sign-in.ts'
import { signIn } from '../../src/management/sign-in.ts'
import { setPassword } from '../../src/storage/passwords.ts'
import { listSomeOperators, turnOperator } from '../../src/storage/people.ts'
import { findRoleByName } from '../../src/storage/roles.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import type { Act, Tx } from '../../src/storage/tx.ts'
import type { Desk } from './desk.ts'
import { accepted, newMember, newOrganization } from './desk.ts'
import { newSession } from './standing-session.ts'

export const password = passwordOf('correct horse battery staple')
export const otherPassword = passwordOf('a trombone in the attic')

function passwordOf(text: string): Password {
  return accepted(decidePassword(text))
}

export function email(text: string): Email {
  const parsed = parseEmail(text)
  if (parsed === undefined) throw new Error(`not an email: ${text}`)
  return parsed
}

/** The token in the fragment of a link. */
export function tokenOf({ link }: { readonly link: string }): LinkToken {
  const token = parseLinkToken(new URL(link).hash.slice(1))
  if (token === undefined) throw new Error(`not a link: ${link}`)
  return token
}

/** When and from where, for verbs of people who are not signed in. */
export function circumstances({ act: { at, traceId } }: Desk, network = '192.0.2.1') {
  return { at, traceId, network }
}

let hashed: Promise<Awaited<ReturnType<Desk['passwords']['hash']>>> | undefined

/** Somebody who can sign in with `password`; hashed once, because that is dear. */
export async function newPerson(
  desk: Desk,
  organization?: OrganizationId,
  isOperator = false,
): Promise<NamedMember> {
  const { id } = organization === undefined ? await newOrganization(desk) : { id: organization }
  const member = await newMember(desk, id, isOperator)
  await givePassword(desk, member)
  return member
}

/** Lets somebody sign in with `password`. */
export async function givePassword(
  desk: Desk,
  { person }: Pick<NamedMember, 'person'>,
): Promise<void> {
  hashed ??= desk.passwords.hash(password)
  const hash = await hashed
  accepted(
    await inTransaction(desk.db, 'server', desk.act, async (tx) => {
      await setPassword(tx, person, { hash, at: desk.act.at })
      const target = { type: 'person', id: person }
      return accept({
        value: undefined,
        audit: [{ kind: 'person.password_changed', target }],
        changes: [ofPerson(person)],
      })
    }),
  )
}

/** Leaves the server without an operator; what it returns makes them operators again. */
export async function withoutOperators(desk: Desk): Promise<() => Promise<void>> {
  const removed: PersonId[] = []
  await turnOperators(desk, 'operator.removed', async (tx) => {
    for (
      let some = await listSomeOperators(tx);
      some.length > 0;
      some = await listSomeOperators(tx)
    ) {
      removed.push(...some)
      for (const id of some) await turnOperator(tx, id, false)
    }
  })
  return async () =>
    turnOperators(desk, 'operator.added', async (tx) => {
      for (const id of removed) await turnOperator(tx, id, true)
    })
}

async function turnOperators(
  { db, act }: Desk,
  kind: 'operator.added' | 'operator.removed',
  turn: (tx: Tx) => Promise<void>,
): Promise<void> {
  accepted(
    await inTransaction(db, 'server', act, async (tx) => {
      await turn(tx)
      return accept({
        value: undefined,
        audit: [{ kind, target: { type: 'server', id: 'server' } }],
        changes: [{ kind: 'person', organization: undefined, subject: 'operators' }],
      })
    }),
  )
}

/** The role of the organization that is called so from its first second. */
export async function builtInRole(
  { db }: Desk,
  organization: OrganizationId,
  role: keyof typeof builtInRoles,
): Promise<RoleId> {
  const found = await findRoleByName(db.management, organization, builtInRoles[role].name)
  if (found === undefined) throw new Error(`no role ${role}`)
  return found.id
}

/** A member with a built-in role. */
export async function newHolder(
  desk: Desk,
  organization: OrganizationId,
  role: keyof typeof builtInRoles,
): Promise<NamedMember> {
  const member = await newMember(desk, organization)
  const subject = { type: 'principal', id: member.id } as const
  const binding = { organization, subject, role: await builtInRole(desk, organization, role) }
  accepted(await createBinding(desk, desk.act, binding))
  return member
}

/** Acts as a member of an organization, signed in. */
export async function asMember(
  desk: Desk,
  { organization, id, person, name }: NamedMember,
  { isOperator = false }: { readonly isOperator?: boolean } = {},
): Promise<Act> {
  const by = { type: 'session', session: await newSession(desk, person), isOperator } as const
  return { ...desk.act, actor: { type: 'member', organization, id, name, by } }
}

/** Acts as a person, by this session or by one of its own. */
export async function asPerson(
  desk: Desk,
  { person, name }: { readonly person: PersonId; readonly name: string },
  wishes: { readonly isOperator?: boolean; readonly session?: PersonActor['by']['session'] } = {},
): Promise<Act & { readonly actor: PersonActor }> {
  const { isOperator = false, session = await newSession(desk, person) } = wishes
  const by = { type: 'session', session, isOperator } as const
  return { ...desk.act, actor: { type: 'person', id: person, name, by } }
}

export async function tryToSignIn(
  desk: Desk,
  { email: claimed }: Pick<NamedMember, 'email'>,
  wishes: Partial<SignInAttempt> & { readonly network?: string } = {},
) {
  const { network, ...attempt } = wishes
  return signIn(desk, circumstances(desk, network), {
    email: claimed,
    claimed,
    password,
    userAgent: 'a browser',
    ...attempt,
  })
}

/** Signs in, and acts from then on as whoever that is. */
export async function signedInAs(desk: Desk, member: NamedMember) {
  const { session, token } = accepted(await tryToSignIn(desk, member))
  return { session, token, act: await asPerson(desk, member, { session: session.id }) }
}

/** Everybody who is no person that is signed in. */
export function others(desk: Desk, member: NamedMember): readonly Actor[] {
  const { organization } = member
  const client = desk.random.id('service_account')
  const key = desk.random.id('application_key')
  const token = { type: 'token', jti: 'x', scope: [] } as const
  const byAccount = { ...token, client, gotWith: desk.random.id('credential') }
  const byKey = { ...token, client: key, gotWith: key }
  return [
    { type: 'service_account', organization, id: client, name: 'robot', by: byAccount },
    { type: 'member', organization, id: member.id, name: member.name, by: byKey },
    desk.act.actor,
    {
      type: 'link_holder',
      id: member.person,
      name: member.name,
      by: { type: 'link', link: 'recovery' },
    },
  ]
}

import type { AuditEvent, LinkHolder, LinkProof, PersonActor } from '../domain/audit.ts'
import type { SessionNeeded } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { Phc } from '../domain/credential.ts'
import type { PersonId } from '../domain/id.ts'
import type { Member } from '../domain/member.ts'
import type { Name } from '../domain/name.ts'
import type { Email, Person } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { addMember } from '../storage/members.ts'
import { setPassword } from '../storage/passwords.ts'
import { addPerson, removeUnattachedPerson } from '../storage/people.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { createdIn } from './written.ts'

/** When somebody who is not signed in does something, and from where. */
export type Circumstances = Omit<Act, 'actor'>

/** What happened to people, for the audit trail and for the change log. */
export type Told = { readonly audit: readonly AuditEvent[]; readonly changes: readonly Change[] }

/** What a person says of themselves, with the hash of the password that they chose. */
export type Newcomer = {
  readonly id: PersonId
  readonly email: Email
  readonly name: Name
  readonly password: Phc
  readonly isOperator: boolean
}

/** Who acts by a one-time link. */
export function holderOf(
  { id, name }: Pick<Person, 'id' | 'name'>,
  link: LinkProof['link'],
): LinkHolder {
  return { type: 'link_holder', id, name, by: { type: 'link', link } }
}

/**
 * The person who acts, signed in. Nobody else can do what concerns a person: no service account, no
 * application key, and no operator at the command line.
 */
export function signedIn({ actor }: Act): Result<PersonActor, SessionNeeded> {
  return actor.type === 'person' ? accept(actor) : refuse({ reason: 'session_needed' })
}

/** Adds a person with a password, inside a transaction. */
export async function addNewcomer(tx: Tx, act: Act, newcomer: Newcomer): Promise<Told> {
  const { id, email, name, password, isOperator } = newcomer
  await addPerson(tx, { id, email, name, isOperator, ...createdIn(act) })
  await setPassword(tx, id, { hash: password, at: act.at })
  return {
    audit: [
      {
        kind: 'person.created',
        target: personTarget(newcomer),
        after: { email, is_operator: isOperator },
      },
    ],
    changes: [ofPerson(id)],
  }
}

/** Makes a person a member, inside a transaction that holds the organization's lock. */
export async function addMembership(
  tx: Tx,
  added: Member,
  { name, email }: Pick<Person, 'name' | 'email'>,
): Promise<Told> {
  await addMember(tx, added)
  const { organization, id, person } = added
  return {
    audit: [
      {
        kind: 'member.added',
        target: { type: 'member', id, name },
        after: { organization, person, email },
      },
    ],
    changes: [{ kind: 'principal', organization, subject: id }],
  }
}

/** Whoever is neither operator nor a member anywhere any more is no longer a person here. */
export async function removeIfUnattached(
  tx: Tx,
  person: Pick<Person, 'id' | 'name' | 'email'>,
): Promise<readonly AuditEvent[]> {
  const removed = await removeUnattachedPerson(tx, person.id)
  if (!removed) return []
  const { email } = person
  return [{ kind: 'person.removed', target: personTarget(person), before: { email } }]
}

export function personTarget({ id, name }: { readonly id: PersonId; readonly name: string }) {
  return { type: 'person', id, name }
}

export function ofPerson(subject: PersonId): Change {
  return { kind: 'person', organization: undefined, subject }
}

import type { OperatorNeeded } from '../domain/authority.ts'
import type { PersonId } from '../domain/id.ts'
import type { Person } from '../domain/person.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import * as storage from '../storage/people.ts'
import { removeSessionsOf } from '../storage/sessions.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import type { Act } from '../storage/tx.ts'
import { ofPerson, personTarget, removeIfUnattached } from './people.ts'
import { asOperator, whyNotOperator } from './permitted.ts'
import type { PeoplePorts } from './ports.ts'
import { unchanged } from './written.ts'

export type OperatorRefusal =
  | ConcernRefusal
  | OperatorNeeded
  | { readonly reason: 'person_unknown'; readonly person: PersonId }
  | { readonly reason: 'operator_unknown'; readonly person: PersonId }
  | { readonly reason: 'last_operator' }

type Needs = Pick<PeoplePorts, 'db'>
type Outcome = Promise<Result<Person, OperatorRefusal>>

/** Who looks after the server as a whole. */
export async function listOperators(
  { db }: Needs,
  act: Act,
  asked: PageAsked<PersonId> = {},
): Promise<Result<Page<Person, PersonId>, OperatorNeeded>> {
  const refusal = whyNotOperator(act.actor)
  return refusal ? refuse(refusal) : accept(await storage.listOperators(db.management, asked))
}

/** Makes a person an operator; asked twice, it is already so. */
export async function addOperator({ db }: Needs, act: Act, id: PersonId): Outcome {
  return asOperator<Person, OperatorRefusal>(db, 'server', act, async (tx) => {
    const person = await storage.lockPerson(tx, id)
    if (person === undefined) return refuse({ reason: 'person_unknown', person: id })
    if (person.isOperator) return unchanged(person)
    await storage.turnOperator(tx, id, true)
    return accept({
      value: { ...person, isOperator: true },
      audit: [{ kind: 'operator.added', target: personTarget(person) }],
      changes: [ofPerson(id)],
    })
  })
}

/** They are a person like any other from now on, and sign in anew; the last one stays. */
export async function removeOperator({ db }: Needs, act: Act, id: PersonId): Outcome {
  return asOperator<Person, OperatorRefusal>(db, 'server', act, async (tx) => {
    const person = await storage.lockPerson(tx, id)
    if (person?.isOperator !== true) return refuse({ reason: 'operator_unknown', person: id })
    const operators = await storage.listSomeOperators(tx)
    if (operators.length === 1) return refuse({ reason: 'last_operator' })
    await storage.turnOperator(tx, id, false)
    await removeSessionsOf(tx, id)
    return accept({
      value: { ...person, isOperator: false },
      audit: [
        { kind: 'operator.removed', target: personTarget(person) },
        ...(await removeIfUnattached(tx, person)),
      ],
      changes: [ofPerson(id)],
    })
  })
}

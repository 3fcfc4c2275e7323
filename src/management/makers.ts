import type { Authority } from '../domain/authority.ts'
import { holds, noAuthority, unlimited } from '../domain/authority.ts'
import type { Created } from '../domain/created.ts'
import type { OrganizationId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import { listSomeOwners } from '../storage/holdings.ts'
import { findPerson, findPersonOf } from '../storage/people.ts'
import type { Tx } from '../storage/tx.ts'
import { authorityOf } from './permitted.ts'

type Made = Pick<Created, 'createdBy'>

/**
 * How far the word of whoever made a link goes now, in an organization. A link lies around between its
 * making and its use: what its maker has lost meanwhile, or what its target has gained, counts as it is
 * at its use. Otherwise two steps in a row would reach what one cannot.
 */
export async function wordOfMaker(
  tx: Tx,
  { createdBy }: Made,
  { organization, now }: { readonly organization: OrganizationId; readonly now: NumericDate },
): Promise<Authority> {
  const { id } = createdBy
  if (isCommandLine(id)) return unlimited
  if (await isByOperator(tx, { createdBy })) {
    // As such they invite only while nobody else can: until there is an Owner.
    if ((await listSomeOwners(tx, organization)).length === 0) return unlimited
  }
  const principal = parseId('member', id) ?? parseId('service_account', id)
  if (principal === undefined) return noAuthority
  const authority = await authorityOf(tx, { organization, principal }, now)
  return holds(authority, 'members:manage') ? authority : noAuthority
}

/**
 * Whether an operator made it, who still is one: at the command line, or signed in, be it as a member.
 * That a member was signed in is sure: with an application key nobody makes a link.
 */
export async function isByOperator(tx: Tx, { createdBy: { id } }: Made): Promise<boolean> {
  if (isCommandLine(id)) return true
  const person = parseId('person', id)
  const member = parseId('member', id)
  const maker =
    (person && (await findPerson(tx, person))) ?? (member && (await findPersonOf(tx, member)))
  return maker?.isOperator === true
}

/** Whether somebody's word is still worth anything. */
export function hasWord(authority: Authority): boolean {
  return holds(authority, 'members:manage')
}

/** Whoever holds the command line beside the database, or the server itself. */
function isCommandLine(id: string): boolean {
  return id.startsWith('operator:') || id === 'server'
}

import type {
  Authority,
  OperatorNeeded,
  PermissionMissing,
  SessionNeeded,
} from '../domain/authority.ts'
import {
  authorityOver,
  heldUntil,
  holds,
  isOperator,
  narrowedTo,
  needsSession,
  noAuthority,
  operatorMay,
  unlimited,
} from '../domain/authority.ts'
import type { Actor, PrincipalActor } from '../domain/audit.ts'
import { unreachable } from '../domain/brand.ts'
import { isInForce, isOpen } from '../domain/holder.ts'
import type { OrganizationId, PrincipalId } from '../domain/id.ts'
import type { PermittedOperation } from '../domain/management-permission.ts'
import { permissionFor } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Database } from '../storage/database.ts'
import { findHolderAndHeld } from '../storage/holders.ts'
import { listSomeOwners } from '../storage/holdings.ts'
import { findOrganization } from '../storage/organizations.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Concern, Tx } from '../storage/tx.ts'
import type { ManagementPorts } from './ports.ts'

/** Why an act does not even begin. An organization one has nothing to do with is unknown to one. */
export type NotPermitted = ConcernRefusal | PermissionMissing | OrganizationDisabled | SessionNeeded

/** In a disabled organization no member has any authority, whatever they hold. */
export type OrganizationDisabled = { readonly reason: 'organization_disabled' }

/** Why what only operators may do is not done. */
export type OperatorRefusal = ConcernRefusal | OperatorNeeded

export type Asked = {
  readonly organization: OrganizationId
  readonly operation: PermittedOperation
}

type Reader = Database['management'] | Tx

type Place = { readonly organization: OrganizationId; readonly principal: PrincipalId }

/** By what somebody may do something. */
type Permit = {
  /** How far their word goes: what they hold there, if anything. */
  readonly authority: Authority
  /** Whether operators may do it there now, and they are one who is signed in, whatever they hold. */
  readonly mayAsOperator: boolean
}

/** An act of somebody who may do it. */
export type PermittedAct = Act & Permit

/** Whose word something stands on, and when. */
export type Giver = Pick<PermittedAct, 'authority' | 'at'>

type Work<By extends Act, Value, Refusal> = (
  tx: Tx,
  by: By,
) => Promise<Result<Written<Value>, Refusal>>

/**
 * Writes to an organization, if whoever acts may do so now: what they hold is read under the lock, so
 * that nothing that was withdrawn before is used after. The work learns how far their word goes,
 * because what is given may not be more than they hold.
 */
export async function permitted<Value, Refusal>(
  db: Database,
  asked: Asked,
  act: Act,
  work: Work<PermittedAct, Value, Refusal>,
): Promise<Result<Value, Refusal | NotPermitted>> {
  return inTransaction<Value, Refusal | NotPermitted>(db, asked.organization, act, async (tx) => {
    const permit = await decide(tx, act, asked)
    return permit.ok ? work(tx, { ...act, ...permit.value }) : permit
  })
}

/** Why an act that does one more thing than it was permitted for may not do that one. */
export function whyNotAlso(
  { authority }: Giver,
  operation: PermittedOperation,
): PermissionMissing | undefined {
  const permission = permissionFor[operation]
  return holds(authority, permission) ? undefined : { reason: 'permission_missing', permission }
}

/** Why whoever acts may not do this now: for what only reads, before it does. */
export async function whyNotPermitted(
  { db: { management: db } }: Pick<ManagementPorts, 'db'>,
  act: Act,
  asked: Asked,
): Promise<NotPermitted | undefined> {
  const permit = await decide(db, act, asked)
  return permit.ok ? undefined : permit.refusal
}

/** Writes what only operators may: what all tenants share, or how one of them stands to the others. */
export async function asOperator<Value, Refusal>(
  db: Database,
  concern: Concern,
  act: Act,
  work: (tx: Tx) => Promise<Result<Written<Value>, Refusal>>,
): Promise<Result<Value, Refusal | OperatorRefusal>> {
  const refusal = whyNotOperator(act.actor)
  return refusal === undefined ? inTransaction(db, concern, act, work) : refuse(refusal)
}

export function whyNotOperator(actor: Actor): OperatorNeeded | undefined {
  return isOperator(actor) ? undefined : { reason: 'operator_needed' }
}

/**
 * How far the word of a principal goes now: what it holds, while it lasts. Somebody who is gone,
 * disabled or at their end has no authority.
 */
export async function authorityOf(
  db: Reader,
  { organization, principal }: Place,
  now: NumericDate,
): Promise<Authority> {
  const holder = await findHolderAndHeld(db, principal)
  if (holder?.organization !== organization || !isOpen(holder, now)) return noAuthority
  return authorityOver(heldUntil(holder.holdings, holder.endsAt), now)
}

async function decide(
  db: Reader,
  act: Act,
  { organization, operation }: Asked,
): Promise<Result<Permit, NotPermitted>> {
  const { actor } = act
  if (isForeign(actor, organization))
    return refuse({ reason: 'organization_unknown', organization })
  const authority = await heldBy(db, act)
  const mayAsOperator = await mayOperator(db, actor, { organization, operation })
  const permission = permissionFor[operation]
  if (!holds(authority, permission) && !mayAsOperator) {
    return refuse(
      (await isClosedTo(db, actor))
        ? { reason: 'organization_disabled' }
        : { reason: 'permission_missing', permission },
    )
  }
  return needsSession(actor, operation)
    ? refuse({ reason: 'session_needed' })
    : accept({ authority, mayAsOperator })
}

/** Whether they have nothing to do with that organization. */
function isForeign(actor: Actor, organization: OrganizationId): boolean {
  return 'organization' in actor ? actor.organization !== organization : !isOperator(actor)
}

/** Tokens have ended with the organization. */
async function isClosedTo(db: Reader, actor: Actor): Promise<boolean> {
  if (actor.type !== 'member' || actor.by.type !== 'session') return false
  const organization = await findOrganization(db, actor.organization)
  return organization?.enabled === false
}

async function heldBy(db: Reader, { actor, at: now }: Act): Promise<Authority> {
  switch (actor.type) {
    case 'operator':
    case 'server':
      return unlimited
    case 'person':
    case 'link_holder':
      return noAuthority
    case 'member':
    case 'service_account':
      return ofPrincipal(db, actor, now)
    default:
      return unreachable(actor)
  }
}

/** Somebody who came by a token has no more than its scope, and nothing once what got it has ended. */
async function ofPrincipal(
  db: Reader,
  { organization, id: principal, by }: PrincipalActor,
  now: NumericDate,
): Promise<Authority> {
  const holder = await findHolderAndHeld(db, principal)
  if (holder?.organization !== organization || !isInForce(holder, by, now)) return noAuthority
  const held = heldUntil(holder.holdings, holder.endsAt)
  return authorityOver(by.type === 'token' ? narrowedTo(by.scope, held) : held, now)
}

/** What signed-in operators may beside what they hold. */
async function mayOperator(
  db: Reader,
  actor: Actor,
  { organization, operation }: Asked,
): Promise<boolean> {
  const when = operatorMay(operation)
  if (!isOperator(actor) || when === 'never') return false
  return when === 'always' || (await listSomeOwners(db, organization)).length === 0
}

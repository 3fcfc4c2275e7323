import type {
  Authority,
  Holding,
  OperatorNeeded,
  PermissionMissing,
  SessionNeeded,
} from '../domain/authority.ts'
import {
  authorityOver,
  heldUntil,
  holds,
  isByApplicationKey,
  isOperator,
  narrowedTo,
  needsSession,
  operatorMay,
  unlimited,
} from '../domain/authority.ts'
import type { Actor, PersonActor, PrincipalActor } from '../domain/audit.ts'
import { unreachable } from '../domain/brand.ts'
import type { OrganizationId, PrincipalId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { PermittedOperation } from '../domain/management-permission.ts'
import { permissionFor } from '../domain/management-permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import { findApplicationKey } from '../storage/application-keys.ts'
import { findCredential } from '../storage/credentials.ts'
import type { Database } from '../storage/database.ts'
import { findHolder, listHoldings, listSomeOwners } from '../storage/holdings.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Concern, Tx } from '../storage/tx.ts'
import type { ManagementPorts } from './ports.ts'

/** Why an act does not even begin. An organization one has nothing to do with is unknown to one. */
export type NotPermitted = ConcernRefusal | PermissionMissing | SessionNeeded

/** Why what only operators may do is not done. */
export type OperatorRefusal = ConcernRefusal | OperatorNeeded

export type Asked = {
  readonly organization: OrganizationId
  readonly operation: PermittedOperation
}

type Reader = Database['management'] | Tx

type Place = { readonly organization: OrganizationId; readonly principal: PrincipalId }

/** An act of somebody who may do it, and how far their word goes in it. */
export type PermittedAct = Act & { readonly authority: Authority }

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
    const authority = await decideAuthority(tx, act, asked)
    return authority.ok ? work(tx, { ...act, authority: authority.value }) : authority
  })
}

/** Why an act that does one more thing than it was permitted for may not do that one. */
export function whyNotAlso(
  { authority }: PermittedAct,
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
  const authority = await decideAuthority(db, act, asked)
  return authority.ok ? undefined : authority.refusal
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
  return authorityOver(await holdingsInForce(db, { organization, principal }, now), now)
}

async function decideAuthority(
  db: Reader,
  { actor, at: now }: Act,
  asked: Asked,
): Promise<Result<Authority, NotPermitted>> {
  switch (actor.type) {
    case 'operator':
    case 'server':
      return accept(unlimited)
    case 'person':
      return ofPerson(db, actor, asked)
    case 'link_holder':
      return refuse({ reason: 'organization_unknown', organization: asked.organization })
    case 'member':
    case 'service_account':
      return ofPrincipal(db, actor, asked, now)
    default:
      return unreachable(actor)
  }
}

async function ofPerson(
  db: Reader,
  actor: PersonActor,
  { organization, operation }: Asked,
): Promise<Result<Authority, NotPermitted>> {
  if (!actor.isOperator) return refuse({ reason: 'organization_unknown', organization })
  const when = operatorMay(operation)
  const isOwnerless = async () => (await listSomeOwners(db, organization)).length === 0
  return when === 'always' || (when === 'ownerless' && (await isOwnerless()))
    ? accept(unlimited)
    : refuse({ reason: 'permission_missing', permission: permissionFor[operation] })
}

async function ofPrincipal(
  db: Reader,
  actor: PrincipalActor,
  { organization, operation }: Asked,
  now: NumericDate,
): Promise<Result<Authority, NotPermitted>> {
  if (actor.organization !== organization) {
    return refuse({ reason: 'organization_unknown', organization })
  }
  const isHeld = await isKeyInForce(db, actor, now)
  const place = { organization, principal: actor.id }
  const holdings = isHeld ? await holdingsInForce(db, place, now) : []
  const inHand = actor.by.type === 'token' ? narrowedTo(actor.by.scope, holdings) : holdings
  const authority = authorityOver(inHand, now)
  const permission = permissionFor[operation]
  if (!holds(authority, permission)) return refuse({ reason: 'permission_missing', permission })
  if (isByApplicationKey(actor) && needsSession(operation)) {
    return refuse({ reason: 'session_needed' })
  }
  return accept(authority)
}

/** Whether the application key or the credential that got the token may still be used. */
async function isKeyInForce(
  db: Reader,
  { organization, by }: PrincipalActor,
  now: NumericDate,
): Promise<boolean> {
  if (by.type === 'token' && by.credential !== undefined) {
    const credential = await findCredential(db, organization, by.credential)
    return isInForce(credential, now)
  }
  const id = by.type === 'token' ? parseId('application_key', by.client) : undefined
  if (id === undefined) return true
  const key = await findApplicationKey(db, organization, id)
  return isInForce(key, now)
}

type Ending = { readonly enabled: boolean; readonly expiresAt: NumericDate | undefined }

function isInForce(key: Ending | undefined, now: NumericDate): boolean {
  return key !== undefined && key.enabled && !hasEnded(key.expiresAt, now)
}

/** What a principal holds, and no longer than it lasts itself; nothing if it is not in force now. */
async function holdingsInForce(
  db: Reader,
  { organization, principal: id }: Place,
  now: NumericDate,
): Promise<readonly Holding[]> {
  const holder = await findHolder(db, organization, id)
  if (holder === undefined || !holder.enabled || hasEnded(holder.endsAt, now)) return []
  const holdings = await listHoldings(db, organization, { type: 'principal', id })
  return heldUntil(holdings, holder.endsAt)
}

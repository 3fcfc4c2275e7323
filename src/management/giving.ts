/**
 * The rules of giving and taking, for the verbs: each reads what the rule needs, inside the transaction
 * and after the lock, and answers with the refusal or with nothing. The rules themselves are in
 * domain/authority.ts.
 */
import type {
  AuthorityInsufficient,
  Holding,
  LastOwner,
  PermissionNotHeld,
} from '../domain/authority.ts'
import {
  concernsManagement,
  heldUntil,
  inForce,
  whyNotGivable,
  whyNotTakable,
} from '../domain/authority.ts'
import type { OrganizationId, PrincipalId } from '../domain/id.ts'
import type { RoleTerms } from '../domain/role.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Holders } from '../storage/holdings.ts'
import { listHoldings, listSomeOwners } from '../storage/holdings.ts'
import type { Tx } from '../storage/tx.ts'
import type { Giver } from './permitted.ts'

/** Why they may not give this to anybody: nobody gives more than they hold. */
export function whyNotGiven(by: Giver, given: readonly Holding[]): PermissionNotHeld | undefined {
  return whyNotGivable(by.authority, inForce(given, by.at))
}

/**
 * Why they may not let anybody in as this principal: whoever comes in as it reaches all that it holds,
 * until the way in closes. A disabled one counts like any other, since it may be enabled again; and so
 * does one that has ended or will end, since its end may be moved and the way in stays.
 */
export async function whyNotReachable(
  tx: Tx,
  by: Giver,
  place: { readonly organization: OrganizationId; readonly principal: PrincipalId },
  /** When the way in closes by itself. */
  closesAt?: NumericDate,
): Promise<PermissionNotHeld | undefined> {
  if (by.authority.type === 'unlimited') return undefined
  const { organization, principal: id } = place
  const holdings = await listHoldings(tx, organization, { type: 'principal', id })
  return whyNotGiven(by, heldUntil(holdings, closesAt))
}

/**
 * Why they may not take these permissions from whoever holds them: some of them hold more of the
 * management API than who takes. What is held at other APIs may be taken by whoever may manage it.
 */
export async function whyNotTaken(
  tx: Tx,
  by: Giver,
  taken: readonly Pick<RoleTerms, 'permissions'>[],
  from: Holders & { readonly organization: OrganizationId },
): Promise<AuthorityInsufficient | undefined> {
  if (by.authority.type === 'unlimited' || !taken.some(concernsManagement)) return undefined
  const held: readonly Holding[] = await listHoldings(tx, from.organization, from)
  return whyNotTakable(by.authority, inForce(held, by.at))
}

/** Why this member has to stay an Owner: an organization that has one keeps one. Nobody is above it. */
export async function whyNotWithoutOwner(
  tx: Tx,
  { organization, principal }: { organization: OrganizationId; principal: PrincipalId },
): Promise<LastOwner | undefined> {
  const owners = await listSomeOwners(tx, organization)
  return owners.length === 1 && owners[0] === principal ? { reason: 'last_owner' } : undefined
}

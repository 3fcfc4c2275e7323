import type { Access } from '../domain/access.ts'
import { effectiveAccess, reachableAudiences } from '../domain/access.ts'
import type { Audience } from '../domain/api.ts'
import type { OrganizationId, PrincipalId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Principal } from '../storage/principals.ts'
import { findAccessSources, findPrincipal } from '../storage/principals.ts'
import type { ManagementPorts } from './ports.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** A service account or a member inside its organization. */
export type PrincipalPlace = {
  readonly organization: OrganizationId
  readonly principal: PrincipalId
}

export type UnknownPrincipal = {
  readonly reason: 'principal_unknown'
  readonly principal: PrincipalId
}

/** What a principal holds, whether or not it is in force itself. */
export type EffectiveAccess = {
  readonly principal: Principal
  readonly access: readonly Access[]
}

/**
 * What a principal holds, with every path that gives it: at one audience, or at each where it holds
 * anything. It is added up by the rules of the token plane, so that the answer is what a token would
 * say; it is read through the connections of management, so that the token plane never waits for it.
 */
export async function effectiveAccessOf(
  { db: { management: db } }: Needs,
  { organization, principal: id }: PrincipalPlace,
  { audience, now }: { readonly audience?: Audience | undefined; readonly now: NumericDate },
): Promise<Result<EffectiveAccess, UnknownPrincipal>> {
  const principal = await findPrincipal(db, organization, id)
  if (principal === undefined) return refuse({ reason: 'principal_unknown', principal: id })
  const sources = await findAccessSources(db, principal)
  const audiences = audience === undefined ? [...reachableAudiences(sources)] : [audience]
  const access = audiences.toSorted().map((one) => effectiveAccess(sources, one, now))
  return accept({ principal, access })
}

import type { AuditEvent } from '../domain/audit.ts'
import type { PermissionMissing } from '../domain/authority.ts'
import type { GroupId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Tx } from '../storage/tx.ts'
import type { BindingCreation, BindingRefusal } from './bindings.ts'
import { bindRole } from './bindings.ts'
import type { MembershipRefusal } from './groups.ts'
import { joinGroup } from './groups.ts'
import type { Giver, NotPermitted, PermittedAct } from './permitted.ts'
import { whyNotAlso } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'

/** A role to be held from the first second on. */
export type GrantedRole = Omit<BindingCreation, 'organization' | 'subject'>

export type GivenAccess = {
  readonly groups?: readonly GroupId[] | undefined
  readonly roles?: readonly GrantedRole[] | undefined
}

type Given = { readonly [Part in keyof GivenAccess]: readonly unknown[] | undefined }

export type GivenAccessRefusal = NotPermitted | BindingRefusal | MembershipRefusal

/**
 * Gives a new principal its first groups and roles, or nothing at all. It takes the permissions that
 * it would take afterwards, too: to create is not to grant.
 */
export async function giveAccess(
  tx: Tx,
  ports: Pick<ManagementPorts, 'random'>,
  by: PermittedAct,
  {
    organization,
    principal,
    groups = [],
    roles = [],
  }: GivenAccess & { readonly organization: OrganizationId; readonly principal: PrincipalId },
): Promise<Result<readonly AuditEvent[], GivenAccessRefusal>> {
  const refusal = whyNotGranting(by, { groups, roles })
  if (refusal) return refuse(refusal)

  const audit: AuditEvent[] = []
  for (const group of groups) {
    const joined = await joinGroup(tx, by, { organization, group, principal })
    if (!joined.ok) return joined
    audit.push(...joined.value.audit)
  }
  for (const role of roles) {
    const subject = { type: 'principal', id: principal } as const
    const bound = await bindRole(tx, ports, by, { organization, subject, ...role })
    if (!bound.ok) return bound
    audit.push(...bound.value.audit)
  }
  return accept(audit)
}

/** Why they may not bring somebody in together with groups or roles. */
export function whyNotGranting(
  by: Giver,
  { groups = [], roles = [] }: Given,
): PermissionMissing | undefined {
  const ofGroups = groups.length > 0 ? whyNotAlso(by, 'addGroupMember') : undefined
  return ofGroups ?? (roles.length > 0 ? whyNotAlso(by, 'createBinding') : undefined)
}

import type { Actor } from '../../src/domain/audit.ts'
import type { OrganizationId, RoleId } from '../../src/domain/id.ts'
import type { Result } from '../../src/domain/result.ts'
import type { ManagementPorts } from '../../src/management/ports.ts'
import { listRoles } from '../../src/management/roles.ts'

/** Who writes in tests. */
export const operator: Actor = { type: 'operator', id: 'operator:test', name: 'test' }

/** What was done; fails if it was refused. */
export function accepted<Value>(outcome: Result<Value, unknown>): Value {
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}

/** The role that has this name; fails if there is none. */
export async function roleNamed(
  ports: ManagementPorts,
  organization: OrganizationId,
  name: string,
): Promise<RoleId> {
  const { items } = await listRoles(ports, organization)
  const role = items.find((each) => String(each.name) === name)
  if (role === undefined) throw new Error(`no role ${name}`)
  return role.id
}

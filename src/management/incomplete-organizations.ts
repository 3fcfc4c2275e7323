/**
 * For the time of an upgrade: a program from before the management API may still make organizations,
 * which then have none, and of the built-in roles only Owner, which gives nothing.
 */
import type { AuditEvent } from '../domain/audit.ts'
import type { Change } from '../domain/change.ts'
import type { OrganizationId } from '../domain/id.ts'
import { builtInRoles, managementApi } from '../domain/management-permission.ts'
import type { Name } from '../domain/name.ts'
import { parseName } from '../domain/name.ts'
import { accept } from '../domain/result.ts'
import { changeApi, findApiByName } from '../storage/apis.ts'
import { findOrganization, isIncomplete, listIncomplete } from '../storage/organizations.ts'
import { changeRole, findRoleByName } from '../storage/roles.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { Traces } from './management-api.ts'
import { addManagementApi } from './management-api.ts'
import type { ManagementPorts } from './ports.ts'
import { unchanged } from './written.ts'

type Needs = Pick<ManagementPorts, 'db' | 'random'>

/**
 * Gives each such organization what new ones have. Of several processes that do it at once, one finds
 * something to do. Where it cannot be done the others do not wait for it; throws at the end then, and
 * names them.
 */
export async function completeOrganizations(ports: Needs, act: Act): Promise<void> {
  const faults: Error[] = []
  for (const id of await listIncomplete(ports.db.management)) {
    try {
      await complete(ports, act, id)
    } catch (cause) {
      faults.push(new Error(`${id} cannot be completed`, { cause }))
    }
  }
  if (faults.length > 0) {
    throw new AggregateError(faults, faults.map(({ message }) => message).join(', '))
  }
}

async function complete({ db, random }: Needs, act: Act, id: OrganizationId): Promise<void> {
  await inTransaction<undefined, never>(db, id, act, async (tx) => {
    const organization = await findOrganization(tx, id)
    if (organization === undefined || !(await isIncomplete(tx, id))) return unchanged(undefined)
    const moved = await makeWay(tx, id)
    const owner = await findRoleByName(tx, id, builtInRoles.owner.name)
    const added = await addManagementApi(tx, random, organization, owner)
    return accept({
      value: undefined,
      audit: [...moved.audit, ...added.audit],
      changes: [...moved.changes, ...added.changes],
    })
  })
}

/** Names that are built in now make way, as they did in the migration. */
async function makeWay(tx: Tx, organization: OrganizationId): Promise<Traces> {
  const audit: AuditEvent[] = []
  const changes: Change[] = []
  for (const { name } of Object.values(builtInRoles)) {
    const role = await findRoleByName(tx, organization, name)
    if (role === undefined || role.builtIn) continue
    const another = await findRoleByName(tx, organization, customName(name))
    const renamed = { ...role, name: customName(name, another && role.id) }
    await changeRole(tx, renamed)
    audit.push(renaming('role', role, renamed))
    changes.push({ kind: 'role', organization, subject: role.id })
  }
  const api = await findApiByName(tx, organization, managementApi.name)
  if (api !== undefined) {
    const another = await findApiByName(tx, organization, customName(api.name))
    const renamed = { ...api, name: customName(api.name, another && api.id) }
    await changeApi(tx, renamed)
    audit.push(renaming('api', api, renamed))
    changes.push({ kind: 'api', organization, subject: api.audience })
  }
  return { audit, changes }
}

function customName(name: Name, suffix = 'custom'): Name {
  const custom = parseName(`${name} (${suffix})`)
  if (custom === undefined) throw new Error(`${name} is too long for a suffix`)
  return custom
}

function renaming(
  type: 'api' | 'role',
  { id, name }: { readonly id: string; readonly name: Name },
  { name: renamed }: { readonly name: Name },
): AuditEvent {
  return {
    kind: `${type}.changed`,
    target: { type, id, name },
    before: { name },
    after: { name: renamed },
  }
}

import type { Audience } from '../domain/api.ts'
import type { AuthorityInsufficient, PermissionNotHeld } from '../domain/authority.ts'
import { gained } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { ApiId, OrganizationId, RoleId } from '../domain/id.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Role, RolePermission } from '../domain/role.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import { findApi } from '../storage/apis.ts'
import { countBindings } from '../storage/bindings.ts'
import type { Page } from '../storage/page.ts'
import type { RolesAsked } from '../storage/roles.ts'
import * as storage from '../storage/roles.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotGiven, whyNotTaken } from './giving.ts'
import type { Asked, NotPermitted, PermittedAct } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { createdIn, difference, unchanged } from './written.ts'

/** Permissions of one role, over all its APIs. */
export const permissionsOfRoleMax = 200

type Needs = Pick<ManagementPorts, 'db'>

/** A role inside its organization. */
export type RolePlace = { readonly organization: OrganizationId; readonly role: RoleId }

type UnknownRole = { readonly reason: 'role_unknown'; readonly role: RoleId }

export type RoleRefusal =
  | NotPermitted
  | PermissionNotHeld
  | AuthorityInsufficient
  | VersionRefusal
  | UnknownRole
  | { readonly reason: 'role_name_taken'; readonly name: Name }
  | { readonly reason: 'role_built_in'; readonly role: RoleId }
  | { readonly reason: 'role_in_use'; readonly bindings: number }
  | { readonly reason: 'api_unknown'; readonly api: ApiId }
  | { readonly reason: 'permission_unknown'; readonly permission: Permission }
  | { readonly reason: 'permission_not_in_role'; readonly permission: Permission }
  | { readonly reason: 'permissions_too_many'; readonly max: number }

type Outcome = Promise<Result<Role, RoleRefusal>>

export type RoleCreation = {
  readonly organization: OrganizationId
  readonly name: Name
  readonly description: Description
  readonly permissions?: readonly RolePermission[] | undefined
}

export async function createRole(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  { organization, name, description, permissions = [] }: RoleCreation,
): Outcome {
  const asked = { organization, operation: 'createRole' } as const
  return permitted<Role, RoleRefusal>(db, asked, act, async (tx, by) => {
    const known = await knownPermissions(tx, organization, permissions)
    if (!known.ok) return known
    const role: Role = {
      id: random.id('role'),
      organization,
      name,
      description,
      builtIn: false,
      permissions: withPermissions(new Map(), known.value),
      ...createdIn(act),
    }
    const refusal = (await whyRefused(tx, role)) ?? whyNotAdded(by, role.permissions)
    if (refusal) return refuse(refusal)

    await storage.addRole(tx, role, known.value)
    return accept({
      value: role,
      audit: [{ kind: 'role.created', target: target(role), after: facts(role) }],
      changes: [change(role)],
    })
  })
}

export async function listRoles(
  { db }: Needs,
  organization: OrganizationId,
  asked: RolesAsked = {},
): Promise<Page<Role, RoleId>> {
  return storage.listRoles(db.management, organization, asked)
}

export async function showRole(
  { db }: Needs,
  { organization, role: id }: RolePlace,
): Promise<Result<Role, UnknownRole>> {
  const role = await storage.findRole(db.management, organization, id)
  return role ? accept(role) : unknown(id)
}

export type RoleChange = RolePlace &
  Conditional & {
    readonly name?: Name | undefined
    readonly description?: Description | undefined
    /** All that it holds from now on, but for what is added. */
    readonly permissions?: readonly RolePermission[] | undefined
    readonly addPermissions?: readonly RolePermission[] | undefined
    readonly removePermissions?: readonly RolePermission[] | undefined
  }

/** Whoever holds the role holds what it becomes. */
export async function changeRole({ db }: Needs, act: Act, input: RoleChange): Outcome {
  return write(db, act, { ...input, operation: 'changeRole' }, async (tx, by, before) => {
    const { name = before.name, description = before.description } = input
    const changed = await changedPermissions(tx, before, input)
    if (!changed.ok) return changed
    const { permissions, added } = changed.value
    const after = { ...before, name, description, permissions }
    const differing = difference(facts(before), facts(after))
    if (differing === undefined) return unchanged(before)
    const refusal = (await whyRefused(tx, after)) ?? (await whyNotEdited(tx, by, before, after))
    if (refusal) return refuse(refusal)

    const version = await storage.changeRole(tx, after)
    await storage.removeOtherPermissions(tx, after)
    await storage.addRolePermissions(tx, after, added)
    return accept({
      value: { ...after, version },
      audit: [{ kind: 'role.changed', target: target(before), ...differing }],
      changes: [change(after)],
    })
  })
}

/** Removes a role that nobody holds. */
export async function removeRole({ db }: Needs, act: Act, place: RolePlace & Conditional): Outcome {
  return write(db, act, { ...place, operation: 'removeRole' }, async (tx, _by, role) => {
    const bindings = await countBindings(tx, role.organization, { type: 'role', id: role.id })
    if (bindings > 0) return refuse({ reason: 'role_in_use', bindings })
    await storage.removeRole(tx, role)
    return accept({
      value: role,
      audit: [{ kind: 'role.removed', target: target(role), before: facts(role) }],
      changes: [change(role)],
    })
  })
}

type Work = (tx: Tx, by: PermittedAct, before: Role) => Promise<Result<Written<Role>, RoleRefusal>>

/** Writes to a role that must be there, as it is known to whoever asks, and not be built in. */
async function write(
  db: Needs['db'],
  act: Act,
  place: RolePlace & Conditional & Pick<Asked, 'operation'>,
  work: Work,
): Outcome {
  const { role: id } = place
  return permitted<Role, RoleRefusal>(db, place, act, async (tx, by) => {
    const role = await storage.findRole(tx, place.organization, id)
    if (role === undefined) return unknown(id)
    if (role.builtIn) return refuse({ reason: 'role_built_in', role: id })
    const mismatch = whyMismatched(place, role)
    return mismatch ? refuse(mismatch) : work(tx, by, role)
  })
}

/** What a role gives it gives anywhere and for ever: that is up to its bindings. */
function whyNotAdded(by: PermittedAct, permissions: Permissions): PermissionNotHeld | undefined {
  return whyNotGiven(by, [{ permissions, resource: undefined, expiresAt: undefined }])
}

async function whyNotEdited(
  tx: Tx,
  by: PermittedAct,
  before: Role,
  after: Role,
): Promise<PermissionNotHeld | AuthorityInsufficient | undefined> {
  const notAdded = whyNotAdded(by, gained(before.permissions, after.permissions))
  if (notAdded) return notAdded
  const lost = { permissions: gained(after.permissions, before.permissions) }
  const { organization, id } = before
  return whyNotTaken(tx, by, [lost], { organization, type: 'holders', of: id })
}

type KnownPermission = RolePermission & { readonly audience: Audience }
type Permissions = Role['permissions']

/** What a role holds after a change, and what of it the change names. */
async function changedPermissions(
  tx: Tx,
  { organization, permissions: before }: Role,
  { permissions, addPermissions = [], removePermissions = [] }: RoleChange,
): Promise<
  Result<
    { readonly permissions: Permissions; readonly added: readonly KnownPermission[] },
    RoleRefusal
  >
> {
  const added = await knownPermissions(tx, organization, [
    ...(permissions ?? []),
    ...addPermissions,
  ])
  if (!added.ok) return added
  const removed = await knownPermissions(tx, organization, removePermissions)
  if (!removed.ok) return removed
  const stranger = removed.value.find((one) => !isHeld(before, one))
  if (stranger) {
    return refuse({ reason: 'permission_not_in_role', permission: stranger.permission })
  }

  const kept = permissions === undefined ? without(before, removed.value) : new Map()
  return accept({ permissions: withPermissions(kept, added.value), added: added.value })
}

/** Finds each permission at its API, in this organization. */
async function knownPermissions(
  tx: Tx,
  organization: OrganizationId,
  asked: readonly RolePermission[],
): Promise<Result<readonly KnownPermission[], RoleRefusal>> {
  const known: KnownPermission[] = []
  for (const [id, ofApi] of Map.groupBy(asked, ({ api }) => api)) {
    const api = await findApi(tx, organization, id)
    if (api === undefined) return refuse({ reason: 'api_unknown', api: id })
    const offered = new Set(api.permissions.map(({ permission }) => permission))
    for (const permission of new Set(ofApi.map((one) => one.permission))) {
      if (!offered.has(permission)) return refuse({ reason: 'permission_unknown', permission })
      known.push({ api: id, permission, audience: api.audience })
    }
  }
  return accept(known)
}

async function whyRefused(
  tx: Tx,
  { organization, id, name, permissions }: Role,
): Promise<RoleRefusal | undefined> {
  const namesake = await storage.findRoleByName(tx, organization, name)
  if (namesake !== undefined && namesake.id !== id) return { reason: 'role_name_taken', name }
  return [...permissions.values()].flat().length > permissionsOfRoleMax
    ? { reason: 'permissions_too_many', max: permissionsOfRoleMax }
    : undefined
}

function isHeld(held: Permissions, { audience, permission }: KnownPermission): boolean {
  return held.get(audience)?.includes(permission) ?? false
}

function withPermissions(held: Permissions, added: readonly KnownPermission[]): Permissions {
  const all = new Map(held)
  for (const { audience, permission } of added) {
    const others = all.get(audience)?.filter((other) => other !== permission) ?? []
    all.set(audience, [...others, permission].toSorted())
  }
  return all
}

function without(held: Permissions, removed: readonly KnownPermission[]): Permissions {
  const all = new Map(held)
  for (const { audience, permission } of removed) {
    const left = all.get(audience)?.filter((other) => other !== permission) ?? []
    if (left.length === 0) all.delete(audience)
    else all.set(audience, left)
  }
  return all
}

function unknown(role: RoleId) {
  return refuse({ reason: 'role_unknown', role })
}

function target({ id, name }: Role) {
  return { type: 'role', id, name }
}

function change({ organization, id }: Role): Change {
  return { kind: 'role', organization, subject: id }
}

function facts({ name, description, permissions }: Role): Facts {
  const audiences = [...permissions].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { name, description, permissions: Object.fromEntries(audiences) }
}

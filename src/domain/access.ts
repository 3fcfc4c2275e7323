import type { Audience } from './api.ts'
import type { HeldBinding, ResourceName } from './binding.ts'
import type { Client } from './client.ts'
import type { BindingId, GroupId, RoleId } from './id.ts'
import type { GroupTerms } from './group.ts'
import type { Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { RoleTerms } from './role.ts'
import type { NumericDate } from './time.ts'
import { earlier, hasEnded } from './time.ts'

/** One way in which a principal holds something: directly, or through a group. */
export type Path = {
  readonly binding: BindingId
  readonly role: { readonly id: RoleId; readonly name: Name }
  readonly group: { readonly id: GroupId; readonly name: Name } | undefined
  readonly expiresAt: NumericDate | undefined
}

/** A role held on the whole organization. */
export type HeldRole = {
  readonly name: Name
  readonly permissions: readonly Permission[]
  readonly paths: readonly Path[]
}

/** A role held on one resource. */
export type HeldDetail = HeldRole & { readonly resource: ResourceName }

/**
 * What a principal may do at one API, and why. What is held on the whole organization and what is
 * held on one resource never mix: the first becomes `scope`, the second `authorization_details`.
 */
export type Access = {
  readonly audience: Audience
  readonly roles: readonly HeldRole[]
  readonly details: readonly HeldDetail[]
  readonly groups: readonly Name[]
  /** From this moment on the answer may differ: the earliest end among the live bindings. */
  readonly changesAt: NumericDate | undefined
  /** What a token states that was asked for nothing in particular. Most are, so it is at hand. */
  readonly whole: Portion
}

/** A role on one resource, as it is asked for and granted. RFC 9396 §2, type `role`. */
export type RoleDetail = {
  readonly role: Name
  readonly resource: ResourceName
  readonly permissions: readonly Permission[]
}

/** What of an access a token states, and the earliest end among it. */
export type Portion = {
  readonly scope: readonly Permission[]
  readonly roles: readonly Name[]
  readonly groups: readonly Name[]
  readonly details: readonly RoleDetail[]
  readonly endsAt: NumericDate | undefined
}

/** What a principal holds is worked out from these: its bindings, its groups, and their roles. */
export type AccessSources = {
  readonly bindings: readonly HeldBinding[]
  readonly groups: readonly GroupTerms[]
  readonly roles: ReadonlyMap<RoleId, RoleTerms>
}

type Lookup = {
  readonly group: (id: GroupId) => Promise<GroupTerms | undefined>
  readonly role: (id: RoleId) => Promise<RoleTerms | undefined>
}

/** Gathers the groups and roles of a client: those that are there, of its own organization only. */
export async function accessSources(
  { organization, bindings, groups: groupIds }: Client,
  { group, role }: Lookup,
): Promise<AccessSources> {
  const isOwn = <Terms extends GroupTerms | RoleTerms>(terms?: Terms): terms is Terms =>
    terms?.organization === organization

  const groups = (await Promise.all(groupIds.map(async (id) => group(id)))).filter(isOwn)
  const all = [...bindings, ...groups.flatMap((one) => one.bindings)]
  const roleIds = [...new Set(all.map((binding) => binding.role))]
  const roles = (await Promise.all(roleIds.map(async (id) => role(id)))).filter(isOwn)
  return { bindings, groups, roles: new Map(roles.map((one) => [one.id, one])) }
}

/** Adds up roles, groups and bindings at one audience. Bindings that have ended count for nothing. */
export function effectiveAccess(
  sources: AccessSources,
  audience: Audience,
  now: NumericDate,
): Access {
  const roles = new Map<string, HeldRole>()
  const details = new Map<string, HeldDetail>()
  let changesAt: NumericDate | undefined

  for (const { binding, group } of allBindings(sources)) {
    const role = sources.roles.get(binding.role)
    if (role === undefined || hasEnded(binding.expiresAt, now)) continue
    const permissions = role.permissions.get(audience)
    if (permissions === undefined || permissions.length === 0) continue
    changesAt = earlier(changesAt, binding.expiresAt)

    const path = pathOf(binding, role, group)
    const held = { name: role.name, permissions, paths: [path] }
    if (binding.resource === undefined) addPath(roles, role.id, held)
    else addPath(details, `${role.id} ${binding.resource}`, { ...held, resource: binding.resource })
  }
  const held = {
    audience,
    roles: [...roles.values()].toSorted(byName),
    details: [...details.values()].toSorted(byNameAndResource),
    groups: sources.groups.map(({ name }) => name).toSorted(),
    changesAt,
  }
  const paths = permissionPaths(held)
  return { ...held, whole: portionOf(paths, { ...held, scope: [...paths.keys()].toSorted() }) }
}

/** States parts of an access as a token does. `held` has the paths of the permissions of `scope`. */
export function portionOf(
  held: ReadonlyMap<Permission, readonly Path[]>,
  { scope, roles, groups, details }: Parts,
): Portion {
  const ends = [
    ...scope.map((permission) => lastEnd(held.get(permission) ?? [])),
    ...roles.map(({ paths }) => lastEnd(paths)),
    ...details.map(({ paths }) => lastEnd(paths)),
  ]
  return {
    scope,
    roles: roles.map(({ name }) => name),
    groups,
    details: details.map(({ name, resource, permissions }) => ({
      role: name,
      resource,
      permissions,
    })),
    endsAt: ends.reduce(earlier, undefined),
  }
}

type Parts = Pick<Access, 'roles' | 'groups' | 'details'> & Pick<Portion, 'scope'>

/** What is held by several paths lasts as long as the longest of them. */
function lastEnd(paths: readonly Path[]): NumericDate | undefined {
  let last: NumericDate | undefined
  for (const { expiresAt } of paths) {
    if (expiresAt === undefined) return undefined
    if (last === undefined || expiresAt > last) last = expiresAt
  }
  return last
}

/** Each permission held on the whole organization, with every path that gives it. */
export function permissionPaths({
  roles,
}: Pick<Access, 'roles'>): ReadonlyMap<Permission, readonly Path[]> {
  const paths = new Map<Permission, Path[]>()
  for (const role of roles) {
    for (const permission of role.permissions) {
      paths.set(permission, [...(paths.get(permission) ?? []), ...role.paths])
    }
  }
  return paths
}

/** A permission as it is held: on the whole organization or on one resource, and by what. */
export type HeldRight = {
  readonly permission: Permission
  readonly resource: ResourceName | undefined
  readonly paths: readonly Path[]
  /** The end of the longest path; `undefined` is never. */
  readonly endsAt: NumericDate | undefined
}

/** Each permission held at an audience, with every path that gives it. */
export function heldRights({
  roles,
  details,
}: Pick<Access, 'roles' | 'details'>): readonly HeldRight[] {
  const onOne = Map.groupBy(details, ({ resource }) => resource)
  return [
    ...heldOn(undefined, roles),
    ...[...onOne].flatMap(([resource, held]) => heldOn(resource, held)),
  ]
}

function heldOn(
  resource: ResourceName | undefined,
  roles: readonly HeldRole[],
): readonly HeldRight[] {
  return [...permissionPaths({ roles })]
    .map(([permission, paths]) => ({ permission, resource, paths, endsAt: lastEnd(paths) }))
    .toSorted((a, b) => inOrder(a.permission, b.permission))
}

/** The audiences at which any binding, live or not, could give something. */
export function reachableAudiences(sources: AccessSources): ReadonlySet<Audience> {
  const audiences = new Set<Audience>()
  for (const { binding } of allBindings(sources)) {
    for (const [audience, permissions] of sources.roles.get(binding.role)?.permissions ?? []) {
      if (permissions.length > 0) audiences.add(audience)
    }
  }
  return audiences
}

function* allBindings({ bindings, groups }: AccessSources) {
  for (const binding of bindings) yield { binding, group: undefined }
  for (const group of groups) for (const binding of group.bindings) yield { binding, group }
}

function pathOf(binding: HeldBinding, role: RoleTerms, group: GroupTerms | undefined): Path {
  return {
    binding: binding.id,
    role: { id: role.id, name: role.name },
    group: group && { id: group.id, name: group.name },
    expiresAt: binding.expiresAt,
  }
}

function addPath<Held extends HeldRole>(all: Map<string, Held>, key: string, held: Held): void {
  const known = all.get(key)
  all.set(key, known ? { ...known, paths: [...known.paths, ...held.paths] } : held)
}

function byName(a: HeldRole, b: HeldRole): number {
  return inOrder(a.name, b.name)
}

function byNameAndResource(a: HeldDetail, b: HeldDetail): number {
  return inOrder(a.name, b.name) || inOrder(a.resource, b.resource)
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

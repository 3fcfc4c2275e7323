/** Arbitraries of what a principal may hold: a small world, so that things meet often. */
import fc from 'fast-check'
import type { AccessSources } from '../../src/domain/access.ts'
import type { HeldBinding } from '../../src/domain/binding.ts'
import type { GroupTerms } from '../../src/domain/group.ts'
import type { RoleTerms } from '../../src/domain/role.ts'
import { numericDate } from '../../src/domain/time.ts'
import { audience, idOf, name, permission, resource } from './specimens.ts'

export const organization = idOf('organization', 1)
export const here = audience('https://api.example.com/here')
export const elsewhere = audience('https://api.example.com/elsewhere')
export const permissions = ['orders:read', 'orders:write', 'bills:read', 'stock:read'].map(
  permission,
)
export const resources = ['cluster/one', 'cluster/two'].map(resource)

/** Not in the order of the ids, so that sorting shows. */
const roleNames = ['Zeta', 'Alpha', 'mu', 'Beta'].map(name)
const groupNames = ['Yard', 'Attic', 'cellar'].map(name)

/** Bindings end between the seconds 1 and `endMax`. */
export const endMax = 20
export const moments = fc.integer({ min: 0, max: endMax + 1 }).map(numericDate)

const someOf = fc.subarray(permissions)
const roleSet = fc.array(fc.tuple(someOf, fc.option(someOf)), { maxLength: 4 })
const bindingSet = fc.array(
  fc.record({
    // One role more than there can be: a binding to a role that is not known.
    role: fc.nat(4).map((index) => idOf('role', index)),
    resource: fc.option(fc.constantFrom(...resources), { nil: undefined, freq: 2 }),
    expiresAt: fc.option(fc.integer({ min: 1, max: endMax }).map(numericDate), { nil: undefined }),
  }),
  { maxLength: 4 },
)

export const sources: fc.Arbitrary<AccessSources> = fc
  .tuple(roleSet, bindingSet, fc.array(bindingSet, { maxLength: 3 }))
  .map(([roleList, direct, byGroup]) => ({
    roles: new Map(
      roleList.map(([ofHere, ofElsewhere], index) => roleEntry(index, ofHere, ofElsewhere)),
    ),
    bindings: direct.map((binding, index) => ({ ...binding, id: idOf('binding', index) })),
    groups: byGroup.map((bindings, index) => groupOf(index, bindings)),
  }))

function roleEntry(
  index: number,
  ofHere: RoleTerms['permissions'] extends ReadonlyMap<unknown, infer List> ? List : never,
  ofElsewhere: typeof ofHere | null,
): readonly [RoleTerms['id'], RoleTerms] {
  const id = idOf('role', index)
  const held = new Map([[here, ofHere]])
  if (ofElsewhere !== null) held.set(elsewhere, ofElsewhere)
  return [id, { id, organization, name: roleNames[index] ?? name('Role'), permissions: held }]
}

function groupOf(index: number, bindings: readonly Omit<HeldBinding, 'id'>[]): GroupTerms {
  return {
    id: idOf('group', index),
    organization,
    name: groupNames[index] ?? name('Group'),
    bindings: bindings.map((binding, at) => ({
      ...binding,
      id: idOf('binding', 10 * (index + 1) + at),
    })),
  }
}

/** One thing that a principal holds, by one way, said without any of the code under test. */
export type Holding = {
  readonly binding: HeldBinding
  readonly group: GroupTerms | undefined
  readonly role: RoleTerms
}

/** What is held at an audience, or will have been: whatever its end. */
export function holdings(
  { bindings, groups, roles }: AccessSources,
  at = here,
): readonly Holding[] {
  const all = [
    ...bindings.map((binding) => ({ binding, group: undefined })),
    ...groups.flatMap((group) => group.bindings.map((binding) => ({ binding, group }))),
  ]
  return all.flatMap(({ binding, group }) => {
    const role = roles.get(binding.role)
    const gives = (role?.permissions.get(at) ?? []).length > 0
    return role !== undefined && gives ? [{ binding, group, role }] : []
  })
}

export function live(holding: Holding, now: number): boolean {
  return (holding.binding.expiresAt ?? Infinity) > now
}

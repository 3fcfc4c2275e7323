import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Access, HeldDetail, HeldRole } from '../../src/domain/access.ts'
import {
  accessSources,
  effectiveAccess,
  permissionPaths,
  reachableAudiences,
} from '../../src/domain/access.ts'
import type { HeldBinding } from '../../src/domain/binding.ts'
import type { Client } from '../../src/domain/client.ts'
import { numericDate } from '../../src/domain/time.ts'
import { idOf, name, permission, resource } from './specimens.ts'
import type { Holding } from './sources.ts'
import {
  elsewhere,
  endMax,
  here,
  holdings,
  live,
  moments,
  organization,
  sources,
} from './sources.ts'

function wayOf({ binding, group, role }: Holding): string {
  return [role.name, binding.resource ?? '', binding.id, group?.name ?? ''].join(' | ')
}

function waysOf({ roles, details }: Access): string[] {
  return [...roles, ...details].flatMap(waysOfHeld)
}

function waysOfHeld({ paths, resource: on }: HeldRole & Partial<HeldDetail>): string[] {
  return paths.map(({ binding, role, group }) =>
    [role.name, on ?? '', binding, group?.name ?? ''].join(' | '),
  )
}

function bindingOf(index: number): HeldBinding {
  const [id, role] = [idOf('binding', index), idOf('role', index)]
  return { id, role, resource: undefined, expiresAt: undefined }
}

describe('the sources of access', () => {
  const client: Client = {
    id: idOf('service_account', 1),
    organization,
    principal: idOf('service_account', 1),
    principalType: 'service_account',
    enabled: true,
    expiresAt: undefined,
    tokenLifetime: undefined,
    credentials: [],
    groups: [idOf('group', 1), idOf('group', 2), idOf('group', 3)],
    bindings: [bindingOf(1)],
  }

  it('are groups and roles of the client’s own organization that are there', async () => {
    const [own, foreign] = [{ organization }, { organization: idOf('organization', 2) }]
    const bindings = [2, 3, 4].map(bindingOf)
    const groups = [
      { id: idOf('group', 1), name: name('One'), bindings, ...own },
      { id: idOf('group', 2), name: name('Two'), bindings: [bindingOf(5)], ...foreign },
    ]
    const roles = [
      { id: idOf('role', 1), name: name('One'), permissions: new Map(), ...own },
      { id: idOf('role', 2), name: name('Two'), permissions: new Map(), ...own },
      { id: idOf('role', 3), name: name('Three'), permissions: new Map(), ...foreign },
      { id: idOf('role', 5), name: name('Five'), permissions: new Map(), ...own },
    ]
    const found = await accessSources(client, {
      group: async (id) => groups.find((group) => group.id === id),
      role: async (id) => roles.find((role) => role.id === id),
    })
    expect(found.bindings).toEqual(client.bindings)
    expect(found.groups).toEqual(groups.slice(0, 1))
    expect([...found.roles]).toEqual(roles.slice(0, 2).map((role) => [role.id, role]))
  })
})

describe('effective access', () => {
  it('is what live bindings give, directly or through a group, by every path and no other', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const expected = holdings(given).filter((holding) => live(holding, now))
        expect(waysOf(effectiveAccess(given, here, now)).toSorted()).toEqual(
          expected.map(wayOf).toSorted(),
        )
      }),
    )
  })

  it('lists each role once, and each role once on each resource', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const { roles, details } = effectiveAccess(given, here, now)
        const names = roles.map((role) => role.name)
        const pairs = details.map((detail) => `${detail.name} on ${detail.resource}`)
        expect(names).toEqual([...new Set(names)])
        expect(pairs).toEqual([...new Set(pairs)])
      }),
    )
  })

  it('gives the permissions that its roles have at that audience, and none of another', () => {
    fc.assert(
      fc.property(sources, moments, fc.constantFrom(here, elsewhere), (given, now, at) => {
        const access = effectiveAccess(given, at, now)
        const known = new Map([...given.roles.values()].map((role) => [role.name, role]))
        expect(access.audience).toBe(at)
        for (const held of [...access.roles, ...access.details]) {
          expect(held.permissions.length).toBeGreaterThan(0)
          expect(held.permissions).toEqual(known.get(held.name)?.permissions.get(at))
        }
      }),
    )
  })

  it('never mixes what is held on one resource into what is held on the whole organization', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const onOrganization = holdings(given)
          .filter(({ binding }) => binding.resource === undefined)
          .filter((holding) => live(holding, now))
        const access = effectiveAccess(given, here, now)
        expect(new Set(permissionPaths(access).keys())).toEqual(
          new Set(onOrganization.flatMap(({ role }) => role.permissions.get(here) ?? [])),
        )
        expect(new Set(access.roles.map((role) => role.name))).toEqual(
          new Set(onOrganization.map(({ role }) => role.name)),
        )
      }),
    )
  })

  it('changes with time exactly when it says', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const access = effectiveAccess(given, here, now)
        const end = access.changesAt ?? endMax + 2
        expect(end).toBeGreaterThan(now)
        for (let at = now; at < end; at = numericDate(at + 1)) {
          expect(effectiveAccess(given, here, at)).toEqual(access)
        }
        if (access.changesAt === undefined) return
        expect(waysOf(effectiveAccess(given, here, access.changesAt))).not.toEqual(waysOf(access))
      }),
    )
  })

  it('names every group of the principal, whatever the group gives', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const names = given.groups.map((group) => group.name)
        expect(effectiveAccess(given, here, now).groups).toEqual(names.toSorted())
      }),
    )
  })

  it('lists roles by name, and details by name and resource, in whatever order they were given', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const access = effectiveAccess(given, here, now)
        const names = access.roles.map((role) => role.name)
        const pairs = access.details.map((detail) => [detail.name, detail.resource].join('\0'))
        expect(names).toEqual(names.toSorted())
        expect(pairs).toEqual(pairs.toSorted())
        const turned = { ...given, bindings: given.bindings.toReversed() }
        const again = effectiveAccess(turned, here, now)
        expect(again.roles.map((role) => role.name)).toEqual(names)
      }),
    )
  })

  it('explains a role that is held twice by both paths', () => {
    const role = {
      id: idOf('role', 1),
      organization,
      name: name('Clerk'),
      permissions: new Map([[here, [permission('orders:read')]]]),
    }
    const direct = {
      id: idOf('binding', 1),
      role: role.id,
      resource: undefined,
      expiresAt: numericDate(10),
    }
    const byGroup = { ...direct, id: idOf('binding', 2), expiresAt: undefined }
    const group = { id: idOf('group', 1), organization, name: name('Shop'), bindings: [byGroup] }
    const given = { bindings: [direct], groups: [group], roles: new Map([[role.id, role]]) }

    const named = { id: role.id, name: role.name }
    const paths = [
      { binding: direct.id, role: named, group: undefined, expiresAt: 10 },
      {
        binding: byGroup.id,
        role: named,
        group: { id: group.id, name: 'Shop' },
        expiresAt: undefined,
      },
    ]
    const access = effectiveAccess(given, here, numericDate(5))
    expect(access).toEqual({
      audience: here,
      roles: [{ name: 'Clerk', permissions: ['orders:read'], paths }],
      details: [],
      groups: ['Shop'],
      changesAt: 10,
      whole: {
        scope: ['orders:read'],
        roles: ['Clerk'],
        groups: ['Shop'],
        details: [],
        endsAt: undefined,
      },
    })
    expect(permissionPaths(access)).toEqual(new Map([['orders:read', paths]]))
  })

  it('keeps a role on one resource apart from the same role on another', () => {
    const role = {
      id: idOf('role', 1),
      organization,
      name: name('Operator'),
      permissions: new Map([[here, [permission('cluster:restart')]]]),
    }
    const on = (index: number, where: string) => ({
      id: idOf('binding', index),
      role: role.id,
      resource: resource(where),
      expiresAt: undefined,
    })
    const bindings = [on(1, 'cluster/two'), on(2, 'cluster/one')]
    const given = { bindings, groups: [], roles: new Map([[role.id, role]]) }
    const { roles, details } = effectiveAccess(given, here, numericDate(0))
    expect(roles).toEqual([])
    expect(details.map((detail) => detail.resource)).toEqual(['cluster/one', 'cluster/two'])
  })
})

describe('the paths to a permission', () => {
  it('are those of every role that holds it', () => {
    fc.assert(
      fc.property(sources, moments, (given, now) => {
        const access = effectiveAccess(given, here, now)
        for (const [held, paths] of permissionPaths(access)) {
          const roles = access.roles.filter((role) => role.permissions.includes(held))
          expect(paths).toEqual(roles.flatMap((role) => role.paths))
        }
      }),
    )
  })
})

describe('the audiences within reach', () => {
  it('are those at which something is held, was held, or will be', () => {
    fc.assert(
      fc.property(sources, (given) => {
        const expected = [here, elsewhere].filter((at) => holdings(given, at).length > 0)
        expect(reachableAudiences(given)).toEqual(new Set(expected))
      }),
    )
  })
})

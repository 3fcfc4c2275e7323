import { describe, expect, it } from 'vitest'
import type {
  BindingId,
  CredentialId,
  OrganizationId,
  PrincipalId,
  RoleId,
  ServiceAccountId,
} from '../../src/domain/id.ts'
import type { Name } from '../../src/domain/name.ts'
import { listApis } from '../../src/management/apis.ts'
import { createBinding, listBindings } from '../../src/management/bindings.ts'
import { createClientSecret, listCredentials } from '../../src/management/credentials.ts'
import { addGroupMember, listGroupMembers, listGroups } from '../../src/management/groups.ts'
import { listOrganizations } from '../../src/management/organizations.ts'
import type { Page } from '../../src/management/ports.ts'
import { listRoles } from '../../src/management/roles.ts'
import {
  disableServiceAccount,
  listServiceAccounts,
} from '../../src/management/service-accounts.ts'
import type { Desk } from './desk.ts'
import {
  accepted,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  useDesk,
} from './desk.ts'

type Asked<Id> = { readonly start?: Id | undefined; readonly limit: number }

/** All ids of a list, read in pages of this many items. */
async function inPages<Id extends string>(
  limit: number,
  list: (asked: Asked<Id>) => Promise<Page<{ readonly id: Id }, Id>>,
): Promise<readonly Id[]> {
  const ids: Id[] = []
  let start: Id | undefined
  do {
    const { items, next } = await list({ start, limit })
    expect(items.length).toBeLessThanOrEqual(limit)
    ids.push(...items.map(({ id }) => id))
    start = next
  } while (start !== undefined)
  return ids
}

/** Five accounts that are all in one group and hold one role. */
async function filled(desk: Desk, organization: OrganizationId) {
  const [group, role] = [await newGroup(desk, organization), await newRole(desk, organization)]
  const accounts = []
  for (let count = 0; count < 5; count += 1) {
    accounts.push(
      await newAccount(desk, { organization, groups: [group.id], roles: [{ role: role.id }] }),
    )
  }
  return { group, role, accounts, ids: accounts.map(({ id }) => id) }
}

describe('a list', () => {
  const desk = useDesk()

  it('is read in pages as small as one likes, each thing once', async () => {
    const { id: organization } = await newOrganization(desk())
    const { group, role, ids } = await filled(desk(), organization)
    for (const limit of [1, 2, 5, 100]) {
      const accounts = await inPages<ServiceAccountId>(limit, async (asked) =>
        listServiceAccounts(desk(), organization, asked),
      )
      expect(accounts).toEqual(ids)
      const members = await inPages<PrincipalId>(limit, async (asked) =>
        accepted(await listGroupMembers(desk(), { organization, group: group.id }, asked)),
      )
      expect(members).toEqual(ids)
      const bindings = await inPages<BindingId>(limit, async (asked) =>
        listBindings(desk(), organization, { role: role.id, ...asked }),
      )
      expect(new Set(bindings).size).toBe(ids.length)
      const roles = await inPages<RoleId>(limit, async (asked) =>
        listRoles(desk(), organization, asked),
      )
      expect(roles).toHaveLength(4)
    }
  })

  it('of the credentials of an account is read in pages, too', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: principal } = await newAccount(desk(), { organization })
    const of = { organization, principal }
    const made = []
    for (const text of ['one', 'two', 'three']) {
      const input = { ...of, name: name(text) }
      made.push(accepted(await createClientSecret(desk(), desk().act, input)).credential.id)
    }
    const ids = await inPages<CredentialId>(2, async (asked) =>
      accepted(await listCredentials(desk(), of, asked)),
    )
    expect(ids).toEqual(made)
    const named = accepted(await listCredentials(desk(), of, { name: name('two') }))
    expect(named.items.map(({ id }) => id)).toEqual([made[1]])
  })

  it('never holds more than a hundred items, whatever is asked for', async () => {
    const listed = await listRoles(desk(), (await newOrganization(desk())).id, { limit: 1000 })
    expect(listed.next).toBeUndefined()
    const { id: organization } = await newOrganization(desk())
    for (let count = 0; count < 101; count += 1) await newGroup(desk(), organization)
    const groups = await listGroups(desk(), organization, { limit: 1000 })
    expect(groups.items).toHaveLength(100)
    expect(groups.next).toBe(groups.items.at(-1)?.id)
  })
})

describe('the filter of a list', () => {
  const desk = useDesk()

  it('by name finds the one thing that is called so, in its organization alone', async () => {
    const { id: organization, name: called } = await newOrganization(desk())
    const { id: other } = await newOrganization(desk())
    const nouns = [
      {
        made: await newAccount(desk(), { organization }),
        list: async (where: OrganizationId, wanted: Name) =>
          listServiceAccounts(desk(), where, { name: wanted }),
      },
      {
        made: await newGroup(desk(), organization),
        list: async (where: OrganizationId, wanted: Name) =>
          listGroups(desk(), where, { name: wanted }),
      },
      {
        made: await newRole(desk(), organization),
        list: async (where: OrganizationId, wanted: Name) =>
          listRoles(desk(), where, { name: wanted }),
      },
      {
        made: await newApi(desk(), organization),
        list: async (where: OrganizationId, wanted: Name) =>
          listApis(desk(), where, { name: wanted }),
      },
    ]
    for (const { made, list } of nouns) {
      expect((await list(organization, made.name)).items.map(({ id }) => id)).toEqual([made.id])
      expect((await list(other, made.name)).items).toEqual([])
      expect((await list(organization, name(`${made.name}x`))).items).toEqual([])
    }
    const { items } = await listOrganizations(desk(), { name: called })
    expect(items.map(({ id }) => id)).toEqual([organization])
  })

  it('by state finds the accounts that are enabled, or those that are not', async () => {
    const { id: organization } = await newOrganization(desk())
    const [{ id: off }, { id: on }] = [
      await newAccount(desk(), { organization }),
      await newAccount(desk(), { organization }),
    ]
    accepted(await disableServiceAccount(desk(), desk().act, { organization, account: off }))
    const found = async (enabled: boolean) => {
      const { items } = await listServiceAccounts(desk(), organization, { enabled })
      return items.map(({ id }) => id)
    }
    expect(await found(true)).toEqual([on])
    expect(await found(false)).toEqual([off])
  })

  it('by group finds the granted roles of the group and not those of its members', async () => {
    const { id: organization } = await newOrganization(desk())
    const { group, role } = await filled(desk(), organization)
    const subject = { type: 'group', id: group.id } as const
    const { id } = accepted(
      await createBinding(desk(), desk().act, { organization, role: role.id, subject }),
    )
    const { items } = await listBindings(desk(), organization, { subject })
    expect(items.map((binding) => binding.id)).toEqual([id])
  })

  it('by person finds the organizations that somebody is a member of', async () => {
    const [own, other] = [await newOrganization(desk()), await newOrganization(desk())]
    const { person } = await newMember(desk(), own.id)
    const { items } = await listOrganizations(desk(), { person })
    expect(items.map(({ id }) => id)).toEqual([own.id])
    expect(items.map(({ id }) => id)).not.toContain(other.id)
    const principal = (await newMember(desk(), own.id)).id
    const { id: group } = await newGroup(desk(), own.id)
    accepted(await addGroupMember(desk(), desk().act, { organization: own.id, group, principal }))
    const members = accepted(await listGroupMembers(desk(), { organization: own.id, group }))
    expect(members.items.map(({ id }) => id)).toEqual([principal])
  })
})

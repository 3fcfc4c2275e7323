import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createBinding } from '../../src/management/bindings.ts'
import {
  addGroupMember,
  changeGroup,
  createGroup,
  listGroupMembers,
  listGroups,
  membersOfGroupMax,
  removeGroup,
  removeGroupMember,
  showGroup,
} from '../../src/management/groups.ts'
import { findClient } from '../../src/storage/clients.ts'
import { pageItemsMax } from '../../src/storage/page.ts'
import {
  accepted,
  description,
  inBulk,
  name,
  newAccount,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a group', () => {
  const desk = useDesk()
  const owner = async () => (await newOrganization(desk())).id

  it('is created empty', async () => {
    const input = {
      organization: await owner(),
      name: name('Deployers'),
      description: description('Ship things'),
    }
    const { changes, audit } = await tracesOf(desk(), async () =>
      createGroup(desk(), desk().act, input),
    )
    const group = (await listGroups(desk(), input.organization)).items[0]
    expect(group).toEqual({
      id: expect.stringMatching(/^grp_/),
      ...input,
      version: 1,
      createdAt: desk().act.at,
      createdBy: { id: 'operator:ada', name: 'ada' },
    })
    expect(changes).toEqual([`group ${group?.id}`])
    expect(audit).toMatchObject([{ kind: 'group.created', after: { name: 'Deployers' } }])
  })

  it('takes no name that another one of its organization has', async () => {
    const organization = await owner()
    const [one, other] = [
      await newGroup(desk(), organization),
      await newGroup(desk(), organization),
    ]
    const refused = { ok: false, refusal: { reason: 'group_name_taken', name: one.name } }
    const input = { organization, name: one.name, description: description('') }
    expect(await createGroup(desk(), desk().act, input)).toEqual(refused)
    const change = { organization, group: other.id, name: one.name }
    expect(await changeGroup(desk(), desk().act, change)).toEqual(refused)
  })

  it('changes its name and description', async () => {
    const organization = await owner()
    const before = await newGroup(desk(), organization)
    const change = { organization, group: before.id, description: description('Ship things') }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeGroup(desk(), desk().act, change),
    )
    const shown = accepted(await showGroup(desk(), { organization, group: before.id }))
    expect(shown).toEqual({ ...before, version: 2, description: 'Ship things' })
    expect(changes).toEqual([`group ${before.id}`])
    expect(audit).toMatchObject([{ kind: 'group.changed', before: { description: '' } }])
    expect(await tracesOf(desk(), async () => changeGroup(desk(), desk().act, change))).toEqual(
      nothingWritten,
    )
  })

  it('takes members, each told once', async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    const account = await newAccount(desk(), { organization })
    const membership = { organization, group, principal: account.id }
    const { changes, audit } = await tracesOf(desk(), async () =>
      addGroupMember(desk(), desk().act, membership),
    )
    expect(changes).toEqual([`principal ${account.id}`])
    expect(audit).toMatchObject([
      { kind: 'group.member_added', target: { id: group }, after: { principal: account.id } },
    ])
    const listed = accepted(await listGroupMembers(desk(), { organization, group }))
    expect(listed.items).toEqual([{ id: account.id, kind: 'service_account', name: account.name }])
    expect(
      await tracesOf(desk(), async () => addGroupMember(desk(), desk().act, membership)),
    ).toEqual(nothingWritten)
  })

  it('takes people and service accounts alike, each by its name', async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    const account = await newAccount(desk(), { organization, groups: [group] })
    const member = await newMember(desk(), organization)
    const membership = { organization, group, principal: member.id }
    accepted(await addGroupMember(desk(), desk().act, membership))
    const { items } = accepted(await listGroupMembers(desk(), { organization, group }))
    expect(items).toEqual([
      { id: member.id, kind: 'member', name: member.name },
      { id: account.id, kind: 'service_account', name: account.name },
    ])
  })

  it('lets members go', async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    const { id: principal } = await newAccount(desk(), { organization, groups: [group] })
    const membership = { organization, group, principal }
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeGroupMember(desk(), desk().act, membership),
    )
    expect(changes).toEqual([`principal ${principal}`])
    expect(audit).toMatchObject([{ kind: 'group.member_removed', before: { principal } }])
    expect((await findClient(desk().db.management, principal))?.groups).toEqual([])
    expect(await removeGroupMember(desk(), desk().act, membership)).toEqual({
      ok: false,
      refusal: { reason: 'member_unknown', principal, group },
    })
  })

  it('takes no member that is not a principal of its organization', async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    const { id: principal } = await newAccount(desk(), { organization: await owner() })
    expect(await addGroupMember(desk(), desk().act, { organization, group, principal })).toEqual({
      ok: false,
      refusal: { reason: 'principal_unknown', principal },
    })
  })

  it(`has at most ${membersOfGroupMax} members`, async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    const { id: principal } = await newAccount(desk(), { organization })
    await inBulk(desk(), organization, membersOfGroupMax, (series) => {
      // Without the triggers that check each row.
      const fast = sql`select set_config('session_replication_role', 'replica', true) as set`
      return sql`with fast as materialized (${fast}) insert into group_member
        select ${organization}, ${group}, 'mem_' || n from ${series}, fast`
    })
    expect(await addGroupMember(desk(), desk().act, { organization, group, principal })).toEqual({
      ok: false,
      refusal: { reason: 'members_too_many', max: membersOfGroupMax },
    })
  })

  it('shows its members in pages', async () => {
    const organization = await owner()
    const { id: group } = await newGroup(desk(), organization)
    await inBulk(desk(), organization, pageItemsMax + 1, (series) => {
      const principal = sql`insert into principal (organization_id, id, kind)
        select ${organization}, ${group} || n, 'member' from ${series} returning id`
      return sql`with made as (${principal})
        insert into group_member select ${organization}, ${group}, id from made`
    })
    const first = accepted(await listGroupMembers(desk(), { organization, group }))
    expect(first.items).toHaveLength(pageItemsMax)
    const rest = accepted(
      await listGroupMembers(desk(), { organization, group }, { start: first.next }),
    )
    expect(rest.items).toHaveLength(1)
    expect(rest.next).toBeUndefined()
  })

  it('is removed with its memberships and bindings, by one change however many the members [163]', async () => {
    const organization = await owner()
    const { id: group, name: called } = await newGroup(desk(), organization)
    const role = await newRole(desk(), organization)
    const accounts = [
      await newAccount(desk(), { organization, groups: [group] }),
      await newAccount(desk(), { organization, groups: [group] }),
    ]
    const subject = { type: 'group', id: group } as const
    accepted(await createBinding(desk(), desk().act, { organization, role: role.id, subject }))

    const { changes, audit } = await tracesOf(desk(), async () =>
      removeGroup(desk(), desk().act, { organization, group }),
    )
    expect(changes).toEqual([`group ${group}`])
    expect(audit).toMatchObject([{ kind: 'group.removed', before: { name: called, members: 2 } }])
    for (const { id } of accounts) {
      expect(await findClient(desk().db.management, id)).toMatchObject({ groups: [] })
    }
  })

  it('must be there, in its own organization, for anything that is done to it [174]', async () => {
    const own = await owner()
    const { id: group } = await newGroup(desk(), own)
    const organization = await owner()
    const { id: principal } = await newAccount(desk(), { organization })
    const elsewhere = { organization, group }
    const unknown = { ok: false, refusal: { reason: 'group_unknown', group } }
    expect(await showGroup(desk(), elsewhere)).toEqual(unknown)
    expect(await listGroupMembers(desk(), elsewhere)).toEqual(unknown)
    expect(await changeGroup(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await removeGroup(desk(), desk().act, elsewhere)).toEqual(unknown)
    const membership = { ...elsewhere, principal }
    expect(await addGroupMember(desk(), desk().act, membership)).toEqual(unknown)
    expect(await removeGroupMember(desk(), desk().act, membership)).toEqual(unknown)
    accepted(await showGroup(desk(), { organization: own, group }))
  })
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import { createBinding, listBindings } from '../../src/management/bindings.ts'
import { createClientSecret, listCredentials } from '../../src/management/credentials.ts'
import {
  addGroupMember,
  groupsOfPrincipalMax,
  listGroupMembers,
} from '../../src/management/groups.ts'
import type { AccountPlace } from '../../src/management/service-accounts.ts'
import {
  changeServiceAccount,
  disableServiceAccount,
  enableServiceAccount,
  removeServiceAccount,
  showServiceAccount,
} from '../../src/management/service-accounts.ts'
import { findClient } from '../../src/storage/clients.ts'
import {
  accepted,
  description,
  inBulk,
  inDays,
  name,
  newAccount,
  newGroup,
  newOrganization,
  newRole,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a service account', () => {
  const desk = useDesk()
  const place = async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    return { organization, account }
  }
  const credentialsOf = async ({ organization, account: principal }: AccountPlace) =>
    accepted(await listCredentials(desk(), { organization, principal })).items

  it('changes what is given and keeps the rest', async () => {
    const { organization, account } = await place()
    const change = {
      organization,
      account,
      description: description('ships releases'),
      tokenLifetime: seconds(60),
      expiresAt: inDays(desk(), 3),
    }
    const traces = await tracesOf(desk(), async () =>
      changeServiceAccount(desk(), desk().act, change),
    )
    const { description: text, tokenLifetime, expiresAt } = change
    const shown = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(shown).toMatchObject({ description: text, tokenLifetime, expiresAt })
    expect(traces.changes).toEqual([`principal ${account}`])
    expect(traces.audit).toMatchObject([
      {
        kind: 'service_account.changed',
        before: { description: '', expires_at: null, token_lifetime: null },
        after: { description: 'ships releases', token_lifetime: 60 },
      },
    ])
    expect(traces.audit[0]?.['after']).not.toHaveProperty('name')

    const cleared = { organization, account, tokenLifetime: null, expiresAt: null }
    accepted(await changeServiceAccount(desk(), desk().act, cleared))
    const after = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(after).toMatchObject({
      description: text,
      tokenLifetime: undefined,
      expiresAt: undefined,
    })
    const again = await tracesOf(desk(), async () =>
      changeServiceAccount(desk(), desk().act, cleared),
    )
    expect(again).toEqual(nothingWritten)
  })

  it('is disabled and enabled, each told once, and its credentials stay as they are', async () => {
    const { organization, account } = await place()
    const secret = { organization, principal: account, name: name('one') }
    accepted(await createClientSecret(desk(), desk().act, secret))
    const disabled = await tracesOf(desk(), async () =>
      disableServiceAccount(desk(), desk().act, { organization, account }),
    )
    expect(disabled.changes).toEqual([`principal ${account}`])
    expect(disabled.audit).toMatchObject([{ kind: 'service_account.disabled' }])
    const shown = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(shown.enabled).toBe(false)
    expect(await credentialsOf({ organization, account })).toMatchObject([{ enabled: true }])
    const again = await tracesOf(desk(), async () =>
      disableServiceAccount(desk(), desk().act, { organization, account }),
    )
    expect(again).toEqual(nothingWritten)

    const enabled = await tracesOf(desk(), async () =>
      enableServiceAccount(desk(), desk().act, { organization, account }),
    )
    expect(enabled.audit).toMatchObject([{ kind: 'service_account.enabled' }])
    expect(enabled.changes).toEqual([`principal ${account}`])
    expect(accepted(await showServiceAccount(desk(), { organization, account })).enabled).toBe(true)
  })

  it('is disabled and changed in one write, which is told as both', async () => {
    const { organization, account } = await place()
    const change = { organization, account, description: description('asleep'), enabled: false }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeServiceAccount(desk(), desk().act, change),
    )
    expect(changes).toEqual([`principal ${account}`])
    expect(audit).toMatchObject([
      { kind: 'service_account.changed', after: { description: 'asleep' } },
      { kind: 'service_account.disabled' },
    ])
    const shown = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(shown).toMatchObject({ description: 'asleep', enabled: false, version: 2 })

    const renamed = { organization, account, name: name('still asleep') }
    expect(accepted(await changeServiceAccount(desk(), desk().act, renamed)).enabled).toBe(false)
  })

  it('has its credentials listed, without their hashes', async () => {
    const { organization, account } = await place()
    const input = { organization, principal: account, name: name('one') }
    const { credential, secret } = accepted(await createClientSecret(desk(), desk().act, input))
    const listed = await credentialsOf({ organization, account })
    expect(listed).toEqual([credential])
    const text = JSON.stringify(listed)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('argon2')
  })

  it('is removed for good, with its credentials, memberships and granted roles [163]', async () => {
    const { id: organization } = await newOrganization(desk())
    const [group, role] = [
      await newGroup(desk(), organization),
      await newRole(desk(), organization),
    ]
    const { id: account, name: called } = await newAccount(desk(), {
      organization,
      groups: [group.id],
      roles: [{ role: role.id }],
    })
    const secret = { organization, principal: account, name: name('one') }
    accepted(await createClientSecret(desk(), desk().act, secret))
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeServiceAccount(desk(), desk().act, { organization, account }),
    )
    expect(changes).toEqual([`principal ${account}`])
    expect(audit).toMatchObject([{ kind: 'service_account.removed', before: { name: called } }])
    expect(await findClient(desk().db.management, account)).toBeUndefined()
    expect((await listBindings(desk(), organization, { role: role.id })).items).toEqual([])
    const members = accepted(await listGroupMembers(desk(), { organization, group: group.id }))
    expect(members.items).toEqual([])
  })

  it('must be there, in its own organization, for anything that is done to it [174]', async () => {
    const { account } = await place()
    const { id: organization } = await newOrganization(desk())
    const unknown = { ok: false, refusal: { reason: 'service_account_unknown', account } }
    const elsewhere = { organization, account }
    expect(await showServiceAccount(desk(), elsewhere)).toEqual(unknown)
    expect(await changeServiceAccount(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await disableServiceAccount(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await enableServiceAccount(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await removeServiceAccount(desk(), desk().act, elsewhere)).toEqual(unknown)
    expect(await findClient(desk().db.management, account)).toBeDefined()
  })

  it(`is in at most ${groupsOfPrincipalMax} groups`, async () => {
    const { organization, account: principal } = await place()
    await inBulk(desk(), organization, groupsOfPrincipalMax, (series, madeNow) => {
      const group = sql`${principal} || n`
      return sql`with made as (
        insert into principal_group (organization_id, id, name, description,
          created_at, created_by_id, created_by_name)
        select ${organization}, ${group}, 'bulk ' || n, '', ${madeNow} from ${series}
        returning id
      ) insert into group_member select ${organization}, id, ${principal} from made`
    })
    const { id: group } = await newGroup(desk(), organization)
    expect(await addGroupMember(desk(), desk().act, { organization, group, principal })).toEqual({
      ok: false,
      refusal: { reason: 'groups_too_many', max: groupsOfPrincipalMax },
    })
  })

  it('holds a role that was given later as one that was given at creation', async () => {
    const { organization, account } = await place()
    const role = await newRole(desk(), organization)
    const subject = { type: 'principal', id: account } as const
    accepted(await createBinding(desk(), desk().act, { organization, role: role.id, subject }))
    const { items } = await listBindings(desk(), organization, { subject })
    expect(items).toMatchObject([{ role: role.id, subject }])
  })
})

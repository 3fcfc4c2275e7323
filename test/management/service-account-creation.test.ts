import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/time.ts'
import { listBindings } from '../../src/management/bindings.ts'
import { listGroups } from '../../src/management/groups.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  listServiceAccounts,
  showServiceAccount,
} from '../../src/management/service-accounts.ts'
import {
  accepted,
  description,
  inDays,
  name,
  newAccount,
  newGroup,
  newOrganization,
  newRole,
  resource,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a new service account', () => {
  const desk = useDesk()
  const place = async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization })
    return { organization, account }
  }

  it('is created with a name alone, and its id is its client ID', async () => {
    const { id: organization } = await newOrganization(desk())
    const input = { organization, name: name('deploy'), description: description('') }
    const { changes, audit } = await tracesOf(desk(), async () =>
      createServiceAccount(desk(), desk().act, input),
    )
    const account = (await listServiceAccounts(desk(), organization)).items[0]
    expect(account).toEqual({
      id: expect.stringMatching(/^sa_/),
      ...input,
      enabled: true,
      expiresAt: undefined,
      tokenLifetime: undefined,
      version: 1,
      createdAt: desk().act.at,
      createdBy: { id: 'operator:ada', name: 'ada' },
    })
    expect(changes).toEqual([`principal ${account?.id}`])
    expect(audit).toMatchObject([
      { kind: 'service_account.created', chain: organization, after: { name: 'deploy' } },
    ])
  })

  it('is created switched off if that is asked', async () => {
    const { id: organization } = await newOrganization(desk())
    const { id: account } = await newAccount(desk(), { organization, enabled: false })
    const shown = accepted(await showServiceAccount(desk(), { organization, account }))
    expect(shown.enabled).toBe(false)
  })

  it('is created together with its end, its token lifetime, its groups and its roles', async () => {
    const { id: organization } = await newOrganization(desk())
    const group = await newGroup(desk(), organization)
    const [wide, narrow] = [
      await newRole(desk(), organization),
      await newRole(desk(), organization),
    ]
    const account = await newAccount(desk(), {
      organization,
      expiresAt: inDays(desk(), 30),
      tokenLifetime: seconds(120),
      groups: [group.id],
      roles: [
        { role: wide.id },
        { role: narrow.id, resource: resource('cluster/eu'), expiresAt: inDays(desk(), 1) },
      ],
    })
    const shown = accepted(await showServiceAccount(desk(), { organization, account: account.id }))
    expect(shown).toMatchObject({ expiresAt: inDays(desk(), 30), tokenLifetime: 120 })
    const groups = await listGroups(desk(), organization, { principal: account.id })
    expect(groups.items).toEqual([group])
    const subject = { type: 'principal', id: account.id } as const
    const bindings = await listBindings(desk(), organization, { subject })
    expect(bindings.items).toMatchObject([
      { role: wide.id, roleName: wide.name, resource: undefined, expiresAt: undefined },
      { role: narrow.id, resource: 'cluster/eu', expiresAt: inDays(desk(), 1) },
    ])
  })

  it('is told to the audit trail with each membership and each role it begins with', async () => {
    const { id: organization } = await newOrganization(desk())
    const [group, role] = [
      await newGroup(desk(), organization),
      await newRole(desk(), organization),
    ]
    const { changes, audit } = await tracesOf(desk(), async () =>
      newAccount(desk(), { organization, groups: [group.id], roles: [{ role: role.id }] }),
    )
    expect(audit.map(({ kind }) => kind)).toEqual([
      'service_account.created',
      'group.member_added',
      'binding.created',
    ])
    expect(changes).toEqual([expect.stringMatching(/^principal sa_/)])
  })

  it('is not created at all if one group or role cannot be given', async () => {
    const { id: organization } = await newOrganization(desk())
    const stranger = { group: desk().random.id('group'), role: desk().random.id('role') }
    const input = { organization, name: name('half'), description: description('') }
    const byGroup = { ...input, groups: [stranger.group] }
    expect(await createServiceAccount(desk(), desk().act, byGroup)).toEqual({
      ok: false,
      refusal: { reason: 'group_unknown', group: stranger.group },
    })
    const byRole = { ...input, roles: [{ role: stranger.role }] }
    expect(await createServiceAccount(desk(), desk().act, byRole)).toEqual({
      ok: false,
      refusal: { reason: 'role_unknown', role: stranger.role },
    })
    expect((await listServiceAccounts(desk(), organization)).items).toEqual([])
  })

  it('takes no name that another one of its organization has', async () => {
    const { organization, account } = await place()
    const other = await newAccount(desk(), { organization })
    const refusal = { reason: 'service_account_name_taken', name: other.name }
    const input = { organization, name: other.name, description: description('') }
    expect(await createServiceAccount(desk(), desk().act, input)).toEqual({ ok: false, refusal })
    const change = { organization, account, name: other.name }
    expect(await changeServiceAccount(desk(), desk().act, change)).toEqual({ ok: false, refusal })

    const elsewhere = await newOrganization(desk())
    await newAccount(desk(), { organization: elsewhere.id, name: other.name })
  })

  it('takes no end that is past, but keeps one that has passed', async () => {
    const { organization, account } = await place()
    const refusal = { reason: 'expiry_past', expiresAt: desk().act.at }
    const input = { organization, name: name('late'), description: description('') }
    const ended = { ...input, expiresAt: desk().act.at }
    expect(await createServiceAccount(desk(), desk().act, ended)).toEqual({ ok: false, refusal })
    const change = { organization, account, expiresAt: desk().act.at }
    expect(await changeServiceAccount(desk(), desk().act, change)).toEqual({ ok: false, refusal })

    const soon = { organization, account, expiresAt: inDays(desk(), 1) }
    accepted(await changeServiceAccount(desk(), desk().act, soon))
    desk().clock.turn(2 * 24 * 60 * 60)
    const renamed = { organization, account, name: name('ended but renamed') }
    accepted(await changeServiceAccount(desk(), desk().act, renamed))
  })

  it('needs an organization', async () => {
    const organization = desk().random.id('organization')
    const input = { organization, name: name('nowhere'), description: description('') }
    expect(await createServiceAccount(desk(), desk().act, input)).toEqual({
      ok: false,
      refusal: { reason: 'organization_unknown', organization },
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { OrganizationId, PrincipalId } from '../../src/domain/id.ts'
import { later, seconds } from '../../src/domain/time.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { addGroupMember } from '../../src/management/groups.ts'
import { previewRemoval } from '../../src/management/removal-preview.ts'
import { disableServiceAccount } from '../../src/management/service-accounts.ts'
import {
  accepted,
  inDays,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  resource,
  useDesk,
} from './desk.ts'
import { roleNamed } from '../support/operator.ts'

describe('the preview of a removal', () => {
  const desk = useDesk()

  async function scene() {
    const { id: organization } = await newOrganization(desk())
    const api = await newApi(desk(), organization, ['a:read', 'a:write'])
    const reader = await newRole(desk(), organization, [[api, 'a:read']])
    const writer = await newRole(desk(), organization, [[api, 'a:write']])
    const group = await newGroup(desk(), organization)
    const subject = { type: 'group', id: group.id } as const
    accepted(await createBinding(desk(), desk().act, { organization, role: reader.id, subject }))
    const account = await newAccount(desk(), {
      organization,
      groups: [group.id],
      roles: [{ role: writer.id }],
    })
    return { organization, api, reader, writer, group, account }
  }

  async function preview(organization: OrganizationId, { id }: { readonly id: PrincipalId }) {
    return accepted(await previewRemoval(desk(), at(organization, id), desk().act.at))
  }

  it('names the credentials, groups and granted roles that would end', async () => {
    const { organization, account, group, writer } = await scene()
    const input = { organization, principal: account.id, name: name('one') }
    const { credential } = accepted(await createClientSecret(desk(), desk().act, input))
    expect(await preview(organization, account)).toMatchObject({
      principal: { id: account.id, kind: 'service_account', name: account.name },
      credentials: [{ id: credential.id }],
      groups: [{ id: group.id }],
      bindings: [{ role: writer.id }],
      isLastOwner: false,
    })
  })

  it('names the permissions that nobody else would hold', async () => {
    const { organization, api, reader, writer, group, account } = await scene()
    const mine = (permission: string, on?: string) => ({
      audience: api.audience,
      permission,
      resource: on,
    })
    const left = async () => (await preview(organization, account)).heldByNobodyElse
    expect(await left()).toEqual([mine('a:read'), mine('a:write')])

    // Whoever is in the group holds what the group does; who is disabled or at their end counts not.
    const other = await newAccount(desk(), { organization, groups: [group.id] })
    expect(await left()).toEqual([mine('a:write')])
    accepted(await disableServiceAccount(desk(), desk().act, { organization, account: other.id }))
    expect(await left()).toEqual([mine('a:read'), mine('a:write')])
    const { id: member } = await newMember(desk(), organization)
    accepted(
      await addGroupMember(desk(), desk().act, {
        organization,
        group: group.id,
        principal: member,
      }),
    )
    expect(await left()).toEqual([mine('a:write')])

    // What is held on one resource is not what is held everywhere, but the other way round.
    const berlin = resource('shop/berlin')
    await newAccount(desk(), { organization, roles: [{ role: writer.id, resource: berlin }] })
    expect(await left()).toEqual([mine('a:write')])
    const clerk = await newAccount(desk(), {
      organization,
      roles: [
        { role: reader.id, resource: resource('shop/paris') },
        { role: writer.id, resource: berlin },
      ],
    })
    expect((await preview(organization, clerk)).heldByNobodyElse).toEqual([])
  })

  it('does not count what ends before now', async () => {
    const { organization, writer, account } = await scene()
    await newAccount(desk(), {
      organization,
      roles: [{ role: writer.id, expiresAt: inDays(desk(), 1) }],
    })
    const permissions = async (days: number) => {
      const now = inDays(desk(), days)
      const shown = await previewRemoval(desk(), at(organization, account.id), now)
      return accepted(shown).heldByNobodyElse.map(({ permission }) => permission)
    }
    expect(await permissions(0)).toEqual(['a:read'])
    expect(await permissions(1)).toEqual(['a:read', 'a:write'])
  })

  it('says until when tokens live at most', async () => {
    const { organization, account, writer, api } = await scene()
    const { at: now } = desk().act
    const until = async (who: { readonly id: PrincipalId }) =>
      (await preview(organization, who)).tokensEndBy
    expect(await until(account)).toBe(later(now, api.tokenLifetime))
    const brief = await newAccount(desk(), {
      organization,
      tokenLifetime: seconds(120),
      roles: [{ role: writer.id }],
    })
    expect(await until(brief)).toBe(later(now, seconds(120)))
    expect(await until(await newAccount(desk(), { organization }))).toBeUndefined()
  })

  it('says who is the last Owner', async () => {
    const { organization } = await scene()
    const owner = await roleNamed(desk(), organization, 'Owner')
    const first = await newMember(desk(), organization)
    const second = await newMember(desk(), organization)
    const own = async (id: typeof first.id) => {
      const subject = { type: 'principal', id } as const
      accepted(await createBinding(desk(), desk().act, { organization, role: owner, subject }))
    }
    await own(first.id)
    expect((await preview(organization, first)).isLastOwner).toBe(true)
    expect((await preview(organization, second)).isLastOwner).toBe(false)
    await own(second.id)
    expect((await preview(organization, first)).isLastOwner).toBe(false)
  })

  it('is told of a principal of the organization alone', async () => {
    const { account } = await scene()
    const { id: elsewhere } = await newOrganization(desk())
    const outcome = await previewRemoval(desk(), at(elsewhere, account.id), desk().act.at)
    const refusal = { reason: 'principal_unknown', principal: account.id }
    expect(outcome).toEqual({ ok: false, refusal })
  })
})

function at(organization: OrganizationId, principal: PrincipalId) {
  return { organization, principal }
}

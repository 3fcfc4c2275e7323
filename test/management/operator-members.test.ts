import { describe, expect, it } from 'vitest'
import type { OrganizationId } from '../../src/domain/id.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { createBinding, listBindings } from '../../src/management/bindings.ts'
import { approveAudience } from '../../src/management/audience-approvals.ts'
import { acceptInvitation } from '../../src/management/invitation-acceptance.ts'
import { createInvitation } from '../../src/management/invitations.ts'
import { addOperator, removeOperator } from '../../src/management/operators.ts'
import {
  changeOrganization,
  disableOrganization,
  enableOrganization,
} from '../../src/management/organizations.ts'
import { whyNotPermitted } from '../../src/management/permitted.ts'
import { createRecoveryLink, recover } from '../../src/management/recovery.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import type { Act } from '../../src/storage/tx.ts'
import {
  accepted,
  audience,
  description,
  inDays,
  name,
  newAccount,
  newMember,
  newOrganization,
  resource,
  tracesOf,
  useDesk,
} from './desk.ts'
import { missing, refusalOf, to } from './escalation/cast.ts'
import { byKey } from './escalation/actors.ts'
import {
  asMember,
  asPerson,
  builtInRole,
  circumstances,
  email,
  newHolder,
  otherPassword,
  password,
  tokenOf,
} from './people.ts'

// An operator who is a member holds in that organization what the member holds, and may beside it what
// operators may everywhere.

const desk = useDesk()

/** An operator who is a member, with a role there or with none. */
async function operatorIn(organization: OrganizationId, role?: 'memberManager' | 'viewer') {
  const member = role
    ? await newHolder(desk(), organization, role)
    : await newMember(desk(), organization)
  accepted(await addOperator(desk(), desk().act, member.person))
  return { ...member, act: await asMember(desk(), member, { isOperator: true }) }
}

async function owned(role?: 'memberManager' | 'viewer') {
  const { id: organization } = await newOrganization(desk())
  const owner = await newHolder(desk(), organization, 'owner')
  return { organization, owner, operator: await operatorIn(organization, role) }
}

const mayNot = async (
  act: Act,
  organization: OrganizationId,
  operation: 'listRoles' | 'listMembers',
) => whyNotPermitted(desk(), act, { organization, operation })

async function ownersOf(organization: OrganizationId) {
  const role = await builtInRole(desk(), organization, 'owner')
  const { items } = await listBindings(desk(), organization, { role })
  return items.map(({ subject }) => subject.id)
}

async function use(link: { readonly link: string }) {
  return recover(desk(), circumstances(desk()), { token: tokenOf(link), password: otherPassword })
}

describe('an operator who is a member', () => {
  it('disables and enables the organization again, though nobody in it has any authority then', async () => {
    const { organization, operator, owner } = await owned('memberManager')
    accepted(await disableOrganization(desk(), operator.act, organization))
    const closed = { reason: 'organization_disabled' }
    expect(await mayNot(await asMember(desk(), owner), organization, 'listRoles')).toEqual(closed)
    expect(await mayNot(operator.act, organization, 'listRoles')).toEqual(closed)
    const { audit } = await tracesOf(desk(), async () =>
      enableOrganization(desk(), operator.act, organization),
    )
    expect(audit).toMatchObject([
      { kind: 'organization.enabled', actor: { type: 'member', id: operator.id, operator: true } },
    ])
    expect(await mayNot(operator.act, organization, 'listRoles')).toBeUndefined()
  })

  it('renames it only with the permission, be it together with what operators may', async () => {
    const { organization, operator } = await owned('memberManager')
    for (const change of [{}, { enabled: false }]) {
      const input = { organization, name: name('Renamed'), ...change }
      expect(refusalOf(await changeOrganization(desk(), operator.act, input))).toEqual(
        missing('organization:manage'),
      )
    }
    const role = await builtInRole(desk(), organization, 'owner')
    const granted = { organization, role, subject: to(operator.id) }
    accepted(await createBinding(desk(), desk().act, granted))
    const both = { organization, name: name('Both at once'), enabled: false }
    expect(accepted(await changeOrganization(desk(), operator.act, both))).toMatchObject({
      name: 'Both at once',
      enabled: false,
    })
  })

  it('does there what concerns all tenants', async () => {
    const { organization, operator, owner } = await owned()
    const wanted = { organization, audience: audience('https://by-operator-member.example.com') }
    expect(refusalOf(await approveAudience(desk(), await asMember(desk(), owner), wanted))).toEqual(
      {
        reason: 'operator_needed',
      },
    )
    accepted(await approveAudience(desk(), operator.act, wanted))
  })

  it('gives and reads no more than any other member while there is an Owner', async () => {
    const { organization, operator } = await owned('memberManager')
    const [owner, viewer] = [
      await builtInRole(desk(), organization, 'owner'),
      await builtInRole(desk(), organization, 'viewer'),
    ]
    const { id: account } = await newAccount(desk(), { organization })
    const give = async (role: typeof owner) =>
      createBinding(desk(), operator.act, { organization, role, subject: to(account) })
    expect(refusalOf(await give(owner))).toMatchObject({ reason: 'permission_not_held' })
    accepted(await give(viewer))
    const invited = { organization, email: email('new@example.com'), roles: [owner], groups: [] }
    expect(refusalOf(await createInvitation(desk(), operator.act, invited))).toMatchObject({
      reason: 'permission_not_held',
    })

    const { organization: other, operator: plain } = await owned()
    expect(await mayNot(plain.act, other, 'listMembers')).toEqual(missing('members:read'))
    const creation = { organization: other, name: name('ci'), description: description('') }
    expect(refusalOf(await createServiceAccount(desk(), plain.act, creation))).toEqual(
      missing('service-accounts:manage'),
    )
    expect(await mayNot(plain.act, organization, 'listMembers')).toEqual({
      reason: 'organization_unknown',
      organization,
    })
  })

  it('is no operator by a token of an application key', async () => {
    const { organization, operator } = await owned('memberManager')
    const key = desk().random.id('application_key')
    const act = { ...desk().act, actor: byKey(organization, operator.id, key) }
    expect(refusalOf(await enableOrganization(desk(), act, organization))).toEqual(
      missing('organization:manage'),
    )
    const wanted = { organization, audience: audience('https://by-key.example.com') }
    expect(refusalOf(await approveAudience(desk(), act, wanted))).toEqual({
      reason: 'operator_needed',
    })
  })
})

describe('a recovery link by an operator who is a member', () => {
  it('helps whoever it takes an operator for, as long as they are one', async () => {
    const { organization, owner, operator } = await owned()
    accepted(await addOperator(desk(), desk().act, owner.person))
    const place = { organization, member: owner.id }
    accepted(await use(accepted(await createRecoveryLink(desk(), operator.act, place))))
    const link = accepted(await createRecoveryLink(desk(), operator.act, place))
    accepted(await removeOperator(desk(), desk().act, operator.person))
    expect(refusalOf(await use(link))).toEqual({ reason: 'link_lapsed' })
  })

  it('is somebody else’s to make', async () => {
    const { organization, operator } = await owned('memberManager')
    const own = { organization, member: operator.id }
    expect(refusalOf(await createRecoveryLink(desk(), operator.act, own))).toEqual({
      reason: 'recovery_of_oneself',
    })
  })
})

describe('an organization without an Owner', () => {
  it.each(['a stranger', 'a member'])(
    'gets one of its members from an operator: %s',
    async (who) => {
      const { id: organization } = await newOrganization(desk())
      const member = await newMember(desk(), organization)
      const operator = await operatorIn(
        who === 'a member' ? organization : (await newOrganization(desk())).id,
      )
      const act =
        who === 'a member' ? operator.act : await asPerson(desk(), operator, { isOperator: true })
      for (const operation of ['listRoles', 'listMembers'] as const) {
        expect(await mayNot(act, organization, operation)).toBeUndefined()
      }
      const given = { organization, role: await builtInRole(desk(), organization, 'owner') }
      accepted(await createBinding(desk(), act, { ...given, subject: to(member.id) }))
      expect(await ownersOf(organization)).toEqual([member.id])
      const another = await newMember(desk(), organization)
      expect(
        refusalOf(await createBinding(desk(), act, { ...given, subject: to(another.id) })),
      ).toEqual(missing('bindings:manage'))
      expect(await mayNot(act, organization, 'listRoles')).toEqual(missing('roles:read'))
    },
  )

  it('is made their own by an operator who is its member', async () => {
    const { id: organization } = await newOrganization(desk())
    const operator = await operatorIn(organization, 'memberManager')
    const role = await builtInRole(desk(), organization, 'owner')
    const subject = to(operator.id)
    accepted(await createBinding(desk(), operator.act, { organization, role, subject }))
    expect(await ownersOf(organization)).toEqual([operator.id])
  })

  it('gets from an operator nothing but an Owner that it can rely upon', async () => {
    const { id: organization } = await newOrganization(desk())
    const operator = await operatorIn(organization)
    const { id: account } = await newAccount(desk(), { organization })
    const [owner, viewer] = [
      await builtInRole(desk(), organization, 'owner'),
      await builtInRole(desk(), organization, 'viewer'),
    ]
    for (const given of [
      { role: viewer, subject: to(operator.id) },
      { role: owner, subject: to(account) },
      { role: owner, subject: to(operator.id), resource: resource('cluster/one') },
      { role: owner, subject: to(operator.id), expiresAt: inDays(desk(), 9) },
    ]) {
      const outcome = await createBinding(desk(), operator.act, { organization, ...given })
      expect(refusalOf(outcome)).toEqual(missing('bindings:manage'))
    }
    const manager = await operatorIn(organization, 'memberManager')
    const held = { organization, role: viewer, subject: to(account) }
    accepted(await createBinding(desk(), manager.act, held))
    const more = { organization, role: owner, subject: to(account) }
    expect(refusalOf(await createBinding(desk(), manager.act, more))).toMatchObject({
      reason: 'permission_not_held',
    })
  })

  it('has its first Owner invited by an operator who is a member, while they are one', async () => {
    const { id: organization } = await newOrganization(desk())
    const operator = await operatorIn(organization)
    const roles = [await builtInRole(desk(), organization, 'owner')]
    const invite = async (act: Act, invited: string) =>
      createInvitation(desk(), act, { organization, email: email(invited), roles, groups: [] })
    const enter = async (created: { readonly link: string }) =>
      acceptInvitation(desk(), circumstances(desk()), {
        token: tokenOf(created),
        by: { name: name('New'), password },
      })
    const lapsing = accepted(await invite(operator.act, 'first@example.com'))
    accepted(await removeOperator(desk(), desk().act, operator.person))
    expect(refusalOf(await enter(lapsing))).toEqual({ reason: 'invitation_lapsed' })
    accepted(await addOperator(desk(), desk().act, operator.person))
    const first: NamedMember = accepted(await enter(lapsing))
    expect(await ownersOf(organization)).toEqual([first.id])
    const again = await asMember(desk(), operator, { isOperator: true })
    expect(refusalOf(await invite(again, 'second@example.com'))).toEqual(missing('members:manage'))
  })
})

import { describe, expect, it } from 'vitest'
import type { SessionProof, TokenProof } from '../../src/domain/audit.ts'
import type { ApplicationKeyId } from '../../src/domain/id.ts'
import type { NamedMember } from '../../src/domain/member.ts'
import { firstVersion } from '../../src/domain/version.ts'
import {
  applicationKeysMax,
  changeApplicationKey,
  createApplicationKey,
  listApplicationKeys,
  removeApplicationKey,
  showApplicationKey,
} from '../../src/management/application-keys.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { whyNotPermitted } from '../../src/management/permitted.ts'
import { listRoles } from '../../src/management/roles.ts'
import { withoutMember } from '../support/members.ts'
import {
  accepted,
  description,
  inDays,
  newMember,
  newOrganization,
  permission,
  tracesOf,
  useDesk,
} from './desk.ts'
import { newSession } from './standing-session.ts'

const unknown = (applicationKey: ApplicationKeyId) => ({
  ok: false,
  refusal: { reason: 'application_key_unknown', applicationKey },
})

describe('an application key', () => {
  const desk = useDesk()
  async function newOwner(beside?: NamedMember) {
    const organization = beside?.organization ?? (await newOrganization(desk())).id
    const member = await newMember(desk(), organization)
    return { ...member, session: await newSession(desk(), member.person) }
  }
  type Owner = Awaited<ReturnType<typeof newOwner>>
  /** What a member does, signed in or by a token of one of their keys. */
  const actOf = (
    { id, organization, name, session }: Owner,
    by: SessionProof | TokenProof = { type: 'session', session, isOperator: false },
  ) => ({
    ...desk().act,
    actor: { type: 'member', id, organization, name, by } as const,
  })
  const newKey = async (owner: Owner) => {
    const { organization, id: member } = owner
    const input = { organization, member, description: description('laptop') }
    return accepted(await createApplicationKey(desk(), actOf(owner), input))
  }

  it('is made by its member, with a secret that is nowhere else', async () => {
    const owner = await newOwner()
    const { organization, id: member } = owner
    const expiresAt = inDays(desk(), 30)
    const input = { organization, member, description: description('laptop'), expiresAt }
    const { changes, audit } = await tracesOf(desk(), async () =>
      createApplicationKey(desk(), actOf(owner), input),
    )
    const [key] = accepted(
      await listApplicationKeys(desk(), actOf(owner), { organization, member }),
    )
    expect(key).toEqual({
      id: expect.stringMatching(/^key_/),
      organization,
      member,
      description: 'laptop',
      handle: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      enabled: true,
      expiresAt,
      version: firstVersion,
      createdAt: desk().act.at,
      createdBy: { id: member, name: owner.name },
    })
    expect(changes).toEqual([`principal ${key?.id}`])
    expect(audit).toMatchObject([
      { kind: 'application_key.created', target: { id: key?.id }, after: { member } },
    ])
    expect(JSON.stringify(audit)).not.toContain('argon2')
  })

  it('is listed by age, to its member alone', async () => {
    const owner = await newOwner()
    const { organization, id: member } = owner
    const other = await newOwner(owner)
    const keys = [await newKey(owner), await newKey(owner)].map(({ key }) => key.id)
    const asked = { organization, member }
    const listed = accepted(await listApplicationKeys(desk(), actOf(owner), asked))
    expect(listed.map(({ id }) => id)).toEqual(keys)
    expect(await listApplicationKeys(desk(), actOf(other), asked)).toEqual({
      ok: false,
      refusal: { reason: 'principal_unknown', principal: member },
    })
    const [id] = keys
    if (id === undefined) throw new Error('no key')
    const place = { organization, applicationKey: id }
    expect(accepted(await showApplicationKey(desk(), actOf(owner), place)).id).toBe(id)
    expect(await showApplicationKey(desk(), actOf(other), place)).toEqual(unknown(id))
  })

  it('is changed and removed by its member alone', async () => {
    const owner = await newOwner()
    const other = await newOwner(owner)
    const { key } = await newKey(owner)
    const place = { organization: owner.organization, applicationKey: key.id }
    const change = { ...place, enabled: false, description: description('old laptop') }
    expect(await changeApplicationKey(desk(), actOf(other), change)).toEqual(unknown(key.id))
    expect(await removeApplicationKey(desk(), actOf(other), place)).toEqual(unknown(key.id))

    const { changes, audit } = await tracesOf(desk(), async () =>
      changeApplicationKey(desk(), actOf(owner), change),
    )
    expect(changes).toEqual([`principal ${key.id}`])
    expect(audit.map(({ kind }) => kind)).toEqual([
      'application_key.changed',
      'application_key.disabled',
    ])
    const stale = { ...place, ifMatch: [firstVersion] }
    expect(await removeApplicationKey(desk(), actOf(owner), stale)).toMatchObject({
      refusal: { reason: 'version_mismatched', version: 2 },
    })
    accepted(await removeApplicationKey(desk(), actOf(owner), place))
    expect(await showApplicationKey(desk(), actOf(owner), place)).toEqual(unknown(key.id))
  })

  it('is not made, changed or removed by a token of one', async () => {
    const owner = await newOwner()
    const { organization, id: member } = owner
    const { key } = await newKey(owner)
    const by: TokenProof = { type: 'token', client: key.id, gotWith: key.id, jti: 'x', scope: [] }
    const act = actOf(owner, by)
    const refused = { ok: false, refusal: { reason: 'session_needed' } }
    const place = { organization, applicationKey: key.id }
    const input = { organization, member, description: description('') }
    expect(await createApplicationKey(desk(), act, input)).toEqual(refused)
    expect(await changeApplicationKey(desk(), act, { ...place, enabled: false })).toEqual(refused)
    expect(await removeApplicationKey(desk(), act, place)).toEqual(refused)
    expect(accepted(await listApplicationKeys(desk(), act, { organization, member }))).toHaveLength(
      1,
    )
  })

  it('is held by members alone, of the organization it is made in', async () => {
    const owner = await newOwner()
    const { id: organization } = await newOrganization(desk())
    const input = { organization, member: owner.id, description: description('') }
    const refused = {
      ok: false,
      refusal: { reason: 'principal_unknown', principal: owner.id },
    }
    expect(await createApplicationKey(desk(), actOf(owner), input)).toEqual(refused)
    expect(await createApplicationKey(desk(), desk().act, input)).toEqual(refused)
  })

  it('is one of at most ten, and ends in the future', async () => {
    const owner = await newOwner()
    const { organization, id: member } = owner
    const input = { organization, member, description: description('') }
    const past = { ...input, expiresAt: desk().act.at }
    expect(await createApplicationKey(desk(), actOf(owner), past)).toMatchObject({
      refusal: { reason: 'expiry_past' },
    })
    for (let made = 0; made < applicationKeysMax; made += 1) await newKey(owner)
    expect(await createApplicationKey(desk(), actOf(owner), input)).toEqual({
      ok: false,
      refusal: { reason: 'application_keys_too_many', max: applicationKeysMax },
    })
  })

  it('is good for nothing at our own API from the moment it is switched off', async () => {
    const owner = await newOwner()
    const { organization } = owner
    const { items } = await listRoles(desk(), organization)
    const [role] = items.map(({ id }) => id)
    if (role === undefined) throw new Error('no role')
    const subject = { type: 'principal', id: owner.id } as const
    accepted(await createBinding(desk(), desk().act, { organization, role, subject }))
    const { key } = await newKey(owner)
    const scope = [permission('roles:read')]
    const act = actOf(owner, {
      type: 'token',
      client: key.id,
      gotWith: key.id,
      jti: 'x',
      scope,
    })
    const asked = { organization, operation: 'listRoles' } as const
    expect(await whyNotPermitted(desk(), act, asked)).toBeUndefined()
    const change = { organization, applicationKey: key.id, enabled: false }
    accepted(await changeApplicationKey(desk(), actOf(owner), change))
    expect(await whyNotPermitted(desk(), act, asked)).toEqual({
      reason: 'permission_missing',
      permission: 'roles:read',
    })
  })

  it('is gone with its member [169]', async () => {
    const owner = await newOwner()
    const { key } = await newKey(owner)
    await withoutMember(desk().db, desk().act, owner)
    const place = { organization: owner.organization, applicationKey: key.id }
    expect(await showApplicationKey(desk(), desk().act, place)).toEqual(unknown(key.id))
  })
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { BindingSubject } from '../../src/domain/binding.ts'
import type { BindingCreation } from '../../src/management/bindings.ts'
import {
  bindingsOfSubjectMax,
  changeBinding,
  createBinding,
  listBindings,
  removeBinding,
  showBinding,
} from '../../src/management/bindings.ts'
import {
  accepted,
  inBulk,
  inDays,
  newAccount,
  newGroup,
  newMember,
  newOrganization,
  newRole,
  nothingWritten,
  resource,
  tracesOf,
  useDesk,
} from './desk.ts'

describe('a binding', () => {
  const desk = useDesk()
  const toAccount = async (): Promise<BindingCreation & { subject: BindingSubject }> => {
    const { id: organization } = await newOrganization(desk())
    const { id: role } = await newRole(desk(), organization)
    const { id } = await newAccount(desk(), { organization })
    return { organization, role, subject: { type: 'principal', id } }
  }
  const bind = async (input: BindingCreation) =>
    accepted(await createBinding(desk(), desk().act, input))

  it('gives a role to a principal on the whole organization, without an end', async () => {
    const input = await toAccount()
    const { changes, audit } = await tracesOf(desk(), async () => bind(input))
    const { items } = await listBindings(desk(), input.organization, {})
    expect(items).toEqual([
      {
        id: expect.stringMatching(/^bnd_/),
        ...input,
        roleName: expect.stringMatching(/^role /),
        subjectName: expect.stringMatching(/^account /),
        resource: undefined,
        expiresAt: undefined,
        version: 1,
        createdAt: desk().act.at,
        createdBy: { id: 'operator:ada', name: 'ada' },
      },
    ])
    expect(changes).toEqual([`principal ${input.subject.id}`])
    expect(audit).toMatchObject([
      {
        kind: 'binding.created',
        after: { role: input.role, principal: input.subject.id, resource: null, expires_at: null },
      },
    ])
  })

  it('gives a role to a member as to a service account', async () => {
    const { organization, role } = await toAccount()
    const member = await newMember(desk(), organization)
    const subject = { type: 'principal', id: member.id } as const
    const { changes } = await tracesOf(desk(), async () => bind({ organization, role, subject }))
    expect(changes).toEqual([`principal ${member.id}`])
    const { items } = await listBindings(desk(), organization, { subject })
    expect(items).toMatchObject([{ subject, subjectName: member.name }])
  })

  it('gives a role to a group on one resource, until an end', async () => {
    const { organization, role } = await toAccount()
    const group = await newGroup(desk(), organization)
    const subject = { type: 'group', id: group.id } as const
    const wishes = { resource: resource('cluster/prod-eu'), expiresAt: inDays(desk(), 1) }
    const { changes } = await tracesOf(desk(), async () =>
      bind({ organization, role, subject, ...wishes }),
    )
    expect(changes).toEqual([`group ${group.id}`])
    const { items } = await listBindings(desk(), organization, {})
    expect(items).toMatchObject([{ subject, subjectName: group.name, ...wishes }])
  })

  it('is refused twice: what it says, to whom and on what, it says once', async () => {
    const input = await toAccount()
    const first = await bind(input)
    const again = { ...input, expiresAt: inDays(desk(), 1) }
    expect(await createBinding(desk(), desk().act, again)).toEqual({
      ok: false,
      refusal: { reason: 'binding_exists', binding: first.id },
    })
    const onOne = await bind({ ...input, resource: resource('cluster/a') })
    await bind({ ...input, resource: resource('cluster/b') })
    const onOneAgain = { ...input, resource: resource('cluster/a') }
    expect(await createBinding(desk(), desk().act, onOneAgain)).toEqual({
      ok: false,
      refusal: { reason: 'binding_exists', binding: onOne.id },
    })
  })

  it('refers to nothing outside its organization', async () => {
    const [mine, theirs] = [await toAccount(), await toAccount()]
    const group = await newGroup(desk(), theirs.organization)
    const refusals = [
      [
        { ...mine, role: theirs.role },
        { reason: 'role_unknown', role: theirs.role },
      ],
      [
        { ...mine, subject: theirs.subject },
        { reason: 'principal_unknown', principal: theirs.subject.id },
      ],
      [
        { ...mine, subject: { type: 'group', id: group.id } as const },
        { reason: 'group_unknown', group: group.id },
      ],
    ] as const
    for (const [input, refusal] of refusals) {
      expect(await createBinding(desk(), desk().act, input)).toEqual({ ok: false, refusal })
    }
  })

  it('ends in the future, if it ends', async () => {
    const input = await toAccount()
    const refused = { ok: false, refusal: { reason: 'expiry_past', expiresAt: desk().act.at } }
    const ended = { ...input, expiresAt: desk().act.at }
    expect(await createBinding(desk(), desk().act, ended)).toEqual(refused)
    const { id: binding, organization } = await bind(input)
    const change = { organization, binding, expiresAt: desk().act.at }
    expect(await changeBinding(desk(), desk().act, change)).toEqual(refused)
  })

  it('gets another end, or none', async () => {
    const input = await toAccount()
    const { id: binding, organization } = await bind(input)
    const ending = { organization, binding, expiresAt: inDays(desk(), 5) }
    const { changes, audit } = await tracesOf(desk(), async () =>
      changeBinding(desk(), desk().act, ending),
    )
    expect(changes).toEqual([`principal ${input.subject.id}`])
    expect(audit).toMatchObject([{ kind: 'binding.changed', before: { expires_at: null } }])
    const shown = accepted(await showBinding(desk(), { organization, binding }))
    expect(shown.expiresAt).toBe(ending.expiresAt)

    accepted(await changeBinding(desk(), desk().act, { ...ending, expiresAt: null }))
    const after = accepted(await showBinding(desk(), { organization, binding }))
    expect(after.expiresAt).toBeUndefined()
    expect(
      await tracesOf(desk(), async () =>
        changeBinding(desk(), desk().act, { ...ending, expiresAt: null }),
      ),
    ).toEqual(nothingWritten)
  })

  it('is found by its role, by who holds it, and by its resource', async () => {
    const input = await toAccount()
    const { organization, subject } = input
    const other = await newRole(desk(), organization)
    const group = await newGroup(desk(), organization)
    const ofGroup = { type: 'group', id: group.id } as const
    const wide = await bind(input)
    const narrow = await bind({ ...input, resource: resource('cluster/a') })
    const byGroup = await bind({ organization, role: other.id, subject: ofGroup })
    const found = async (filter: Parameters<typeof listBindings>[2]) =>
      (await listBindings(desk(), organization, filter)).items.map(({ id }) => id)
    expect(await found({})).toEqual([wide.id, narrow.id, byGroup.id])
    expect(await found({ role: other.id })).toEqual([byGroup.id])
    expect(await found({ subject })).toEqual([wide.id, narrow.id])
    expect(await found({ subject: ofGroup })).toEqual([byGroup.id])
    expect(await found({ resource: resource('cluster/a') })).toEqual([narrow.id])
    expect(await found({ role: other.id, subject })).toEqual([])
  })

  it('is withdrawn', async () => {
    const input = await toAccount()
    const { id: binding, organization } = await bind(input)
    const { changes, audit } = await tracesOf(desk(), async () =>
      removeBinding(desk(), desk().act, { organization, binding }),
    )
    expect(changes).toEqual([`principal ${input.subject.id}`])
    expect(audit).toMatchObject([{ kind: 'binding.removed', before: { role: input.role } }])
    expect((await listBindings(desk(), organization, {})).items).toEqual([])
    await bind(input)
  })

  it('must be there, in its own organization, for anything that is done to it [174]', async () => {
    const { id: binding, organization: own } = await bind(await toAccount())
    const { id: organization } = await newOrganization(desk())
    const elsewhere = { organization, binding }
    const unknown = { ok: false, refusal: { reason: 'binding_unknown', binding } }
    expect(await showBinding(desk(), elsewhere)).toEqual(unknown)
    const change = { ...elsewhere, expiresAt: null }
    expect(await changeBinding(desk(), desk().act, change)).toEqual(unknown)
    expect(await removeBinding(desk(), desk().act, elsewhere)).toEqual(unknown)
    accepted(await showBinding(desk(), { organization: own, binding }))
  })

  it(`is one of at most ${bindingsOfSubjectMax} of the one who holds it`, async () => {
    const { subject, ...input } = await toAccount()
    const { id } = await newGroup(desk(), input.organization)
    const ofGroup = { type: 'group', id } as const
    const insert = sql`insert into binding (organization_id, id, role_id, group_id, resource,
      created_at, created_by_id, created_by_name)`
    await inBulk(desk(), input.organization, bindingsOfSubjectMax, (series, madeNow) => {
      const row = sql`${input.organization}, ${id} || n, ${input.role}, ${id}, 'cluster/' || n`
      return sql`${insert} select ${row}, ${madeNow} from ${series}`
    })
    expect(await createBinding(desk(), desk().act, { ...input, subject: ofGroup })).toEqual({
      ok: false,
      refusal: { reason: 'bindings_too_many', max: bindingsOfSubjectMax },
    })
    await bind({ ...input, subject })
  })
})

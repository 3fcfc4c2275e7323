import { describe, expect, it } from 'vitest'
import { createBinding, listBindings, removeBinding } from '../../src/management/bindings.ts'
import { onPostgres } from '../support/database.ts'
import { listMembers, removeMember } from '../../src/management/members.ts'
import { accepted, newMember, useDesk } from './desk.ts'
import { bySession } from './escalation/actors.ts'
import { newTenant } from './escalation/world.ts'
import { asMember } from './people.ts'

const roundsMin = 200

// One session cannot race with itself: on the embedded database there is nothing to see.
describe.runIf(onPostgres)('two Owners who withdraw each other at the same moment', () => {
  const desk = useDesk()

  it('never both succeed: one always stays', async () => {
    const { organization, roles, who } = await newTenant(desk())
    const role = roles.owner.id
    const bindings = async () => {
      const { items } = await listBindings(desk(), organization, { role })
      const theirs = items.filter(({ subject }) => ids.has(subject.id))
      return theirs.filter(({ resource, expiresAt }) => !(resource ?? expiresAt))
    }
    const ids = new Set<string>([who.owner, who.second])
    const as = (id: typeof who.owner) => ({
      ...desk().act,
      actor: bySession(desk(), organization, id),
    })
    const refusals = new Set<string>()
    for (let round = 0; round < roundsMin; round += 1) {
      const [one, other] = await bindings()
      if (one === undefined || other === undefined) throw new Error('not two Owners')
      const outcomes = await Promise.all([
        removeBinding(desk(), as(who.owner), {
          organization,
          binding: idOf(who.second, one, other),
        }),
        removeBinding(desk(), as(who.second), {
          organization,
          binding: idOf(who.owner, one, other),
        }),
      ])
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
      for (const outcome of outcomes) if (!outcome.ok) refusals.add(outcome.refusal.reason)
      const left = await bindings()
      expect(left).toHaveLength(1)
      const gone = left[0]?.subject.id === who.owner ? who.second : who.owner
      const subject = { type: 'principal', id: gone } as const
      accepted(await createBinding(desk(), desk().act, { organization, role, subject }))
    }
    // The slower one has lost the role that it acted by, before it could be told of the last Owner.
    expect([...refusals]).toEqual(['permission_missing'])
  })

  it('never both succeed by the word of an operator either, who loses nothing', async () => {
    const { organization, roles, who } = await newTenant(desk())
    const role = roles.owner.id
    for (let round = 0; round < roundsMin / 10; round += 1) {
      const { items } = await listBindings(desk(), organization, { role })
      const owners = items.filter(
        ({ subject, resource, expiresAt }) =>
          subject.id.startsWith('mem_') && resource === undefined && expiresAt === undefined,
      )
      expect(owners).toHaveLength(2)
      const outcomes = await Promise.all(
        owners.map(async ({ id: binding }) =>
          removeBinding(desk(), desk().act, { organization, binding }),
        ),
      )
      const refused = outcomes.flatMap((one) => (one.ok ? [] : [one.refusal]))
      expect(refused).toEqual([{ reason: 'last_owner' }])
      const { items: left } = await listBindings(desk(), organization, { role })
      const stays = left.some(({ subject }) => subject.id === who.owner) ? who.second : who.owner
      const subject = { type: 'principal', id: stays } as const
      accepted(await createBinding(desk(), desk().act, { organization, role, subject }))
    }
  })
})

describe.runIf(onPostgres)('two Owners who remove each other at the same moment', () => {
  const desk = useDesk()

  it('never both succeed: one always stays', async () => {
    const { organization, roles } = await newTenant(desk())
    const role = roles.owner.id
    const newOwner = async () => {
      const member = await newMember(desk(), organization)
      const subject = { type: 'principal', id: member.id } as const
      accepted(await createBinding(desk(), desk().act, { organization, role, subject }))
      return member
    }
    const people = async () => (await listMembers(desk(), organization)).items.map(({ id }) => id)
    const others = await people()
    let [one, other] = [await newOwner(), await newOwner()]
    for (const member of others)
      accepted(await removeMember(desk(), desk().act, { organization, member }))
    for (let round = 0; round < roundsMin; round += 1) {
      // Every other time it is an operator's word, who loses nothing by it.
      const by = (member: typeof one) => (round % 2 === 0 ? asMember(desk(), member) : desk().act)
      const outcomes = await Promise.all([
        removeMember(desk(), by(one), { organization, member: other.id }),
        removeMember(desk(), by(other), { organization, member: one.id }),
      ])
      const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.reason]))
      expect(refused).toEqual([round % 2 === 0 ? 'permission_missing' : 'last_owner'])
      const stays = outcomes[0].ok ? one : other
      expect(await people()).toEqual([stays.id])
      one = stays
      other = await newOwner()
    }
  })
})

type Held = { readonly id: string; readonly subject: { readonly id: string } }

function idOf<One extends Held>(holder: string, one: One, other: One): One['id'] {
  return one.subject.id === holder ? one.id : other.id
}

import { describe, expect, it } from 'vitest'
import type { Binding } from '../../src/domain/binding.ts'
import type { MemberId } from '../../src/domain/id.ts'
import { accept } from '../../src/domain/result.ts'
import type { Result } from '../../src/domain/result.ts'
import { createBinding, listBindings, removeBinding } from '../../src/management/bindings.ts'
import { listMembers, removeMember } from '../../src/management/members.ts'
import { inTransaction } from '../../src/storage/transaction.ts'
import { onPostgres } from '../support/database.ts'
import { accepted, useDesk } from './desk.ts'
import { bySession } from './escalation/actors.ts'
import { makeMember } from './escalation/making.ts'
import type { Tenant } from './escalation/world.ts'
import { newTenant } from './escalation/world.ts'

const roundsMin = 200
/** Organizations in which it is tried at the same time: most of a round is waiting for the database. */
const tracks = 4

const desk = useDesk()

/** So many rounds, each of an organization that is as the round before left it. */
async function onTracks<State>(
  rounds: number,
  begin: (tenant: Tenant) => Promise<State>,
  round: (tenant: Tenant, state: State, index: number) => Promise<State>,
): Promise<void> {
  const track = async () => {
    const tenant = await newTenant(desk())
    let state = await begin(tenant)
    for (let index = 0; index < rounds / tracks; index += 1) {
      state = await round(tenant, state, index)
    }
  }
  await Promise.all(Array.from({ length: tracks }, track))
}

const as = ({ organization }: Tenant, id: MemberId) => ({
  ...desk().act,
  actor: bySession(organization, id),
})

function reasons(outcomes: readonly Result<unknown, { readonly reason: string }>[]) {
  return outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.reason]))
}

/** The bindings that make the two of them Owners, by whose they are. */
async function ownersOf(tenant: Tenant): Promise<ReadonlyMap<string, Binding>> {
  const { organization, roles, who } = tenant
  const { items } = await listBindings(desk(), organization, { role: roles.owner.id })
  const theirs = items.filter(({ subject }) =>
    [who.owner, who.second].some((id) => id === subject.id),
  )
  return new Map(theirs.map((binding) => [binding.subject.id, binding]))
}

/** Lets both try to withdraw the other's role, and gives the one who lost it a new one. */
async function withdrawEachOther(
  tenant: Tenant,
  owners: ReadonlyMap<string, Binding>,
  by: (id: MemberId) => Parameters<typeof removeBinding>[1],
): Promise<{ readonly refused: readonly string[]; readonly owners: ReadonlyMap<string, Binding> }> {
  const { organization, roles, who } = tenant
  const [one, other] = [owners.get(who.owner), owners.get(who.second)]
  if (one === undefined || other === undefined) throw new Error('not two Owners')
  const outcomes = await Promise.all([
    removeBinding(desk(), by(who.owner), { organization, binding: other.id }),
    removeBinding(desk(), by(who.second), { organization, binding: one.id }),
  ])
  const left = await ownersOf(tenant)
  expect(left.size).toBe(1)
  const gone = left.has(who.owner) ? who.second : who.owner
  const subject = { type: 'principal', id: gone } as const
  const given = { organization, role: roles.owner.id, subject }
  const again = accepted(await createBinding(desk(), desk().act, given))
  return { refused: reasons(outcomes), owners: new Map([...left, [gone, again]]) }
}

async function people({ organization }: Tenant): Promise<readonly MemberId[]> {
  return (await listMembers(desk(), organization)).items.map(({ id }) => id)
}

async function newOwner({ organization, roles }: Tenant, called: string): Promise<MemberId> {
  return accepted(
    await inTransaction(desk().db, organization, desk().act, async (tx) => {
      const place = { tx, desk: desk(), organization }
      const id = await makeMember(place, called, { held: [[roles.owner]] })
      return accept({
        value: id,
        audit: [{ kind: 'member.added', target: { type: 'member', id } }],
        changes: [{ kind: 'principal', organization, subject: id }],
      })
    }),
  )
}

type Two = readonly [MemberId, MemberId]

/** Two new Owners, and nobody else. */
async function twoAlone(tenant: Tenant): Promise<Two> {
  const { organization } = tenant
  const others = await people(tenant)
  const two = [await newOwner(tenant, 'one'), await newOwner(tenant, 'other')] as const
  for (const member of others) {
    accepted(await removeMember(desk(), desk().act, { organization, member }))
  }
  return two
}

// One session cannot race with itself: on the embedded database there is nothing to see.
describe.runIf(onPostgres)('two Owners who withdraw each other at the same moment', () => {
  it('never both succeed: one always stays', async () => {
    await onTracks(roundsMin, ownersOf, async (tenant, before) => {
      const { refused, owners } = await withdrawEachOther(tenant, before, (id) => as(tenant, id))
      // The slower one has lost the role that it acted by, before it could be told of the last Owner.
      expect(refused).toEqual(['permission_missing'])
      return owners
    })
  })

  it('never both succeed by the word of an operator either, who loses nothing', async () => {
    await onTracks(roundsMin / 10, ownersOf, async (tenant, before) => {
      const { refused, owners } = await withdrawEachOther(tenant, before, () => desk().act)
      expect(refused).toEqual(['last_owner'])
      return owners
    })
  })
})

describe.runIf(onPostgres)('two Owners who remove each other at the same moment', () => {
  it('never both succeed: one always stays', async () => {
    await onTracks<Two>(roundsMin, twoAlone, async (tenant, [one, other], index) => {
      const { organization } = tenant
      // Every other time it is an operator's word, who loses nothing by it.
      const isTheirs = index % 2 === 0
      const by = (id: MemberId) => (isTheirs ? as(tenant, id) : desk().act)
      const outcomes = await Promise.all([
        removeMember(desk(), by(one), { organization, member: other }),
        removeMember(desk(), by(other), { organization, member: one }),
      ])
      // Whoever is no longer a person here has no session either.
      expect(reasons(outcomes)).toEqual([isTheirs ? 'session_invalid' : 'last_owner'])
      const stays = outcomes[0].ok ? one : other
      expect(await people(tenant)).toEqual([stays])
      return [stays, await newOwner(tenant, `owner-${index}`)]
    })
  })
})

/** Calls that bring people into an organization and out of it, and about what is theirs alone. */
import type { ApplicationKeyId, MemberId } from '../../../src/domain/id.ts'
import { parseId } from '../../../src/domain/id.ts'
import {
  changeApplicationKey,
  createApplicationKey,
  removeApplicationKey,
} from '../../../src/management/application-keys.ts'
import { acceptInvitation } from '../../../src/management/invitation-acceptance.ts'
import { createInvitation, removeInvitation } from '../../../src/management/invitations.ts'
import { removeMember } from '../../../src/management/members.ts'
import { createRecoveryLink, recover } from '../../../src/management/recovery.ts'
import { email, password, tokenOf } from '../people.ts'
import type { Speaker } from './actors.ts'
import { isByOperator } from './actors.ts'
import { owners } from './holdings.ts'
import type { Rows } from './rows.ts'
import type { Call, Scene } from './scene.ts'
import { endOf, NothingThere, otherState, pick, text, unique } from './scene.ts'

export const callsOfPeople = {
  createInvitation: {
    operation: 'createInvitation',
    touches: ['invitations'],
    bySession: true,
    make: async ({ desk, act, organization, rows, links, step }) => {
      const { a, b, c } = step
      const created = await createInvitation(desk, act, {
        organization,
        email: email(`${unique().replace(' ', '-')}@example.net`),
        roles: b % 3 > 0 ? [pick(rows.roles, a).id] : [],
        groups: b % 3 === 0 ? [pick(rows.groups, c)] : [],
      })
      if (created.ok) links.invitations.set(created.value.invitation.id, tokenOf(created.value))
      return created
    },
  },
  /** Whoever acts here is nobody: it is the word of who invited that counts. */
  acceptInvitation: {
    operation: 'createInvitation',
    touches: ['invitations', 'principals', 'inGroups', 'bindings'],
    word: inviter,
    make: async ({ desk, act, rows, links, step }) => {
      const token = links.invitations.get(newest(rows, step.a).id)
      if (token === undefined) throw new NothingThere()
      const { at, traceId } = act
      return acceptInvitation(desk, { at, traceId }, { token, by: { name: unique(), password } })
    },
  },
  removeInvitation: {
    operation: 'removeInvitation',
    touches: ['invitations'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeInvitation(desk, act, { organization, invitation: pick(rows.invitations, step.a).id }),
  },
  removeMember: {
    operation: 'removeMember',
    touches: ['principals', 'inGroups', 'bindings', 'keys'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const lasting = owners(rows).flatMap((id) => parseId('member', id) ?? [])
      const member = step.b % 2 === 0 ? pick(lasting, step.a) : memberOf(scene)
      return removeMember(desk, act, { organization, member })
    },
  },
  createRecoveryLink: {
    operation: 'createRecoveryLink',
    touches: [],
    becomes: memberOf,
    byOperators: true,
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization, links } = scene
      const member = memberOf(scene)
      const created = await createRecoveryLink(desk, act, { organization, member })
      if (!created.ok) return created
      const { actor } = act
      const by = isByOperator(actor) ? actor : ({ type: 'maker', id: actor.id } as const)
      links.recoveries.set(member, { token: tokenOf(created.value), by })
      return created
    },
  },
  /** As with invitations: it is the word of who made the link that counts. */
  recover: {
    operation: 'createRecoveryLink',
    touches: [],
    word: (scene) => recoveryOf(scene).by,
    becomes: (scene) => recoveryOf(scene).member,
    byOperators: true,
    make: async (scene) => {
      const { at, traceId } = scene.act
      const { token, member } = recoveryOf(scene)
      const recovered = await recover(scene.desk, { at, traceId }, { token, password })
      if (recovered.ok) scene.links.recoveries.delete(member)
      return recovered
    },
  },
  createApplicationKey: {
    touches: ['keys'],
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization } = scene
      const input = { organization, member: ownOr(scene), description: text }
      return createApplicationKey(desk, act, { ...input, expiresAt: endOf(scene) })
    },
  },
  changeApplicationKey: {
    touches: ['keys'],
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization } = scene
      const applicationKey = keyOf(scene)
      return changeApplicationKey(desk, act, {
        organization,
        applicationKey,
        ...otherState(scene),
      })
    },
  },
  removeApplicationKey: {
    touches: ['keys'],
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization } = scene
      return removeApplicationKey(desk, act, { organization, applicationKey: keyOf(scene) })
    },
  },
} as const satisfies Readonly<Record<string, Call>>

function memberOf({ rows, step }: Scene): MemberId {
  return pick(
    rows.principals.flatMap(({ id }) => parseId('member', id) ?? []),
    step.a,
  )
}

/** Whoever acts, if they are a member, or now and then somebody else. */
function ownOr(scene: Scene): MemberId {
  const { actor } = scene.act
  return actor.type === 'member' && scene.step.b % 3 > 0 ? actor.id : memberOf(scene)
}

/** One of theirs, if they have any, or now and then somebody else's. */
function keyOf({ rows: { keys }, act, step: { a, b } }: Scene): ApplicationKeyId {
  const own = keys.filter(({ member }) => member === act.actor.id)
  return pick(own.length > 0 && b % 3 > 0 ? own : keys, a).id
}

function recoveryOf({ links, step }: Scene) {
  const [member, { token, by }] = pick([...links.recoveries].slice(-3), step.a)
  return { member, token, by }
}

function newest({ invitations }: Rows, at: number): Rows['invitations'][number] {
  return pick(invitations.slice(-3), at)
}

/** Who made an invitation: it is not written by what session or token. */
function inviter({ rows, step }: Scene): Speaker {
  return { type: 'maker', id: newest(rows, step.a).by }
}

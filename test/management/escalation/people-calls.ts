/** Calls that bring people into an organization and out of it. */
import type { Actor } from '../../../src/domain/audit.ts'
import { parseId } from '../../../src/domain/id.ts'
import { acceptInvitation } from '../../../src/management/invitation-acceptance.ts'
import { createInvitation } from '../../../src/management/invitations.ts'
import { removeMember } from '../../../src/management/members.ts'
import { email, password, tokenOf } from '../people.ts'
import type { Call, Scene } from './scene.ts'
import { NothingThere, pick, unique } from './scene.ts'
import { bySession, byToken } from './world.ts'

export const callsOfPeople = {
  createInvitation: {
    operation: 'createInvitation',
    touches: ['invitations'],
    make: async ({ desk, act, organization, rows, links, step }) => {
      const { a, b, c } = step
      const created = await createInvitation(desk, act, {
        organization,
        email: email(`${unique().replace(' ', '-')}@example.net`),
        roles: b % 3 > 0 ? [pick(rows.roles, a).id] : [],
        groups: b % 3 === 0 ? [pick(rows.groups, c)] : [],
      })
      if (created.ok) links.set(created.value.invitation.id, tokenOf(created.value))
      return created
    },
  },
  /** Whoever acts here is nobody: it is the word of who invited that counts. */
  acceptInvitation: {
    operation: 'createInvitation',
    touches: ['invitations', 'principals', 'inGroups', 'bindings'],
    make: async ({ desk, act, rows, links, step }) => {
      const token = links.get(pick(rows.invitations, step.a).id)
      if (token === undefined) throw new NothingThere()
      const { at, traceId } = act
      return acceptInvitation(desk, { at, traceId }, { token, by: { name: unique(), password } })
    },
  },
  removeMember: {
    operation: 'removeMember',
    touches: ['principals', 'inGroups', 'bindings'],
    make: async ({ desk, act, organization, rows, step }) => {
      const members = rows.principals.flatMap(({ id }) => parseId('member', id) ?? [])
      return removeMember(desk, act, { organization, member: pick(members, step.a) })
    },
  },
} as const satisfies Readonly<Record<string, Call>>

/** Whose word the step stands on: of who acts, or of who invited. */
export function whoseWord(call: string, { organization, rows, step, act, desk }: Scene): Actor {
  if (call !== 'acceptInvitation') return act.actor
  const { by } = pick(rows.invitations, step.a)
  const member = parseId('member', by)
  const account = parseId('service_account', by)
  if (member !== undefined) return bySession(desk, organization, member)
  if (account === undefined) return act.actor
  return byToken(organization, account, desk.random.id('credential'))
}

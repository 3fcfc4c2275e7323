/** Calls of management, made of numbers, so that chance can make them and shrinking can take them away. */
import fc from 'fast-check'
import type { BindingId } from '../../../src/domain/id.ts'
import { changeApi } from '../../../src/management/apis.ts'
import { changeBinding, createBinding, removeBinding } from '../../../src/management/bindings.ts'
import {
  addGroupMember,
  createGroup,
  removeGroup,
  removeGroupMember,
} from '../../../src/management/groups.ts'
import { changeOrganization } from '../../../src/management/organizations.ts'
import { changeRole, createRole, removeRole } from '../../../src/management/roles.ts'
import { permission } from '../desk.ts'
import { callsOfAccounts } from './account-calls.ts'
import { callsOfPeople } from './people-calls.ts'
import { owners } from './holdings.ts'
import type { Call, Chosen, Scene } from './scene.ts'
import {
  endOf,
  orAny,
  pick,
  resourceOf,
  somePermissions,
  subjectOf,
  text,
  unique,
} from './scene.ts'

export type Step = Chosen & {
  readonly call: keyof typeof calls
  /** When, in seconds after the story began. */
  readonly after: number
}

export type Story = readonly Step[]

export const calls = {
  createBinding: {
    operation: 'createBinding',
    touches: ['bindings'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const { id: role } = pick(rows.roles, step.a)
      const where = { resource: resourceOf(scene), expiresAt: endOf(scene) }
      const subject = subjectOf(scene)
      return createBinding(desk, act, { organization, role, subject, ...where })
    },
  },
  changeBinding: {
    operation: 'changeBinding',
    touches: ['bindings'],
    make: async (scene) => {
      const { desk, act, organization } = scene
      const expiresAt = endOf(scene) ?? null
      return changeBinding(desk, act, { organization, binding: bindingOf(scene), expiresAt })
    },
  },
  removeBinding: {
    operation: 'removeBinding',
    touches: ['bindings'],
    make: async (scene) => {
      const { desk, act, organization } = scene
      return removeBinding(desk, act, { organization, binding: bindingOf(scene) })
    },
  },
  createGroup: {
    operation: 'createGroup',
    touches: ['groups'],
    make: async ({ desk, act, organization }) =>
      createGroup(desk, act, { organization, name: unique(), description: text }),
  },
  removeGroup: {
    operation: 'removeGroup',
    touches: ['groups', 'inGroups', 'bindings', 'invitations'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeGroup(desk, act, { organization, group: pick(rows.groups, step.a) }),
  },
  addGroupMember: {
    operation: 'addGroupMember',
    touches: ['inGroups'],
    make: async ({ desk, act, organization, rows, step }) => {
      const principal = pick(rows.principals, step.b).id
      const group = pick(rows.groups, step.a)
      return addGroupMember(desk, act, { organization, group, principal })
    },
  },
  removeGroupMember: {
    operation: 'removeGroupMember',
    touches: ['inGroups'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeGroupMember(desk, act, { organization, ...pick(rows.inGroups, step.a) }),
  },
  createRole: {
    operation: 'createRole',
    touches: ['roles', 'permissions'],
    make: async (scene) => {
      const { desk, act, organization } = scene
      const permissions = somePermissions(scene)
      const called = { name: unique(), description: text }
      return createRole(desk, act, { organization, ...called, permissions })
    },
  },
  changeRole: {
    operation: 'changeRole',
    touches: ['permissions'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const own = rows.roles.flatMap(({ id, builtIn }) => (builtIn ? [] : [id]))
      const promised = rows.invitations
        .flatMap(({ roles }) => roles)
        .filter((id) => own.includes(id))
      const role = pick(orAny(promised, own, step.c), step.a)
      const held = rows.permissions.filter((one) => one.role === role)
      const removed = step.end % 3 === 0 && held.length > 0 ? [pick(held, step.b)] : []
      const addPermissions = removed.length === 0 ? somePermissions(scene) : []
      const change = { addPermissions, removePermissions: removed }
      return changeRole(desk, act, { organization, role, ...change })
    },
  },
  removeRole: {
    operation: 'removeRole',
    touches: ['roles', 'permissions', 'invitations'],
    make: async ({ desk, act, organization, rows, step }) => {
      const unused = rows.roles.filter(({ id }) => !rows.bindings.some(({ role }) => role === id))
      return removeRole(desk, act, {
        organization,
        role: pick(step.b % 2 === 0 ? unused : rows.roles, step.a).id,
      })
    },
  },
  changeApi: {
    operation: 'changeApi',
    touches: ['offered'],
    make: async ({ desk, act, organization, rows, step }) => {
      const { id: api } = pick(rows.apis, step.a)
      const added = { permission: permission(`c${step.b % 3}:read`), description: text }
      return changeApi(desk, act, { organization, api, addPermissions: [added] })
    },
  },
  ...callsOfAccounts,
  changeOrganization: {
    operation: 'changeOrganization',
    touches: ['disabled'],
    byOperators: true,
    make: async ({ desk, act, organization, rows, step }) => {
      // In a disabled organization nothing happens: it is enabled again as soon as somebody can.
      const enabled = rows.disabled || step.b % 8 > 0
      return changeOrganization(desk, act, { organization, enabled })
    },
  },
  ...callsOfPeople,
} as const satisfies Readonly<Record<string, Call>>

/** Any binding, or now and then one of an Owner. */
function bindingOf({ rows, step: { a, b } }: Scene): BindingId {
  const members = new Set<string | null>(owners(rows))
  const ofOwners = rows.bindings.filter(({ principal }) => members.has(principal))
  return pick(b % 5 === 0 ? ofOwners : rows.bindings, a).id
}

const numbers = fc.nat({ max: 999 })

/** What gives comes often, what takes away for good seldom: or there is soon nothing left. */
const weights: Readonly<Partial<Record<keyof typeof calls, number>>> = {
  createBinding: 6,
  changeBinding: 4,
  addGroupMember: 4,
  changeRole: 4,
  createServiceAccount: 3,
  createClientSecret: 3,
  changeServiceAccount: 3,
  changeCredential: 3,
  removeBinding: 3,
  removeGroupMember: 2,
  createInvitation: 4,
  acceptInvitation: 3,
  removeMember: 2,
  createRecoveryLink: 3,
  recover: 3,
}

const secondsPerStep = 1_200

const named = Object.keys(calls) as (keyof typeof calls)[]

const step = fc.record({
  call: fc.constantFrom(
    ...named.flatMap((call) => Array.from({ length: weights[call] ?? 1 }, () => call)),
  ),
  actor: numbers,
  a: numbers,
  b: numbers,
  c: numbers,
  end: fc.nat({ max: 5 }),
})

/** As many steps as asked for, so far apart that ends come and go on the way. */
export function stories(length: number): fc.Arbitrary<Story> {
  const all = fc.array(step, { minLength: length, maxLength: length, size: 'max' })
  return all.map((story) => story.map((one, index) => ({ ...one, after: index * secondsPerStep })))
}

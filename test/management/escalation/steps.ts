/** Calls of management, made of numbers, so that chance can make them and shrinking can take them away. */
import fc from 'fast-check'
import { changeApi } from '../../../src/management/apis.ts'
import { changeBinding, createBinding, removeBinding } from '../../../src/management/bindings.ts'
import {
  changeCredential,
  createClientSecret,
  removeCredential,
} from '../../../src/management/credentials.ts'
import {
  addGroupMember,
  createGroup,
  removeGroup,
  removeGroupMember,
} from '../../../src/management/groups.ts'
import { changeRole, createRole, removeRole } from '../../../src/management/roles.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  removeServiceAccount,
} from '../../../src/management/service-accounts.ts'
import { permission } from '../desk.ts'
import { callsOfPeople } from './people-calls.ts'
import type { Call, Chosen } from './scene.ts'
import { endOf, pick, resourceOf, somePermissions, subjectOf, text, unique } from './scene.ts'

export type Step = Chosen & { readonly call: keyof typeof calls }

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
      const { desk, act, organization, rows, step } = scene
      const { id: binding } = pick(rows.bindings, step.a)
      return changeBinding(desk, act, { organization, binding, expiresAt: endOf(scene) ?? null })
    },
  },
  removeBinding: {
    operation: 'removeBinding',
    touches: ['bindings'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeBinding(desk, act, { organization, binding: pick(rows.bindings, step.a).id }),
  },
  createGroup: {
    operation: 'createGroup',
    touches: ['groups'],
    make: async ({ desk, act, organization }) =>
      createGroup(desk, act, { organization, name: unique(), description: text }),
  },
  removeGroup: {
    operation: 'removeGroup',
    touches: ['groups', 'inGroups', 'bindings'],
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
      const { id: role } = pick(
        rows.roles.filter(({ builtIn }) => !builtIn),
        step.a,
      )
      const held = rows.permissions.filter((one) => one.role === role)
      const removed = step.end % 3 === 0 && held.length > 0 ? [pick(held, step.b)] : []
      const addPermissions = removed.length === 0 ? somePermissions(scene) : []
      const change = { addPermissions, removePermissions: removed }
      return changeRole(desk, act, { organization, role, ...change })
    },
  },
  removeRole: {
    operation: 'removeRole',
    touches: ['roles', 'permissions'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeRole(desk, act, { organization, role: pick(rows.roles, step.a).id }),
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
  createServiceAccount: {
    operation: 'createServiceAccount',
    touches: ['principals', 'accounts', 'inGroups', 'bindings'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const { id: role } = pick(rows.roles, step.a)
      const given = { role, resource: resourceOf(scene), expiresAt: endOf(scene) }
      return createServiceAccount(desk, act, {
        organization,
        name: unique(),
        description: text,
        groups: step.b % 3 === 0 ? [pick(rows.groups, step.c)] : [],
        roles: step.b % 2 === 0 ? [given] : [],
      })
    },
  },
  changeServiceAccount: {
    operation: 'changeServiceAccount',
    touches: ['principals'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const account = pick(rows.accounts, step.a)
      const change =
        step.b % 2 === 0 ? { enabled: step.c % 3 > 0 } : { expiresAt: endOf(scene) ?? null }
      return changeServiceAccount(desk, act, { organization, account, ...change })
    },
  },
  removeServiceAccount: {
    operation: 'removeServiceAccount',
    touches: ['principals', 'accounts', 'inGroups', 'bindings', 'credentials'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeServiceAccount(desk, act, { organization, account: pick(rows.accounts, step.a) }),
  },
  createClientSecret: {
    operation: 'createCredential',
    touches: ['credentials'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const principal = pick(rows.principals, step.a).id
      const input = { organization, principal, name: unique(), expiresAt: endOf(scene) }
      return createClientSecret(desk, act, input)
    },
  },
  changeCredential: {
    operation: 'changeCredential',
    touches: ['credentials'],
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const { id: credential } = pick(rows.credentials, step.a)
      const change =
        step.b % 2 === 0 ? { enabled: step.c % 3 > 0 } : { expiresAt: endOf(scene) ?? null }
      return changeCredential(desk, act, { organization, credential, ...change })
    },
  },
  removeCredential: {
    operation: 'removeCredential',
    touches: ['credentials'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeCredential(desk, act, { organization, credential: pick(rows.credentials, step.a).id }),
  },
  ...callsOfPeople,
} as const satisfies Readonly<Record<string, Call>>

const numbers = fc.nat({ max: 999 })

/** What gives comes often, what takes away for good seldom: or there is soon nothing left. */
const weights: Readonly<Partial<Record<keyof typeof calls, number>>> = {
  createBinding: 6,
  changeBinding: 4,
  addGroupMember: 4,
  changeRole: 3,
  createServiceAccount: 3,
  createClientSecret: 3,
  changeServiceAccount: 3,
  changeCredential: 3,
  removeBinding: 3,
  removeGroupMember: 2,
  createInvitation: 2,
  acceptInvitation: 2,
}

const named = Object.keys(calls) as (keyof typeof calls)[]

export const steps: fc.Arbitrary<Step> = fc.record({
  call: fc.constantFrom(
    ...named.flatMap((call) => Array.from({ length: weights[call] ?? 1 }, () => call)),
  ),
  actor: numbers,
  a: numbers,
  b: numbers,
  c: numbers,
  end: fc.nat({ max: 5 }),
})

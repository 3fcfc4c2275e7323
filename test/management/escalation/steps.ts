/** Calls of management, made of numbers, so that chance can make them and shrinking can take them away. */
import fc from 'fast-check'
import type { BindingSubject, ResourceName } from '../../../src/domain/binding.ts'
import type { OrganizationId } from '../../../src/domain/id.ts'
import type { PermittedOperation } from '../../../src/domain/management-permission.ts'
import type { Result } from '../../../src/domain/result.ts'
import type { NumericDate } from '../../../src/domain/time.ts'
import { later, seconds } from '../../../src/domain/time.ts'
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
import type { Act } from '../../../src/storage/tx.ts'
import type { Desk } from '../desk.ts'
import { description, name, permission, resource } from '../desk.ts'
import type { Rows } from './holdings.ts'

export type Step = {
  readonly call: keyof typeof calls
  readonly actor: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly end: number
}

/** A step in an organization as it is now. */
export type Scene = {
  readonly desk: Desk
  readonly act: Act
  readonly organization: OrganizationId
  readonly rows: Rows
  readonly step: Step
  /** When the story began: ends are so many days after it. */
  readonly begun: NumericDate
}

type Call = {
  readonly operation: PermittedOperation
  readonly make: (scene: Scene) => Promise<Result<unknown, { readonly reason: string }>>
}

/** A step about something of which the organization has none. */
export class NothingThere extends Error {}

let made = 0
const unique = () => name(`made ${(made += 1)}`)
const text = description('')

export const calls = {
  createBinding: {
    operation: 'createBinding',
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
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const { id: binding } = pick(rows.bindings, step.a)
      return changeBinding(desk, act, { organization, binding, expiresAt: endOf(scene) ?? null })
    },
  },
  removeBinding: {
    operation: 'removeBinding',
    make: async ({ desk, act, organization, rows, step }) =>
      removeBinding(desk, act, { organization, binding: pick(rows.bindings, step.a).id }),
  },
  createGroup: {
    operation: 'createGroup',
    make: async ({ desk, act, organization }) =>
      createGroup(desk, act, { organization, name: unique(), description: text }),
  },
  removeGroup: {
    operation: 'removeGroup',
    make: async ({ desk, act, organization, rows, step }) =>
      removeGroup(desk, act, { organization, group: pick(rows.groups, step.a) }),
  },
  addGroupMember: {
    operation: 'addGroupMember',
    make: async ({ desk, act, organization, rows, step }) => {
      const principal = pick(rows.principals, step.b).id
      const group = pick(rows.groups, step.a)
      return addGroupMember(desk, act, { organization, group, principal })
    },
  },
  removeGroupMember: {
    operation: 'removeGroupMember',
    make: async ({ desk, act, organization, rows, step }) =>
      removeGroupMember(desk, act, { organization, ...pick(rows.inGroups, step.a) }),
  },
  createRole: {
    operation: 'createRole',
    make: async (scene) => {
      const { desk, act, organization } = scene
      const permissions = somePermissions(scene)
      const called = { name: unique(), description: text }
      return createRole(desk, act, { organization, ...called, permissions })
    },
  },
  changeRole: {
    operation: 'changeRole',
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
    make: async ({ desk, act, organization, rows, step }) =>
      removeRole(desk, act, { organization, role: pick(rows.roles, step.a).id }),
  },
  changeApi: {
    operation: 'changeApi',
    make: async ({ desk, act, organization, rows, step }) => {
      const { id: api } = pick(rows.apis, step.a)
      const added = { permission: permission(`c${step.b % 3}:read`), description: text }
      return changeApi(desk, act, { organization, api, addPermissions: [added] })
    },
  },
  createServiceAccount: {
    operation: 'createServiceAccount',
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
    make: async ({ desk, act, organization, rows, step }) =>
      removeServiceAccount(desk, act, { organization, account: pick(rows.accounts, step.a) }),
  },
  createClientSecret: {
    operation: 'createCredential',
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const principal = pick(rows.principals, step.a).id
      const input = { organization, principal, name: unique(), expiresAt: endOf(scene) }
      return createClientSecret(desk, act, input)
    },
  },
  changeCredential: {
    operation: 'changeCredential',
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
    make: async ({ desk, act, organization, rows, step }) =>
      removeCredential(desk, act, { organization, credential: pick(rows.credentials, step.a).id }),
  },
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

const daysToEnds = [undefined, undefined, 1, 2, 3, 8]

function endOf({ begun, step }: Scene): NumericDate | undefined {
  const days = daysToEnds[step.end]
  return days === undefined ? undefined : later(begun, seconds(days * 86_400))
}

const resources = [undefined, undefined, 'cluster/one', 'cluster/two']

function resourceOf({ step }: Scene): ResourceName | undefined {
  const chosen = resources[(step.b + step.c) % resources.length]
  return chosen === undefined ? undefined : resource(chosen)
}

function subjectOf({ rows, step: { b, c } }: Scene): BindingSubject {
  return c % 3 === 0
    ? { type: 'group', id: pick(rows.groups, b) }
    : { type: 'principal', id: pick(rows.principals, b).id }
}

/** Permissions of any API, the management API among them. */
function somePermissions({ rows, step: { b, c } }: Scene) {
  const one = pick(rows.offered, b + c)
  return c % 2 === 0 ? [one] : [one, pick(rows.offered, b)]
}

function pick<Item>(items: readonly Item[], at: number): Item {
  const item = items[at % Math.max(items.length, 1)]
  if (item === undefined) throw new NothingThere()
  return item
}

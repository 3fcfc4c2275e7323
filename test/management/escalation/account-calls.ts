/** Calls about accounts and their credentials. */
import {
  changeCredential,
  createClientSecret,
  removeCredential,
} from '../../../src/management/credentials.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  removeServiceAccount,
} from '../../../src/management/service-accounts.ts'
import type { Call } from './scene.ts'
import { endOf, otherState, pick, resourceOf, text, unique } from './scene.ts'

export const callsOfAccounts = {
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
      return changeServiceAccount(desk, act, { organization, account, ...otherState(scene) })
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
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      // Members have none, whoever asks.
      const principal =
        step.b % 8 === 0 ? pick(rows.principals, step.a).id : pick(rows.accounts, step.a)
      const input = { organization, principal, name: unique(), expiresAt: endOf(scene) }
      return createClientSecret(desk, act, input)
    },
  },
  changeCredential: {
    operation: 'changeCredential',
    touches: ['credentials'],
    bySession: true,
    make: async (scene) => {
      const { desk, act, organization, rows, step } = scene
      const { id: credential } = pick(rows.credentials, step.a)
      return changeCredential(desk, act, { organization, credential, ...otherState(scene) })
    },
  },
  removeCredential: {
    operation: 'removeCredential',
    touches: ['credentials'],
    make: async ({ desk, act, organization, rows, step }) =>
      removeCredential(desk, act, { organization, credential: pick(rows.credentials, step.a).id }),
  },
} as const satisfies Readonly<Record<string, Call>>

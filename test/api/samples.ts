import type { OrganizationId, ServiceAccountId } from '../../src/domain/id.ts'
import { addGroupMember } from '../../src/management/groups.ts'
import { createBinding } from '../../src/management/bindings.ts'
import { createClientSecret } from '../../src/management/credentials.ts'
import { roleNamed } from '../support/operator.ts'
import {
  accepted,
  name,
  newAccount,
  newApi,
  newGroup,
  newMember,
  newOrganization,
  newRole,
} from '../management/desk.ts'
import type { Person } from './cast.ts'
import type { World } from './world.ts'

/** What a call of a route carries, so that whoever may call it has it done. */
export type Sample = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An organization with one of everything in it. */
export type Stage = {
  readonly world: World
  readonly organization: OrganizationId
  /** What is there, by what stands for it in paths and bodies. */
  readonly ids: Readonly<Record<string, string>>
}

export async function stageOf(world: World): Promise<Stage> {
  const desk = world.desk()
  const { id: organization } = await newOrganization(desk)
  const { id: principal } = await newAccount(desk, { organization })
  return {
    world,
    organization,
    ids: {
      organization_id: organization,
      service_account_id: principal,
      principal_id: principal,
      credential_id: await freshCredential(world, organization, principal),
      group_id: (await newGroup(desk, organization)).id,
      role_id: (await newRole(desk, organization)).id,
      binding_id: await freshBinding(world, organization),
      api_id: (await newApi(desk, organization)).id,
      member_id: (await newMember(desk, organization)).id,
    },
  }
}

async function freshCredential(
  world: World,
  organization: OrganizationId,
  principal: ServiceAccountId,
) {
  const desk = world.desk()
  const wanted = { organization, principal, name: name('fresh') }
  return accepted(await createClientSecret(desk, desk.act, wanted)).credential.id
}

async function freshBinding(world: World, organization: OrganizationId) {
  const desk = world.desk()
  const role = await roleNamed(desk, organization, 'Viewer')
  const { id } = await newAccount(desk, { organization })
  const subject = { type: 'principal', id } as const
  return accepted(await createBinding(desk, desk.act, { organization, role, subject })).id
}

let samplesMade = 0
function unique(what: string): string {
  samplesMade += 1
  return `sample ${what} ${samplesMade}`
}

type Make = (stage: Stage, person: Person) => Sample | Promise<Sample>

/** Nothing but the place: what is there already. */
const there: Make = ({ ids: params }) => ({ params })
const sending =
  (body: () => unknown): Make =>
  ({ ids: params }) => ({ params, body: body() })
const named = (what: string) => sending(() => ({ name: unique(what) }))

/** A good call of every route, by its operation. What a call uses up is made for it. */
export const samples: Readonly<Record<string, Make>> = {
  listOrganizations: there,
  createOrganization: named('organization'),
  showOrganization: there,
  changeOrganization: named('organization'),
  replaceOrganization: named('organization'),

  listMembers: there,
  showMember: there,
  removeMember: async (stage) => fresh(stage, { member_id: await member(stage) }),
  createRecoveryLink: there,

  listServiceAccounts: there,
  createServiceAccount: named('account'),
  showServiceAccount: there,
  changeServiceAccount: sending(() => ({ description: unique('changed') })),
  replaceServiceAccount: named('account'),
  removeServiceAccount: async (stage) => fresh(stage, { service_account_id: await account(stage) }),
  listRefusals: there,

  listCredentials: there,
  createCredential: async (stage) => ({
    ...fresh(stage, { service_account_id: await account(stage) }),
    body: { name: unique('credential') },
  }),
  showCredential: there,
  changeCredential: named('credential'),
  replaceCredential: named('credential'),
  removeCredential: async (stage) => {
    const { world, organization } = stage
    const principal = await account(stage)
    const credential = await freshCredential(world, organization, principal)
    return fresh(stage, { service_account_id: principal, credential_id: credential })
  },

  listGroups: there,
  createGroup: named('group'),
  showGroup: there,
  changeGroup: named('group'),
  replaceGroup: named('group'),
  removeGroup: async (stage) => fresh(stage, { group_id: await group(stage) }),
  listGroupMembers: there,
  addGroupMember: async (stage) => fresh(stage, { principal_id: await account(stage) }),
  removeGroupMember: async (stage) => {
    const { world, organization } = stage
    const [within, principal] = [await group(stage), await account(stage)]
    const desk = world.desk()
    accepted(await addGroupMember(desk, desk.act, { organization, group: within, principal }))
    return fresh(stage, { group_id: within, principal_id: principal })
  },

  listRoles: there,
  createRole: sending(() => ({ name: unique('role'), permissions: [] })),
  showRole: there,
  changeRole: named('role'),
  replaceRole: sending(() => ({ name: unique('role'), permissions: [] })),
  removeRole: async (stage) => {
    const { world, organization } = stage
    return fresh(stage, { role_id: (await newRole(world.desk(), organization)).id })
  },

  listBindings: there,
  createBinding: async (stage) => ({
    ...fresh(stage, {}),
    body: { role_id: stage.ids['role_id'], principal_id: await account(stage) },
  }),
  showBinding: there,
  changeBinding: sending(() => ({ expires_at: null })),
  replaceBinding: sending(() => ({ expires_at: null })),
  removeBinding: async (stage) => {
    const { world, organization } = stage
    return fresh(stage, { binding_id: await freshBinding(world, organization) })
  },

  listApis: there,
  registerApi: sending(() => ({
    name: unique('api'),
    audience: `https://${unique('api').replaceAll(' ', '-')}.example.com`,
    permissions: [],
  })),
  showApi: there,
  changeApi: named('api'),
  replaceApi: named('api'),
  removeApi: async (stage) => {
    const { world, organization } = stage
    return fresh(stage, { api_id: (await newApi(world.desk(), organization)).id })
  },

  showEffectiveAccess: there,
  previewRemoval: there,

  listAuditEntries: there,
  listDeniedCalls: there,
  listServerAuditEntries: there,
  createAuditCheckpoint: there,
  listPersonsDeniedCalls: there,
  findRefusals: async (stage) => ({ ...fresh(stage, {}), query: `?trace_id=${'a'.repeat(32)}` }),
}

type Where = Pick<Stage, 'world' | 'organization'>

function fresh({ ids }: Stage, made: Readonly<Record<string, string>>): Sample {
  return { params: { ...ids, ...made } }
}

async function account({ world, organization }: Where) {
  return (await newAccount(world.desk(), { organization })).id
}

async function group({ world, organization }: Where) {
  return (await newGroup(world.desk(), organization)).id
}

async function member({ world, organization }: Where) {
  return (await newMember(world.desk(), organization)).id
}

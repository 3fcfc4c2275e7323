import { addGroupMember } from '../../src/management/groups.ts'
import { accepted, newAccount, newApi, newGroup, newMember, newRole } from '../management/desk.ts'
import type { Person } from './cast.ts'
import type { Caller } from './call.ts'
import { done } from './call.ts'
import { ownSamples } from './own-samples.ts'
import { peopleSamples } from './people-samples.ts'
import type { Stage } from './stage.ts'
import { freshApproval, freshAudience, freshBinding, freshCredential } from './stage.ts'

/** What a call of a route carries, so that whoever may call it has it done. */
export type Sample = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Another way in than the one that is at hand. */
  readonly caller?: Caller
  /** What only a secret gets done: how whoever may call it without one is refused. */
  readonly refused?: string
  /** Puts back what others need. */
  readonly after?: () => Promise<void>
}

let samplesMade = 0
function unique(what: string): string {
  samplesMade += 1
  return `sample ${what} ${samplesMade}`
}

/** For somebody who may call it; for all who may not, one that would do for others. */
export type Make = (stage: Stage, person?: Person) => Sample | Promise<Sample>

/** Nothing but the place: what is there already. */
const there: Make = ({ ids: params }) => ({ params })
const sending =
  (body: () => unknown): Make =>
  ({ ids: params }) => ({ params, body: body() })
const named = (what: string) => sending(() => ({ name: unique(what) }))

/** A good call of every route, by its operation. What a call uses up is made for it. */
export const samples: Readonly<Record<string, Make>> = {
  ...peopleSamples,
  ...ownSamples,
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
  replaceBinding: async (stage) => {
    const { id, role, account: holder } = await freshBinding(stage.world, stage.organization)
    return {
      ...fresh(stage, { binding_id: id }),
      body: { role_id: role, principal_id: holder, expires_at: null },
    }
  },
  removeBinding: async (stage) => {
    const { id } = await freshBinding(stage.world, stage.organization)
    return fresh(stage, { binding_id: id })
  },

  listApis: there,
  registerApi: (stage) => ({
    ...fresh(stage, {}),
    body: {
      name: unique('api'),
      audience: `${stage.world.issuer}/o/${stage.organization}/${unique('api').replaceAll(' ', '-')}`,
      permissions: [],
    },
  }),
  showApi: there,
  changeApi: named('api'),
  replaceApi: async (stage) => {
    const api = await newApi(stage.world.desk(), stage.organization)
    const body = { name: unique('api'), audience: api.audience, permissions: [] }
    return { ...fresh(stage, { api_id: api.id }), body }
  },
  removeApi: async (stage) => {
    const { world, organization } = stage
    return fresh(stage, { api_id: (await newApi(world.desk(), organization)).id })
  },

  showEffectiveAccess: there,
  previewRemoval: there,

  listAudienceApprovals: there,
  approveAudience: (stage) => ({
    body: { organization_id: stage.organization, audience: freshAudience() },
  }),
  showAudienceApproval: there,
  withdrawAudienceApproval: async (stage) =>
    fresh(stage, { audience_approval_id: await freshApproval(stage.world, stage.organization) }),

  listSigningKeys: there,
  rotateSigningKeys: sending(() => ({})),
  // One that does not sign yet: what others have come with stays good.
  revokeSigningKey: async ({ world }, person) => {
    if (person === undefined) return { params: { kid: 'k'.repeat(43) } }
    const listed = await done(world, person.caller, { method: 'GET', path: '/signing-keys' })
    const keys: readonly { readonly kid: string; readonly state: string }[] = listed.items
    return { params: { kid: keys.find(({ state }) => state === 'next')?.kid ?? 'none' } }
  },

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

/** Two organizations with people and accounts of several strengths, for escalation to be tried in. */
import type { Api } from '../../../src/domain/api.ts'
import type { OrganizationId, PersonId } from '../../../src/domain/id.ts'
import { managementPermissions } from '../../../src/domain/management-permission.ts'
import { accept } from '../../../src/domain/result.ts'
import { listApis } from '../../../src/management/apis.ts'
import { inTransaction } from '../../../src/storage/transaction.ts'
import type { Desk } from '../desk.ts'
import { accepted, newApi, newOrganization } from '../desk.ts'
import { builtInRole } from '../people.ts'
import type { Place } from './making.ts'
import { enter, makeAccount, makeGroup, makeKey, makeMember, makeRole } from './making.ts'

export const allOfManagement = Object.keys(managementPermissions)

/** An organization, and who is in it, by what they are. */
export type Tenant = Awaited<ReturnType<typeof newTenant>>

type Wishes = {
  /** A person who is a member elsewhere, too. */
  readonly guest?: PersonId
  /** Whether the second Owner is none, so that the first is the last. */
  readonly oneOwner?: boolean
}

export async function newTenant(desk: Desk, { guest, oneOwner = false }: Wishes = {}) {
  const { id: organization } = await newOrganization(desk)
  const api = await newApi(desk, organization, ['a:read', 'a:write', 'b:read'])
  const management = await managementApiOf(desk, organization)
  const builtIn = {
    owner: { id: await builtInRole(desk, organization, 'owner') },
    manager: { id: await builtInRole(desk, organization, 'memberManager') },
    viewer: { id: await builtInRole(desk, organization, 'viewer') },
  }
  return accepted(
    await inTransaction(desk.db, organization, desk.act, async (tx) => {
      const place = { tx, desk, organization }
      const roles = { ...builtIn, ...(await newRoles(place, api, management)) }
      const groups = await newGroups(place, roles)
      const accounts = await newAccounts(place, roles)
      const who = {
        ...(await newMembers(place, roles)),
        second: await makeMember(place, 'second', {
          held: [[oneOwner ? roles.viewer : roles.owner]],
        }),
        guest: await makeMember(place, 'guest', { held: [], person: guest }),
        overseer: await makeMember(place, 'overseer', {
          held: [[roles.manager]],
          isOperator: true,
        }),
        ...accounts.who,
      }
      await enter(place, groups.strong, who.inGroup)
      const key = await makeKey(place, who.owner)
      return accept({
        value: { organization, api, roles, groups, who, secrets: accounts.secrets, key },
        audit: [
          { kind: 'organization.changed', target: { type: 'organization', id: organization } },
        ],
        changes: [{ kind: 'organization', organization, subject: organization }],
      })
    }),
  )
}

function over(of: Api, ...held: readonly string[]) {
  return held.map((one) => [of, one] as const)
}

async function newRoles(place: Place, api: Api, management: Api) {
  return {
    reader: await makeRole(place, 'reader', over(api, 'a:read')),
    writer: await makeRole(place, 'writer', over(api, 'a:write')),
    granter: await makeRole(place, 'granter', over(management, 'bindings:manage', 'groups:manage')),
    inviter: await makeRole(place, 'inviter', over(management, 'members:manage')),
    editor: await makeRole(place, 'editor', over(management, 'roles:manage', 'apis:manage')),
    keeper: await makeRole(
      place,
      'keeper',
      over(management, 'service-accounts:manage', 'credentials:manage'),
    ),
  }
}

type Roles = Awaited<ReturnType<typeof newRoles>> &
  Readonly<
    Record<'owner' | 'manager' | 'viewer', { readonly id: Awaited<ReturnType<typeof builtInRole>> }>
  >

async function newGroups(place: Place, roles: Roles) {
  return {
    strong: await makeGroup(place, 'strong', [[roles.manager], [roles.writer]]),
    weak: await makeGroup(place, 'weak', [[roles.reader, { days: 5 }]]),
  }
}

async function newMembers(place: Place, roles: Roles) {
  const member = async (called: string, ...held: Parameters<typeof makeMember>[2]['held']) =>
    makeMember(place, called, { held })
  return {
    owner: await member('owner', [roles.owner]),
    manager: await member('manager', [roles.manager], [roles.reader]),
    granter: await member('granter', [roles.granter], [roles.reader]),
    editor: await member('editor', [roles.editor], [roles.reader, { days: 9 }]),
    keeper: await member('keeper', [roles.keeper], [roles.granter, { days: 1 }]),
    forNow: await member('forNow', [roles.owner, { days: 2 }]),
    somewhere: await member(
      'somewhere',
      [roles.owner, { resource: 'cluster/one' }],
      [roles.granter],
    ),
    viewer: await member('viewer', [roles.viewer]),
    inviter: await member('inviter', [roles.inviter], [roles.reader]),
    inGroup: await member('inGroup', [roles.keeper]),
  }
}

async function newAccounts(place: Place, roles: Roles) {
  const robot = [[roles.manager], [roles.writer, { resource: 'cluster/one' }]] as const
  const machine = await makeAccount(place, 'machine', { held: [[roles.owner]] })
  const weaker = await makeAccount(place, 'robot', { held: robot })
  const ending = await makeAccount(place, 'ending', { held: [[roles.owner]], days: 3 })
  return {
    who: { machine: machine.id, robot: weaker.id, ending: ending.id },
    secrets: new Map([machine, weaker, ending].map(({ id, secret }) => [id, secret])),
  }
}

async function managementApiOf(desk: Desk, organization: OrganizationId): Promise<Api> {
  const { items } = await listApis(desk, organization)
  const api = items.find(({ builtIn }) => builtIn)
  if (api === undefined) throw new Error('no management API')
  return api
}

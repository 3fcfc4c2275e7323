import { sql } from 'kysely'
import { credentialsMax } from '../../../../src/management/credentials.ts'
import { applicationKeysMax } from '../../../../src/management/application-keys.ts'
import { bindingsOfSubjectMax } from '../../../../src/management/bindings.ts'
import { groupsOfPrincipalMax, membersOfGroupMax } from '../../../../src/management/groups.ts'
import { newApi, newGroup } from '../../../management/desk.ts'
import type { Refused } from './scene.ts'
import { account, fresh, made, madeNow, rawly, roleCalled, series } from './scene.ts'

const [invitationsMax, chainsMax] = [1000, 100_000]

/** As many as there can be, and one more. */
export const limitRefusals = {
  credentials_too_many: async (scene) => {
    const path = `${scene.own}/service-accounts/${(await account(scene)).id}/credentials`
    for (let count = 0; count < credentialsMax; count += 1) {
      await made(scene.owner.call, path, { name: fresh() })
    }
    return scene.owner.call('POST', path, { name: fresh() })
  },
  application_keys_too_many: async ({ owner, own }) => {
    for (let key = 0; key < applicationKeysMax; key += 1) {
      await made(owner.call, `${own}/application-keys`, {})
    }
    return owner.call('POST', `${own}/application-keys`, {})
  },
  permissions_too_many: async ({ api, owner, own }) => {
    const names = Array.from({ length: 101 }, (_, each) => `orders:read-${each}`)
    const permissions = []
    for (let each = 0; each < 2; each += 1) {
      const { audience } = await newApi(api.desk(), owner.organization, names)
      permissions.push({ audience, permissions: names })
    }
    return owner.call('POST', `${own}/roles`, { name: fresh(), permissions })
  },
  groups_too_many: async (scene) => {
    const { api, owner, own } = scene
    const { organization } = owner
    const { id } = await account(scene)
    await rawly(
      scene,
      sql`insert into group_member select ${organization}, ${id} || n, ${id}
        from ${series(groupsOfPrincipalMax)}`,
      sql`insert into principal_group (organization_id, id, name, description,
          created_at, created_by_id, created_by_name)
        select ${organization}, ${id} || n, ${id} || n, '', ${madeNow}
        from ${series(groupsOfPrincipalMax)}`,
    )
    const { id: group } = await newGroup(api.desk(), organization)
    return owner.call('PUT', `${own}/groups/${group}/members/${id}`)
  },
  members_too_many: async (scene) => {
    const { api, owner, own } = scene
    const { id: group } = await newGroup(api.desk(), owner.organization)
    await rawly(
      scene,
      sql`insert into group_member select ${owner.organization}, ${group}, 'mem_' || n
        from ${series(membersOfGroupMax)}`,
    )
    return owner.call('PUT', `${own}/groups/${group}/members/${(await account(scene)).id}`)
  },
  bindings_too_many: async (scene) => {
    const { owner, own } = scene
    const { id } = await account(scene)
    const role = await roleCalled(scene, 'Viewer')
    await rawly(
      scene,
      sql`insert into binding (organization_id, id, role_id, principal_id, resource,
          created_at, created_by_id, created_by_name)
        select ${owner.organization}, ${id} || n, ${role}, ${id}, 'cluster/' || n, ${madeNow}
        from ${series(bindingsOfSubjectMax)}`,
    )
    return owner.call('POST', `${own}/bindings`, { role_id: role, principal_id: id })
  },
  invitations_too_many: async (scene) => {
    const { api } = scene
    const owner = await api.owned()
    const { organization } = owner
    await rawly(
      scene,
      sql`insert into invitation (organization_id, id, email, token_hash, expires_at,
          created_at, created_by_id, created_by_name)
        select ${organization}, ${organization} || n, n || '@example.com',
          convert_to(${organization} || n, 'UTF8'), '2100-01-01T00:00:00Z', ${madeNow}
        from ${series(invitationsMax)}`,
    )
    const path = `/organizations/${organization}/invitations`
    // One that has ended makes room for another.
    await rawly(
      scene,
      sql`update invitation set expires_at = '2001-01-01T00:00:00Z'
      where organization_id = ${organization} and email = '1@example.com'`,
    )
    const { status } = await owner.call('POST', path, { email: 'in-its-place@example.com' })
    if (status !== 201) throw new Error(`no room: ${status}`)
    const body = { email: 'one-more@example.com' }
    return owner.call('POST', path, body)
  },
  /** The last one: whatever signs where all chains end is refused from then on. */
  chains_too_many: async (scene) => {
    await rawly(
      scene,
      sql`insert into organization (id, name, created_at, created_by_id, created_by_name)
        select 'org_' || n, 'bulk ' || n, ${madeNow} from ${series(chainsMax)}`,
    )
    return scene.operator.call('POST', '/audit-checkpoints')
  },
} as const satisfies Readonly<Record<string, Refused>>

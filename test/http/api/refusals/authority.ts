import { sql } from 'kysely'
import type { Refused, Scene } from './scene.ts'
import { account, rawly, roleCalled, stranger } from './scene.ts'

/** Members who manage members, and hold little else. */
async function manager({ api, owner }: Scene) {
  return api.member(owner.organization, ['Member manager'])
}

/** The binding that makes somebody an Owner. */
async function ownersBinding({ owner, own }: Scene, id: string): Promise<string> {
  const { body } = await owner.call('GET', `${own}/bindings?principal_id=${id}`)
  return body.items[0].id
}

const revoking: Refused = async ({ operator }) =>
  operator.call('POST', `/signing-keys/${'k'.repeat(43)}/revoke`)

export const authorityRefusals = {
  permission_missing: async ({ api, owner, own }) => {
    const viewer = await api.member(owner.organization, ['Viewer'])
    return viewer.call('DELETE', `${own}/members/${viewer.id}`)
  },
  organization_disabled: async ({ api, operator }) => {
    const { organization, call } = await api.owned()
    await operator.call('PATCH', `/organizations/${organization}`, { enabled: false })
    return call('GET', `/organizations/${organization}/service-accounts`)
  },
  permission_not_held: async (scene) => {
    const { call } = await manager(scene)
    const role = await roleCalled(scene, 'Owner')
    const principal = (await account(scene)).id
    const binding = { role_id: role, principal_id: principal }
    return call('POST', `${scene.own}/bindings`, binding)
  },
  authority_insufficient: async (scene) => {
    const { call } = await manager(scene)
    const second = await scene.api.member(scene.owner.organization, ['Owner'])
    return call('DELETE', `${scene.own}/bindings/${await ownersBinding(scene, second.id)}`)
  },
  last_owner: async ({ api }) => {
    const alone = await api.owned()
    return alone.call('DELETE', `/organizations/${alone.organization}/members/${alone.id}`)
  },
  operator_needed: async ({ owner }) => owner.call('GET', '/operators'),
  session_needed: async ({ api, owner, own }) => {
    const robot = await api.account(owner.organization, ['Owner'])
    return robot.call('POST', `${own}/application-keys`, {})
  },
  audience_approval_unknown: async ({ api, operator }) =>
    operator.call('GET', `/audience-approvals/${api.desk().random.id('audience_approval')}`),
  membership_unknown: async ({ api, owner, own }) =>
    owner.call('GET', `${own}/members/${api.desk().random.id('member')}`),
  person_unknown: async ({ api, operator }) =>
    operator.call('PUT', `/operators/${api.desk().random.id('person')}`),
  operator_unknown: async (scene) =>
    scene.operator.call('DELETE', `/operators/${(await stranger(scene)).person}`),
  last_operator: async ({ operator }) => operator.call('DELETE', `/operators/${operator.person}`),

  signing_key_unknown: revoking,
  signing_alg_unused: async ({ operator }) =>
    operator.call('POST', '/signing-keys/rotate', { alg: 'RS256' }),
  key_encryption_key_not_held: async (scene) => {
    const held = sql`(select max(key_encryption_key_id) from signing_key)`
    await rawly(scene, sql`update server set key_encryption_key_id = 'of another'`)
    try {
      return await revoking(scene)
    } finally {
      await rawly(scene, sql`update server set key_encryption_key_id = ${held}`)
    }
  },
  checkpoint_key_missing: async (scene) => {
    const { call } = scene.operator
    await call('POST', '/audit-checkpoints')
    const ofCheckpoints = sql`where use = 'audit_checkpoint'`
    await rawly(scene, sql`update signing_key set sealed_private_key = 'damaged' ${ofCheckpoints}`)
    const answer = await call('POST', '/audit-checkpoints')
    await rawly(scene, sql`delete from signing_key ${ofCheckpoints}`)
    return answer
  },
} as const satisfies Readonly<Record<string, Refused>>

import { managementAudience } from '../../../../src/domain/management-permission.ts'
import { newApi, newGroup, newRole } from '../../../management/desk.ts'
import type { Refused, Scene } from './scene.ts'
import { account, fresh, made, roleCalled } from './scene.ts'

/** Showing what is not there. */
const missing =
  (
    path: string,
    noun: Parameters<Scene['api']['house']['management']['random']['id']>[0],
  ): Refused =>
  async ({ api, owner, own }) =>
    owner.call('GET', `${own}/${path}/${api.desk().random.id(noun)}`)

/** Making two things of one name. */
const named =
  (path: string, more: object = {}): Refused =>
  async ({ owner, own }) => {
    const body = { name: fresh(), ...more }
    await made(owner.call, `${own}/${path}`, body)
    return owner.call('POST', `${own}/${path}`, body)
  }

async function credentials(scene: Scene): Promise<string> {
  return `${scene.own}/service-accounts/${(await account(scene)).id}/credentials`
}

/** An API of the organization with a permission that a role holds. */
async function heldApi({ api, owner }: Scene) {
  const desk = api.desk()
  const offering = await newApi(desk, owner.organization, ['orders:read'])
  await newRole(desk, owner.organization, [[offering, 'orders:read']])
  return offering
}

async function builtInApi({ api, owner, own }: Scene): Promise<string> {
  const audience = encodeURIComponent(managementAudience(api.issuer))
  return (await owner.call('GET', `${own}/apis?audience=${audience}`)).body.items[0].id
}

const registering =
  (audience: (scene: Scene) => string): Refused =>
  async (scene) =>
    scene.owner.call('POST', `${scene.own}/apis`, { name: fresh(), audience: audience(scene) })

const hash = `$argon2id$v=19$m=1024,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

export const nounRefusals = {
  organization_unknown: async ({ owner, operator }) =>
    owner.call('GET', `/organizations/${operator.organization}`),
  organization_name_taken: async ({ operator }) => {
    const body = { name: fresh() }
    await made(operator.call, '/organizations', body)
    return operator.call('POST', '/organizations', body)
  },
  audience_unknown: async ({ owner, own }) =>
    owner.call('PATCH', own, { default_audience: 'https://nowhere.example.com' }),

  service_account_unknown: missing('service-accounts', 'service_account'),
  service_account_name_taken: named('service-accounts'),
  principal_unknown: async ({ api, owner, own }) =>
    owner.call('GET', `${own}/principals/${api.desk().random.id('member')}/effective-access`),

  credential_unknown: async (scene) =>
    scene.owner.call(
      'GET',
      `${await credentials(scene)}/${scene.api.desk().random.id('credential')}`,
    ),
  credential_name_taken: async (scene) => {
    const path = await credentials(scene)
    await made(scene.owner.call, path, { name: 'first' })
    return scene.owner.call('POST', path, { name: 'first' })
  },
  handle_taken: async (scene) => {
    const path = await credentials(scene)
    const body = { handle: 'refusalsrefusals', hash }
    await made(scene.owner.call, path, { name: 'one', ...body })
    return scene.owner.call('POST', path, { name: 'other', ...body })
  },
  application_key_unknown: missing('application-keys', 'application_key'),

  api_unknown: missing('apis', 'api'),
  api_built_in: async (scene) =>
    scene.owner.call('DELETE', `${scene.own}/apis/${await builtInApi(scene)}`),
  api_name_taken: async ({ api, owner, own }) => {
    const { name } = await newApi(api.desk(), owner.organization)
    const audience = `${api.issuer}${own.replace('organizations', 'o')}/names`
    return owner.call('POST', `${own}/apis`, { name, audience })
  },
  audience_taken: async ({ api, owner, own }) => {
    const audience = `${api.issuer}/o/${owner.organization}/twice`
    await made(owner.call, `${own}/apis`, { name: fresh(), audience })
    return owner.call('POST', `${own}/apis`, { name: fresh(), audience })
  },
  audience_reserved: registering(({ api }) => `${api.issuer}/mine`),
  audience_needs_operator: registering(() => 'https://not-approved.example.com'),
  api_in_use: async (scene) =>
    scene.owner.call('DELETE', `${scene.own}/apis/${(await heldApi(scene)).id}`),
  permission_unknown: async ({ api, owner, own }) => {
    const { audience } = await newApi(api.desk(), owner.organization)
    const permissions = [{ audience, permissions: ['orders:read'] }]
    return owner.call('POST', `${own}/roles`, { name: fresh(), permissions })
  },
  permission_in_use: async (scene) => {
    const path = `${scene.own}/apis/${(await heldApi(scene)).id}`
    return scene.owner.call('PATCH', path, { permissions: [] })
  },

  role_unknown: missing('roles', 'role'),
  role_name_taken: named('roles'),
  role_built_in: async (scene) =>
    scene.owner.call('DELETE', `${scene.own}/roles/${await roleCalled(scene, 'Owner')}`),
  role_in_use: async (scene) => {
    const role = await made(scene.owner.call, `${scene.own}/roles`, { name: fresh() })
    const { id } = await account(scene)
    const binding = { role_id: role.id, principal_id: id }
    await made(scene.owner.call, `${scene.own}/bindings`, binding)
    return scene.owner.call('DELETE', `${scene.own}/roles/${role.id}`)
  },
  group_unknown: missing('groups', 'group'),
  group_name_taken: named('groups'),
  member_unknown: async (scene) => {
    const group = await newGroup(scene.api.desk(), scene.owner.organization)
    const { id } = await account(scene)
    return scene.owner.call('DELETE', `${scene.own}/groups/${group.id}/members/${id}`)
  },
  binding_unknown: missing('bindings', 'binding'),
  binding_exists: async (scene) => {
    const role = await roleCalled(scene, 'Viewer')
    const binding = { role_id: role, principal_id: (await account(scene)).id }
    await made(scene.owner.call, `${scene.own}/bindings`, binding)
    return scene.owner.call('POST', `${scene.own}/bindings`, binding)
  },

  version_mismatched: async ({ owner, own }) =>
    owner.call('PATCH', own, { name: fresh() }, { 'if-match': '"99"' }),
  expiry_past: async ({ owner, own }) =>
    owner.call('POST', `${own}/service-accounts`, {
      name: fresh(),
      expires_at: '1990-01-01T00:00:00Z',
    }),
  idempotency_key_reused: async ({ owner, own }) => {
    const key = { 'idempotency-key': 'refusals' }
    await owner.call('POST', `${own}/groups`, { name: fresh() }, key)
    return owner.call('POST', `${own}/groups`, { name: fresh() }, key)
  },
} as const satisfies Readonly<Record<string, Refused>>

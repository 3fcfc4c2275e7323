import { setTimeout as pause } from 'node:timers/promises'
import { demoSecret } from '../../src/cli/demo.ts'
import type { Audience } from '../../src/domain/api.ts'
import { parseAudience } from '../../src/domain/api.ts'
import type { ApiId, GroupId, OrganizationId, RoleId } from '../../src/domain/id.ts'
import type { Description, Name } from '../../src/domain/name.ts'
import { parseName } from '../../src/domain/name.ts'
import type { Permission } from '../../src/domain/permission.ts'
import { parsePermission } from '../../src/domain/permission.ts'
import type { SigningAlg } from '../../src/domain/signing-alg.ts'
import type { NumericDate, Seconds } from '../../src/domain/time.ts'
import { registerApi } from '../../src/management/apis.ts'
import { createOrganization } from '../../src/management/organizations.ts'
import type { GrantedRole } from '../../src/management/given-access.ts'
import { createServiceAccount } from '../../src/management/service-accounts.ts'
import { createGroup } from '../../src/management/groups.ts'
import { createRole } from '../../src/management/roles.ts'
import type { TestClient } from '../support/fixtures.ts'
import { requestToken } from '../support/fixtures.ts'
import type { TestHouse } from '../support/house.ts'
import { accepted } from '../support/operator.ts'

// What is added here is added through the management verbs, like everything in a real server.

type Place = Pick<TestHouse, 'house' | 'act' | 'caughtUp'>

const noDescription = '' as Description
let count = 0
const nextName = (what: string) => name(`${what} ${(count += 1)}`)

export function name(text: string): Name {
  return valid(parseName(text), text)
}

function permission(text: string): Permission {
  return valid(parsePermission(text), text)
}

/** An API with permissions `<object>:read`, by their objects. */
export async function addApi(
  { house, act }: Place,
  organization: OrganizationId,
  api: {
    readonly audience: string
    readonly objects: readonly string[]
    readonly tokenLifetime?: Seconds
    readonly signingAlg?: SigningAlg
  },
): Promise<{ readonly id: ApiId; readonly audience: Audience }> {
  return accepted(
    await registerApi(house.management, act(), {
      organization,
      name: nextName('API'),
      audience: valid(parseAudience(api.audience), api.audience),
      tokenLifetime: api.tokenLifetime,
      signingAlg: api.signingAlg,
      permissions: api.objects.map((object) => ({
        permission: permission(`${object}:read`),
        description: noDescription,
      })),
    }),
  )
}

/** An organization with an API of its own and a role that holds one permission there. */
export async function addTenant(place: Place) {
  const { house, act } = place
  const tenant = await createOrganization(house.management, act(), { name: nextName('Tenant') })
  const organization = accepted(tenant).id
  const audience = `https://api-${(count += 1)}.example.com`
  const api = await addApi(place, organization, { audience, objects: ['orders'] })
  const role = await addRole(place, organization, { api: api.id, objects: ['orders'] })
  return { organization, api, role }
}

/** An organization with an API whose tokens are signed with an algorithm, and who gets them. */
export async function addSignedApi(place: Place, signingAlg: SigningAlg) {
  const tenant = await createOrganization(place.house.management, place.act(), {
    name: nextName('Tenant'),
  })
  const organization = accepted(tenant).id
  const audience = `https://signed-${(count += 1)}.example.com`
  const api = await addApi(place, organization, { audience, objects: ['orders'], signingAlg })
  const role = await addRole(place, organization, { api: api.id, objects: ['orders'] })
  const client = await addClient(place, organization, { roles: [{ role }] })
  return { organization, api, client }
}

const patienceMilliseconds = 10_000

/** A token for an API whose first key may just be being made: until then it is 503, come back soon. */
export async function tokenSoon(
  place: Pick<TestHouse, 'issuer'>,
  client: TestClient,
): Promise<string> {
  const giveUpAt = performance.now() + patienceMilliseconds
  for (;;) {
    const response = await requestToken(place, client)
    const body = (await response.json()) as { access_token?: string }
    if (body.access_token !== undefined) return body.access_token
    const soon = response.status === 503 && response.headers.get('retry-after') === '1'
    if (!soon || performance.now() > giveUpAt) throw new Error(JSON.stringify(body))
    await pause(20)
  }
}

/** A role with the permission `<object>:read` of each object. */
export async function addRole(
  { house, act }: Place,
  organization: OrganizationId,
  role: { readonly api: ApiId; readonly objects: readonly string[]; readonly name?: string },
): Promise<RoleId> {
  const created = await createRole(house.management, act(), {
    organization,
    name: role.name === undefined ? nextName('Role') : name(role.name),
    description: noDescription,
    permissions: role.objects.map((object) => ({
      api: role.api,
      permission: permission(`${object}:read`),
    })),
  })
  return accepted(created).id
}

export async function addGroup(
  { house, act }: Place,
  organization: OrganizationId,
  text: string,
): Promise<GroupId> {
  const group = { organization, name: name(text), description: noDescription }
  return accepted(await createGroup(house.management, act(), group)).id
}

/** An account with a secret. */
export async function addClient(
  place: Place,
  organization: OrganizationId,
  account: {
    readonly roles?: readonly GrantedRole[]
    readonly groups?: readonly GroupId[]
    readonly tokenLifetime?: Seconds
    readonly expiresAt?: NumericDate
  } = {},
): Promise<TestClient> {
  const { management } = place.house
  const made = await createServiceAccount(management, place.act(), {
    organization,
    name: nextName('account'),
    description: noDescription,
    ...account,
  })
  const { id } = accepted(made)
  const secret = await demoSecret(management, place.act(), { organization, account: id, name: 'a' })
  await place.caughtUp()
  return { id, secret }
}

/** What an error says, but for the trace id. */
export async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const { trace_id: _, ...rest } = (await response.json()) as Record<string, unknown>
  return rest
}

/** A token request as it is: every part of it is given. */
export function post(
  { issuer }: Pick<TestHouse, 'issuer'>,
  request: {
    readonly headers?: Record<string, string>
    readonly body?: string
    readonly query?: string
  },
): Promise<Response> {
  return fetch(`${issuer}/oauth2/token${request.query ?? ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...request.headers },
    body: request.body ?? 'grant_type=client_credentials',
  })
}

export function basic({ id, secret }: { readonly id: string; readonly secret: string }) {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

function valid<Value>(value: Value | undefined, text: string): Value {
  if (value === undefined) throw new Error(`malformed: ${text}`)
  return value
}

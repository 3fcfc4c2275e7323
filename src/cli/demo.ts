import { parseAudience } from '../domain/api.ts'
import type { Audience } from '../domain/api.ts'
import { parseResourceName } from '../domain/binding.ts'
import type { OrganizationId, ServiceAccountId } from '../domain/id.ts'
import { parseDescription, parseName } from '../domain/name.ts'
import { parsePermission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import type { ClientSecret } from '../domain/secret.ts'
import { registerApi } from '../management/apis.ts'
import { createBinding } from '../management/bindings.ts'
import { createClientSecret } from '../management/credentials.ts'
import { createGroup } from '../management/groups.ts'
import { changeOrganization, createOrganization } from '../management/organizations.ts'
import type { ManagementPorts } from '../management/ports.ts'
import { createRole } from '../management/roles.ts'
import { createServiceAccount } from '../management/service-accounts.ts'
import type { Act } from '../storage/tx.ts'

/** Something to try the server with: see `seedDemo`. */
export type Demo = {
  readonly organization: OrganizationId
  readonly audience: Audience
  /** Holds its roles directly: `deployer` on the organization, `node-restarter` on one cluster. */
  readonly terraform: DemoAccount
  /** Holds them through the group `platform`: `reader` on the organization, `node-restarter` on one cluster. */
  readonly ci: DemoAccount
}

export type DemoAccount = { readonly id: ServiceAccountId; readonly name: string }

/** The organization of the demo. */
export const demoName = 'Demo'

const demoAudience = 'https://deploy.example.com'

const demoPermissions = [
  permission('deployments:read', 'See deployments'),
  permission('deployments:write', 'Make and change deployments'),
  permission('nodes:restart', 'Restart the nodes of a cluster'),
]

/** Makes one organization with an API, roles, a group and two accounts, without secrets. */
export async function seedDemo(ports: ManagementPorts, act: Act): Promise<Demo> {
  const { id: organization } = done(
    await createOrganization(ports, act, { name: valid(demoName, parseName) }),
  )
  const place = { organization, description: valid('', parseDescription) }
  const api = done(
    await registerApi(ports, act, {
      organization,
      name: valid('Deployments', parseName),
      audience: valid(demoAudience, parseAudience),
      permissions: demoPermissions,
    }),
  )
  done(await changeOrganization(ports, act, { organization, defaultAudience: api.audience }))
  const role = async (name: string, ...permissions: readonly string[]) => {
    const held = permissions.map((text) => ({
      api: api.id,
      permission: valid(text, parsePermission),
    }))
    return done(
      await createRole(ports, act, { ...place, name: valid(name, parseName), permissions: held }),
    )
  }
  const reader = await role('reader', 'deployments:read')
  const deployer = await role('deployer', 'deployments:read', 'deployments:write')
  const restarter = await role('node-restarter', 'nodes:restart')
  const cluster = (name: string) => valid(`cluster/${name}`, parseResourceName)

  const platform = done(
    await createGroup(ports, act, { ...place, name: valid('platform', parseName) }),
  )
  const subject = { type: 'group', id: platform.id } as const
  done(await createBinding(ports, act, { organization, role: reader.id, subject }))
  const resource = cluster('staging')
  done(await createBinding(ports, act, { organization, role: restarter.id, subject, resource }))

  const terraform = done(
    await createServiceAccount(ports, act, {
      ...place,
      name: valid('terraform', parseName),
      roles: [{ role: deployer.id }, { role: restarter.id, resource: cluster('prod-eu') }],
    }),
  )
  const ci = done(
    await createServiceAccount(ports, act, {
      ...place,
      name: valid('ci', parseName),
      groups: [platform.id],
    }),
  )
  return { organization, audience: api.audience, terraform, ci }
}

/** Makes a new secret for a demo account. */
export async function demoSecret(
  ports: ManagementPorts,
  act: Act,
  { organization, account, name }: DemoSecret,
): Promise<ClientSecret> {
  const input = { organization, principal: account, name: valid(name, parseName) }
  return done(await createClientSecret(ports, act, input)).secret
}

type DemoSecret = {
  readonly organization: OrganizationId
  readonly account: ServiceAccountId
  readonly name: string
}

function permission(text: string, description: string) {
  return {
    permission: valid(text, parsePermission),
    description: valid(description, parseDescription),
  }
}

function valid<Value>(text: string, parse: (text: string) => Value | undefined): Value {
  const value = parse(text)
  if (value === undefined) throw new Error(`the demo has a malformed value: ${text}`)
  return value
}

function done<Value, Refusal extends { readonly reason: string }>(
  outcome: Result<Value, Refusal>,
): Value {
  if (!outcome.ok) throw new Error(`the demo was refused: ${outcome.refusal.reason}`)
  return outcome.value
}

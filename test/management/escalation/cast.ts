/** Who acts in tests of escalation, and what the answers look like. */
import { expect } from 'vitest'
import type { Actor } from '../../../src/domain/audit.ts'
import type {
  CredentialId,
  OrganizationId,
  PrincipalId,
  ServiceAccountId,
} from '../../../src/domain/id.ts'
import type { Permission } from '../../../src/domain/permission.ts'
import type { Result } from '../../../src/domain/result.ts'
import type { BindingPlace } from '../../../src/management/bindings.ts'
import { listBindings } from '../../../src/management/bindings.ts'
import { createClientSecret } from '../../../src/management/credentials.ts'
import type { Act } from '../../../src/storage/tx.ts'
import type { Desk } from '../desk.ts'
import { accepted, name, newAccount, permission } from '../desk.ts'
import type { Tenant } from './world.ts'
import { bySession, byToken } from './actors.ts'

type Member = Exclude<keyof Tenant['who'], 'machine' | 'robot' | 'ending'>

/** Acts of those who are in an organization, and things of theirs. */
export function castOf(desk: () => Desk, mine: () => Tenant) {
  const acting = (actor: Actor): Act => ({ ...desk().act, actor })
  return {
    acting,
    as: (who: Member): Act => acting(bySession(mine().organization, mine().who[who])),
    /** The account that is an Owner, by a token of this scope. */
    asMachine: (scope?: readonly string[]): Act =>
      acting(tokenOf(mine(), 'machine', scope?.map(permission))),
    account: async (): Promise<ServiceAccountId> =>
      (await newAccount(desk(), { organization: mine().organization })).id,
    bindingOf: async (id: PrincipalId, role: keyof Tenant['roles']): Promise<BindingPlace> =>
      bindingIn(desk(), mine(), id, role),
    secretOf: async (principal: PrincipalId) => secretIn(desk(), mine().organization, principal),
  }
}

/** One of the tenant's accounts, by a token that it got with its secret. */
export function tokenOf(
  { organization, who, secrets }: Tenant,
  account: 'machine' | 'robot' | 'ending',
  scope?: readonly Permission[],
): Actor {
  const id = who[account]
  const secret = secrets.get(id)
  if (secret === undefined) throw new Error(`${account} has no secret`)
  return byToken(organization, id, secret, scope)
}

async function bindingIn(
  desk: Desk,
  { organization, roles }: Tenant,
  id: PrincipalId,
  role: keyof Tenant['roles'],
): Promise<BindingPlace> {
  const filter = { role: roles[role].id, subject: to(id) }
  const { items } = await listBindings(desk, organization, filter)
  const [binding] = items
  if (binding === undefined) throw new Error(`no binding of ${role}`)
  return { organization, binding: binding.id }
}

async function secretIn(
  desk: Desk,
  organization: OrganizationId,
  principal: PrincipalId,
): Promise<{ readonly organization: OrganizationId; readonly credential: CredentialId }> {
  const input = { organization, principal, name: name(`for ${principal}`) }
  const { credential } = accepted(await createClientSecret(desk, desk.act, input))
  return { organization, credential: credential.id }
}

export const to = (id: PrincipalId) => ({ type: 'principal', id }) as const

export function refusalOf(outcome: Result<unknown, unknown>): unknown {
  return outcome.ok ? 'accepted' : outcome.refusal
}

export function notHeld(wanted: string, audience: string): unknown {
  return expect.objectContaining({ reason: 'permission_not_held', permission: wanted, audience })
}

export const managementNotHeld: unknown = expect.objectContaining({
  reason: 'permission_not_held',
  audience: '/api',
})

export const insufficient = { reason: 'authority_insufficient' }

export const missing = (wanted: string) => ({ reason: 'permission_missing', permission: wanted })

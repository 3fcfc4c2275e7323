/** Those who act in an organization, as the edge would have made them out. */
import type { Actor, PrincipalActor } from '../../../src/domain/audit.ts'
import type {
  ApplicationKeyId,
  CredentialId,
  MemberId,
  OrganizationId,
  ServiceAccountId,
} from '../../../src/domain/id.ts'
import type { Permission } from '../../../src/domain/permission.ts'
import type { Desk } from '../desk.ts'
import { permission } from '../desk.ts'
import { allOfManagement } from './world.ts'

const wholeScope: readonly Permission[] = allOfManagement.map(permission)

export function bySession(
  desk: Desk,
  organization: OrganizationId,
  id: MemberId,
  isOperator = false,
): PrincipalActor {
  const by = { type: 'session', session: desk.random.id('session'), isOperator } as const
  return { type: 'member', id, organization, name: 'member', by }
}

/** On whose word something is done: of who acts, or of who made a link, whatever by. */
export type Speaker = Actor | { readonly type: 'maker'; readonly id: string }

/** Whether it is an operator who is signed in, whatever they are here. */
export function isByOperator(actor: Speaker): boolean {
  return 'by' in actor && actor.by.type === 'session' && actor.by.isOperator
}

/** An account by a token that it got with this credential. */
export function byToken(
  organization: OrganizationId,
  id: ServiceAccountId,
  gotWith: CredentialId,
  scope: readonly Permission[] = wholeScope,
): PrincipalActor {
  const by = { type: 'token', client: id, gotWith, jti: 'jti', scope } as const
  return { type: 'service_account', id, organization, name: 'account', by }
}

/** A member by one of their application keys. */
export function byKey(organization: OrganizationId, id: MemberId, key: ApplicationKeyId): Actor {
  const by = { type: 'token', client: key, gotWith: key, jti: 'jti', scope: wholeScope } as const
  return { type: 'member', id, organization, name: 'member', by }
}

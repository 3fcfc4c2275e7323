/** Those who act in an organization, as the edge would have made them out. */
import { sql } from 'kysely'
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
import { sessionOf } from '../standing-session.ts'
import { allOfManagement } from './world.ts'

const wholeScope: readonly Permission[] = allOfManagement.map(permission)

/** Signs in whoever acts by a session, if they have none any more and are a member still. */
export async function signInAgain({ db }: Pick<Desk, 'db'>, actor: Actor): Promise<void> {
  if (actor.type !== 'member' || actor.by.type !== 'session') return
  const { session } = actor.by
  await sql`insert into session
    (id, person_id, token_hash, created_at, last_seen_at, ends_at, network, user_agent)
    select ${session}, person_id, convert_to(${session}, 'UTF8'), now(), 'infinity', 'infinity', '', ''
    from member where id = ${actor.id}
    on conflict do nothing`.execute(db.management)
}

export function bySession(
  organization: OrganizationId,
  id: MemberId,
  isOperator = false,
): PrincipalActor {
  const by = { type: 'session', session: sessionOf(id), isOperator } as const
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

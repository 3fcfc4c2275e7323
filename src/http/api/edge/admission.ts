import type { Actor } from '../../../domain/audit.ts'
import { unreachable } from '../../../domain/brand.ts'
import { isOperator } from '../../../domain/authority.ts'
import type { OrganizationId } from '../../../domain/id.ts'
import { parseId } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { NumericDate } from '../../../domain/time.ts'
import {
  actorInside,
  isOrganization,
  personActor,
  principalActor,
} from '../../../management/actors.ts'
import { whyNotPermitted } from '../../../management/permitted.ts'
import type { Act } from '../../../management/ports.ts'
import type { VerifiedToken } from '../../../protocol/access-token-claims.ts'
import type { Identity, SignedIn } from './identity.ts'
import type { ApiPorts } from '../ports.ts'
import type { CallRefusal } from '../problems/problem-table.ts'
import type { ApiRoute } from '../route.ts'

type Needs = Pick<ApiPorts, 'db'>

type Where = { readonly organization: OrganizationId | undefined; readonly now: NumericDate }

/**
 * Who calls a route: an actor of the audit trail, if it is known. Whoever is signed in and has nothing
 * to do with the organization is themselves: that they may not is told by `whyNotAdmitted`.
 */
export async function actorOf(
  ports: Needs,
  identity: Identity,
  { organization, now }: Where,
): Promise<Result<Actor | undefined, CallRefusal>> {
  switch (identity.type) {
    case 'nobody':
      return accept(undefined)
    case 'actor':
      return known(ports, identity.actor, organization)
    case 'token':
      return byToken(ports, identity.token, now)
    case 'session':
      return bySession(ports, identity.signedIn, organization)
    default:
      return unreachable(identity)
  }
}

/** Whether that actor may call the route. A writing verb asks again, under its lock. */
export async function whyNotAdmitted(
  ports: Needs,
  { needs, operation }: Pick<ApiRoute, 'needs' | 'operation'>,
  { act, identity, organization }: Admitted,
): Promise<CallRefusal | undefined> {
  if (needs === 'nobody') return undefined
  if (act === undefined) return { reason: 'authentication_needed' }
  const elsewhere = whyElsewhere(act.actor, organization, identity)
  if (elsewhere) return elsewhere
  if (needs === 'operator') return isOperator(act.actor) ? undefined : { reason: 'operator_needed' }
  if (needs === 'session') {
    return identity.type === 'session' ? undefined : { reason: 'session_needed' }
  }
  if (operation === undefined || organization === undefined) return undefined
  return whyNotPermitted(ports, act, { organization, operation })
}

type Admitted = {
  readonly act: Act | undefined
  readonly identity: Identity
  readonly organization: OrganizationId | undefined
}

/** Whoever is of another organization learns no more than that there is no such thing. */
function whyElsewhere(
  actor: Actor,
  organization: OrganizationId | undefined,
  identity: Identity,
): CallRefusal | undefined {
  if (organization === undefined || isInside(actor, organization, identity)) return undefined
  return { reason: 'organization_unknown', organization }
}

function isInside(actor: Actor, organization: OrganizationId, { type }: Identity): boolean {
  if ('organization' in actor) return actor.organization === organization
  return type !== 'session' || isOperator(actor)
}

/** Nothing else keeps those who may look at every organization from looking at one that is not there. */
async function known(
  ports: Needs,
  actor: Actor,
  organization: OrganizationId | undefined,
): Promise<Result<Actor, CallRefusal>> {
  return organization === undefined || (await isOrganization(ports, organization))
    ? accept(actor)
    : refuse({ reason: 'organization_unknown', organization })
}

async function bySession(
  ports: Needs,
  { session, person }: SignedIn,
  organization: OrganizationId | undefined,
): Promise<Result<Actor, CallRefusal>> {
  if (organization === undefined) return accept(personActor(person, session.id))
  const actor = await actorInside(ports, organization, person, session.id)
  if (actor === undefined) return accept(personActor(person, session.id))
  return actor.type === 'member' ? accept(actor) : known(ports, actor, organization)
}

/** Of every route, before anything else: a token that has ended here has ended everywhere. */
async function byToken(
  ports: Needs,
  token: VerifiedToken,
  now: NumericDate,
): Promise<Result<Actor, CallRefusal>> {
  const actor = await principalActor(ports, token, now)
  return actor === undefined
    ? refuse({ reason: 'token_invalid', what: 'its account, member or credential has ended' })
    : accept(actor)
}

/** The organization that a path is about. */
export function organizationIn(
  given: Readonly<Record<string, string>>,
): OrganizationId | undefined {
  return parseId('organization', given['organization_id'] ?? '')
}

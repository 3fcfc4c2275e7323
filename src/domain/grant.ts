import type { Access, HeldDetail, HeldRole, Path, Portion, RoleDetail } from './access.ts'
import { permissionPaths, portionOf } from './access.ts'
import type { ApiTerms, Audience } from './api.ts'
import { tokenLifetimeMax } from './api.ts'
import type { AuthenticatedClient, Client } from './client.ts'
import type { ClientId, OrganizationId, PrincipalId } from './id.ts'
import type { Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { Result } from './result.ts'
import { accept, refuse } from './result.ts'
import type { ScopeToken } from './scope.ts'
import type { NumericDate, Seconds } from './time.ts'
import { earlier, seconds, until } from './time.ts'

/** A role on one resource as it is asked for. Without `permissions`: all that the role holds. */
export type AskedDetail = Omit<RoleDetail, 'permissions'> & {
  readonly permissions: readonly Permission[] | undefined
}

/** What a request asks for; what it does not mention is `undefined`. */
export type GrantRequest = {
  readonly scope: readonly ScopeToken[] | undefined
  readonly details: readonly AskedDetail[] | undefined
}

/** What a client gets: the substance of a token. */
export type Grant = {
  readonly client: ClientId
  readonly organization: OrganizationId
  readonly principal: PrincipalId
  readonly principalType: Client['principalType']
  readonly audience: Audience
  readonly scope: readonly Permission[]
  readonly roles: readonly Name[]
  readonly groups: readonly Name[]
  readonly details: readonly RoleDetail[]
  readonly lifetime: Seconds
}

export type GrantRefusal =
  | { readonly reason: 'audience_not_granted'; readonly audience: Audience }
  | { readonly reason: 'scope_not_held'; readonly token: ScopeToken }
  | { readonly reason: 'detail_not_held'; readonly detail: AskedDetail }

/**
 * Decides what an authenticated client gets at one API.
 *
 * Asking for nothing gives everything held at that audience (RFC 6749 §3.3). Asking for anything
 * gives only what was asked: other scopes and details, roles not wholly covered, and groups are
 * left out. Anything asked that is not held is refused, never silently narrowed. The lifetime ends
 * with the earliest thing the grant stands on.
 */
export function decideGrant(
  { client, endsAt }: AuthenticatedClient,
  api: ApiTerms,
  access: Access,
  { asked, now }: { readonly asked: GrantRequest; readonly now: NumericDate },
): Result<Grant, GrantRefusal> {
  if (access.roles.length === 0 && access.details.length === 0) {
    return refuse({ reason: 'audience_not_granted', audience: api.audience })
  }
  const narrowed = asked.scope !== undefined || asked.details !== undefined
  const portion = narrowed ? askedPortion(access, asked) : accept(access.whole)
  if (!portion.ok) return portion

  const { scope, roles, groups, details } = portion.value
  const end = earlier(endsAt, portion.value.endsAt)
  return accept({
    client: client.id,
    organization: client.organization,
    principal: client.principal,
    principalType: client.principalType,
    audience: api.audience,
    scope,
    roles,
    groups,
    details,
    lifetime: lifetimeOf(api, client.tokenLifetime, end === undefined ? end : until(now, end)),
  })
}

function askedPortion(access: Access, asked: GrantRequest): Result<Portion, GrantRefusal> {
  const held = permissionPaths(access)
  const scope = askedScope(held, asked.scope ?? [])
  if (!scope.ok) return scope
  const details = askedDetails(access.details, asked.details ?? [])
  if (!details.ok) return details

  const roles = access.roles.filter((role) => isCovered(role, scope.value))
  return accept(portionOf(held, { scope: scope.value, roles, groups: [], details: details.value }))
}

function askedScope(
  held: ReadonlyMap<Permission, readonly Path[]>,
  asked: readonly ScopeToken[],
): Result<readonly Permission[], GrantRefusal> {
  const known = new Map<string, Permission>(
    [...held.keys()].map((permission) => [permission, permission]),
  )
  const scope: Permission[] = []
  for (const token of asked) {
    const permission = known.get(token)
    if (permission === undefined) return refuse({ reason: 'scope_not_held', token })
    scope.push(permission)
  }
  return accept(scope.toSorted())
}

function askedDetails(
  held: readonly HeldDetail[],
  asked: readonly AskedDetail[],
): Result<readonly HeldDetail[], GrantRefusal> {
  const details: HeldDetail[] = []
  for (const detail of asked) {
    const part = partHeld(held, detail)
    if (part === undefined) return refuse({ reason: 'detail_not_held', detail })
    details.push(part)
  }
  return accept(details)
}

function partHeld(
  held: readonly HeldDetail[],
  { role, resource, permissions }: AskedDetail,
): HeldDetail | undefined {
  const whole = held.find((detail) => detail.name === role && detail.resource === resource)
  if (whole === undefined || permissions === undefined) return whole
  const isHeld = permissions.every((permission) => whole.permissions.includes(permission))
  return isHeld ? { ...whole, permissions } : undefined
}

function isCovered(role: HeldRole, scope: readonly Permission[]): boolean {
  return role.permissions.every((permission) => scope.includes(permission))
}

function lifetimeOf(
  api: ApiTerms,
  ofClient: Seconds | undefined,
  left: Seconds | undefined,
): Seconds {
  return seconds(
    Math.min(
      tokenLifetimeMax,
      api.tokenLifetime,
      ofClient ?? tokenLifetimeMax,
      left ?? tokenLifetimeMax,
    ),
  )
}

/**
 * Who may do what in the management plane: what an actor holds, what of it they may give to others,
 * and whom they may take from. Two rules carry the rest: nobody gives or reaches what they do not
 * hold themselves, there and for as long; and an organization that has an Owner keeps one.
 */
import type { Actor } from './audit.ts'
import type { Audience } from './api.ts'
import type { Binding, HeldBinding, ResourceName } from './binding.ts'
import type { ManagementPermission, PermittedOperation } from './management-permission.ts'
import {
  asPermission,
  builtInRoles,
  managementApi,
  managementPermissions,
} from './management-permission.ts'
import type { Name } from './name.ts'
import type { Permission } from './permission.ts'
import type { RoleTerms } from './role.ts'
import type { NumericDate } from './time.ts'
import { earlier, hasEnded } from './time.ts'

/** What one binding gives: the permissions of its role, on what, and until when. */
export type Holding = Pick<RoleTerms, 'permissions'> & Pick<HeldBinding, 'resource' | 'expiresAt'>

/** How far somebody's word goes in one organization, at one moment. */
export type Authority =
  /** Of an operator at the command line, and of the server itself. */
  | { readonly type: 'unlimited' }
  /** The end of each right that is held now, by `keyOf`; `Infinity` is never. */
  | { readonly type: 'held'; readonly ends: ReadonlyMap<string, number> }

/** A permission at an API, on the whole organization or on one resource. */
type Right = {
  readonly audience: Audience
  readonly permission: Permission
  readonly resource: ResourceName | undefined
}

export type PermissionMissing = {
  readonly reason: 'permission_missing'
  readonly permission: ManagementPermission
}

/** They would give, or reach, what they do not hold: there, or for as long. */
export type PermissionNotHeld = {
  readonly reason: 'permission_not_held'
  readonly permission: Permission
  readonly audience: Audience
  readonly resource?: ResourceName
}

/** They would take from somebody who holds more of the management API than they do. */
export type AuthorityInsufficient = { readonly reason: 'authority_insufficient' }

export type LastOwner = { readonly reason: 'last_owner' }

export type OperatorNeeded = { readonly reason: 'operator_needed' }

/** An application key was used for what a person does signed in, or not at all. */
export type SessionNeeded = { readonly reason: 'session_needed' }

export const unlimited: Authority = { type: 'unlimited' }
export const noAuthority: Authority = { type: 'held', ends: new Map() }

/**
 * The authority that holdings add up to now. What has ended counts for nothing, and nothing is held
 * for longer than its holder lasts.
 */
export function authorityOver(holdings: readonly Holding[], now: NumericDate): Authority {
  const ends = new Map<string, number>()
  for (const holding of inForce(holdings, now)) {
    for (const right of rightsOf(holding)) {
      const key = keyOf(right)
      ends.set(key, Math.max(ends.get(key) ?? -Infinity, endOf(holding)))
    }
  }
  return { type: 'held', ends }
}

/** The holdings that have not ended. */
export function inForce(holdings: readonly Holding[], now: NumericDate): readonly Holding[] {
  return holdings.filter(({ expiresAt }) => !hasEnded(expiresAt, now))
}

/** The same holdings, of somebody or by something that ends itself. */
export function heldUntil(
  holdings: readonly Holding[],
  end: NumericDate | undefined,
): readonly Holding[] {
  return holdings.map((one) => ({ ...one, expiresAt: earlier(one.expiresAt, end) }))
}

/**
 * What is left of holdings in the hands of a token: of the management API only its scope, and that on
 * the whole organization. What they are at other APIs is not for a token of this one to say.
 */
export function narrowedTo(
  scope: readonly Permission[],
  holdings: readonly Holding[],
): readonly Holding[] {
  return holdings.map(({ permissions, ...where }) => {
    const left = new Map(permissions)
    const held = where.resource === undefined ? left.get(managementApi.audience) : undefined
    left.set(managementApi.audience, held?.filter((one) => scope.includes(one)) ?? [])
    return { permissions: left, ...where }
  })
}

/** Whether they hold a permission of the management API, on the whole organization. */
export function holds(authority: Authority, permission: ManagementPermission): boolean {
  return authority.type === 'unlimited' || endAtManagement(authority, permission) > -Infinity
}

/**
 * Why all of this cannot come from them: the first permission that they do not hold, there and for as
 * long. Whoever holds all of the management API, an Owner, may give every permission of every API of
 * the organization.
 */
export function whyNotGivable(
  authority: Authority,
  given: readonly Holding[],
): PermissionNotHeld | undefined {
  if (authority.type === 'unlimited') return undefined
  const asOwner = ownerUntil(authority)
  for (const holding of given) {
    for (const right of rightsOf(holding)) {
      if (Math.max(asOwner, endHere(authority, right)) < endOf(holding)) return notHeld(right)
    }
  }
  return undefined
}

/** Why they may not take permissions of the management API from somebody who holds all this. */
export function whyNotTakable(
  authority: Authority,
  heldByOthers: readonly Holding[],
): AuthorityInsufficient | undefined {
  const ofManagement = heldByOthers.map(({ permissions, ...where }) => {
    const held = permissions.get(managementApi.audience) ?? []
    return { permissions: new Map([[managementApi.audience, held]]), ...where }
  })
  return whyNotGivable(authority, ofManagement) && { reason: 'authority_insufficient' }
}

/**
 * Whether a binding makes an Owner that the organization can rely upon: the built-in role, held
 * directly, on the whole organization and without an end. That its holder is a member is not told here.
 */
export function makesOwner({
  roleName,
  subject,
  resource,
  expiresAt,
}: Pick<Binding, 'subject' | 'resource' | 'expiresAt'> & { readonly roleName: Name }): boolean {
  const isLasting = resource === undefined && expiresAt === undefined
  return roleName === builtInRoles.owner.name && subject.type === 'principal' && isLasting
}

/** The permissions of one set that another has not. */
export function gained(
  before: RoleTerms['permissions'],
  after: RoleTerms['permissions'],
): RoleTerms['permissions'] {
  return new Map(
    [...after].map(([audience, permissions]) => {
      const known = before.get(audience) ?? []
      return [audience, permissions.filter((one) => !known.includes(one))]
    }),
  )
}

/** Whether a set of permissions has any of the management API. */
export function concernsManagement({ permissions }: Pick<RoleTerms, 'permissions'>): boolean {
  return (permissions.get(managementApi.audience) ?? []).length > 0
}

/** What a key that lies in a file is never enough for: to make, change or prolong ways of coming in. */
const neverByApplicationKey: ReadonlySet<PermittedOperation> = new Set([
  'createCredential',
  'changeCredential',
  'createInvitation',
])

/**
 * Whether it takes a session, and they act by a token. To become a person always takes somebody who is
 * there: an account that somebody makes for the purpose would be a way round every rule about oneself.
 */
export function needsSession(actor: Actor, operation: PermittedOperation): boolean {
  if (!('by' in actor) || actor.by.type !== 'token') return false
  if (operation === 'createRecoveryLink') return true
  return isByApplicationKey(actor) && neverByApplicationKey.has(operation)
}

/** Whether there are tokens that are not enough for it, whatever their holders hold. */
export function mayNeedSession(operation: PermittedOperation): boolean {
  return operation === 'createRecoveryLink' || neverByApplicationKey.has(operation)
}

/** Whether they act by a token of one of their application keys. */
export function isByApplicationKey(actor: Actor): boolean {
  return actor.type === 'member' && actor.by.type === 'token'
}

/** What an operator may do in every organization, whatever they hold there. */
const operatorOperations: Readonly<Partial<Record<PermittedOperation, 'always' | 'ownerless'>>> = {
  showOrganization: 'always',
  // Only whether it is enabled: see the verb.
  changeOrganization: 'always',
  createRecoveryLink: 'always',
  listInvitations: 'ownerless',
  createInvitation: 'ownerless',
  removeInvitation: 'ownerless',
  listMembers: 'ownerless',
  listRoles: 'ownerless',
  // Only what makes a member its Owner: see the verb.
  createBinding: 'ownerless',
}

/** Whether an operator may do this there: always, while the organization has no Owner, or never. */
export function operatorMay(operation: PermittedOperation): 'always' | 'ownerless' | 'never' {
  return operatorOperations[operation] ?? 'never'
}

/**
 * Whether they may do what concerns all tenants. Of a person it is the session that says so: no token
 * does, neither of an account nor of an application key.
 */
export function isOperator(actor: Actor): boolean {
  if (!('by' in actor)) return true
  return actor.by.type === 'session' && actor.by.isOperator
}

type Held = Extract<Authority, { readonly type: 'held' }>

/** Until when they are an Owner: hold every permission of the management API. */
function ownerUntil(authority: Held): number {
  return allOfManagement.reduce(
    (end, permission) => Math.min(end, endAtManagement(authority, permission)),
    Infinity,
  )
}

const allOfManagement = Object.keys(managementPermissions) as readonly ManagementPermission[]

function endAtManagement({ ends }: Held, permission: ManagementPermission): number {
  const { audience } = managementApi
  const right = { audience, permission: asPermission(permission), resource: undefined }
  return ends.get(keyOf(right)) ?? -Infinity
}

/** What is held on the whole organization is held on each resource, too. */
function endHere({ ends }: Held, right: Right): number {
  const everywhere = ends.get(keyOf({ ...right, resource: undefined })) ?? -Infinity
  return Math.max(everywhere, ends.get(keyOf(right)) ?? -Infinity)
}

function* rightsOf({ permissions, resource }: Holding): Generator<Right> {
  for (const [audience, held] of permissions) {
    for (const permission of held) yield { audience, permission, resource }
  }
}

/** Neither an audience nor a permission nor a resource has a space in it. */
function keyOf({ audience, permission, resource = '' as ResourceName }: Right): string {
  return `${audience} ${permission} ${resource}`
}

function endOf({ expiresAt }: Holding): number {
  return expiresAt ?? Infinity
}

function notHeld({ audience, permission, resource }: Right): PermissionNotHeld {
  const what = { reason: 'permission_not_held', permission, audience } as const
  return resource === undefined ? what : { ...what, resource }
}

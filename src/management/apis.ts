import type { Api, ApiPermission, Audience, AudienceRefusal } from '../domain/api.ts'
import { decideAudience, tokenLifetimeDefault } from '../domain/api.ts'
import type { Change } from '../domain/change.ts'
import type { ApiId, OrganizationId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Permission } from '../domain/permission.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { SigningAlg } from '../domain/signing-alg.ts'
import type { Seconds } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import type { ApisAsked } from '../storage/apis.ts'
import * as storage from '../storage/apis.ts'
import { findAudienceApprovalOf } from '../storage/audience-approvals.ts'
import { findOrganization, isOnlyOrganization } from '../storage/organizations.ts'
import type { Page } from '../storage/page.ts'
import { listRolesHolding } from '../storage/roles.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { NotPermitted } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import { changedSigningTerms, newSigningTerms } from './signing-terms.ts'
import type { Facts } from './written.ts'
import { createdIn, difference, unchanged } from './written.ts'

/** Permissions of one API; a scope may list them all. */
export const permissionsOfApiMax = 200

type Needs = Pick<ManagementPorts, 'db'>

/** An API inside its organization. */
export type ApiPlace = { readonly organization: OrganizationId; readonly api: ApiId }

type UnknownApi = { readonly reason: 'api_unknown'; readonly api: ApiId }

export type ApiRefusal =
  | NotPermitted
  | VersionRefusal
  | AudienceRefusal
  | UnknownApi
  | { readonly reason: 'api_built_in'; readonly api: ApiId }
  /** By this organization or another: which one is nobody's business. */
  | { readonly reason: 'audience_taken'; readonly audience: Audience }
  | { readonly reason: 'api_name_taken'; readonly name: Name }
  | { readonly reason: 'api_in_use'; readonly roles: readonly Name[]; readonly isDefault: boolean }
  | { readonly reason: 'permission_unknown'; readonly permission: Permission }
  | { readonly reason: 'permission_in_use'; readonly roles: readonly Name[] }
  | { readonly reason: 'permissions_too_many'; readonly max: number }

type Outcome = Promise<Result<Api, ApiRefusal>>

export type ApiRegistration = {
  readonly organization: OrganizationId
  /** Never changes: tokens and resource servers know the API by it. */
  readonly audience: Audience
  readonly name: Name
  readonly tokenLifetime?: Seconds | undefined
  readonly signingAlg?: SigningAlg | undefined
  /** Whether it takes the tokens of application keys; not unless said. */
  readonly applicationKeys?: boolean | undefined
  readonly permissions?: readonly ApiPermission[] | undefined
}

export async function registerApi(
  { db, random, issuer }: Pick<ManagementPorts, 'db' | 'random' | 'issuer'>,
  act: Act,
  input: ApiRegistration,
): Outcome {
  const { organization, audience, name, tokenLifetime = tokenLifetimeDefault } = input
  const asked = { organization, operation: 'registerApi' } as const
  return permitted<Api, ApiRefusal>(db, asked, act, async (tx) => {
    const allowed = decideAudience(audience, {
      issuer,
      organization,
      byOperator: act.actor.type === 'operator',
      approved: (await findAudienceApprovalOf(tx, organization, audience)) !== undefined,
      alone: await isOnlyOrganization(tx, organization),
    })
    if (!allowed.ok) return allowed
    if (await storage.isAudienceTaken(tx, audience)) {
      return refuse({ reason: 'audience_taken', audience })
    }
    const api: Api = {
      id: random.id('api'),
      organization,
      audience,
      name,
      tokenLifetime,
      builtIn: false,
      applicationKeys: input.applicationKeys ?? false,
      ...(await newSigningTerms(tx, act, input)),
      permissions: merged([], input.permissions ?? []),
      ...createdIn(act),
    }
    const refusal = await whyRefused(tx, api)
    if (refusal) return refuse(refusal)

    await storage.addApi(tx, api)
    return accept({
      value: api,
      audit: [{ kind: 'api.created', target: target(api), after: { audience, ...facts(api) } }],
      changes: [change(api)],
    })
  })
}

export async function listApis(
  { db }: Needs,
  organization: OrganizationId,
  asked: ApisAsked = {},
): Promise<Page<Api, ApiId>> {
  return storage.listApis(db.management, organization, asked)
}

export async function showApi(
  { db }: Needs,
  { organization, api: id }: ApiPlace,
): Promise<Result<Api, UnknownApi>> {
  const api = await storage.findApi(db.management, organization, id)
  return api ? accept(api) : unknown(id)
}

export type ApiChange = ApiPlace &
  Conditional & {
    readonly name?: Name | undefined
    readonly tokenLifetime?: Seconds | undefined
    readonly applicationKeys?: boolean | undefined
    /** Signs as soon as a key of it may; until then the one before does. */
    readonly signingAlg?: SigningAlg | undefined
    /** All that it has from now on, but for what is added. */
    readonly permissions?: readonly ApiPermission[] | undefined
    /** One that is there already gets the new description. */
    readonly addPermissions?: readonly ApiPermission[] | undefined
    readonly removePermissions?: readonly Permission[] | undefined
  }

export async function changeApi({ db }: Needs, act: Act, input: ApiChange): Outcome {
  const { organization, api: id } = input
  const asked = { organization, operation: 'changeApi' } as const
  return permitted<Api, ApiRefusal>(db, asked, act, async (tx) => {
    const before = await storage.findApi(tx, organization, id)
    if (before === undefined) return unknown(id)
    if (before.builtIn) return refuse({ reason: 'api_built_in', api: id })
    const mismatch = whyMismatched(input, before)
    if (mismatch) return refuse(mismatch)

    const { name = before.name, tokenLifetime = before.tokenLifetime } = input
    const changed = await changedPermissions(tx, before, input)
    if (!changed.ok) return changed
    const { permissions, removed } = changed.value
    const terms = await changedSigningTerms(tx, act, before, input)
    const { applicationKeys = before.applicationKeys } = input
    const after = { ...before, ...terms, name, tokenLifetime, applicationKeys, permissions }
    const differing = difference(facts(before), facts(after))
    if (differing === undefined) return unchanged(before)
    const refusal = await whyRefused(tx, after)
    if (refusal) return refuse(refusal)

    const version = await storage.changeApi(tx, after)
    await storage.removeApiPermissions(tx, after, removed)
    await storage.writeApiPermissions(tx, after, permissions)
    return accept({
      value: { ...after, version },
      audit: [{ kind: 'api.changed', target: target(before), ...differing }],
      changes: [change(after)],
    })
  })
}

/** Removes an API for good. Its audience is then free for anyone who may have it. */
export async function removeApi({ db }: Needs, act: Act, place: ApiPlace & Conditional): Outcome {
  const { organization, api: id } = place
  const asked = { organization, operation: 'removeApi' } as const
  return permitted<Api, ApiRefusal>(db, asked, act, async (tx) => {
    const api = await storage.findApi(tx, organization, id)
    if (api === undefined) return unknown(id)
    if (api.builtIn) return refuse({ reason: 'api_built_in', api: id })
    const mismatch = whyMismatched(place, api)
    if (mismatch) return refuse(mismatch)
    const owner = await findOrganization(tx, organization)
    const isDefault = owner?.defaultAudience === api.audience
    const roles = await listRolesHolding(tx, { organization, api: id })
    if (isDefault || roles.length > 0) return refuse({ reason: 'api_in_use', roles, isDefault })

    await storage.removeApi(tx, api)
    return accept({
      value: api,
      audit: [
        {
          kind: 'api.removed',
          target: target(api),
          before: { audience: api.audience, ...facts(api) },
        },
      ],
      changes: [change(api)],
    })
  })
}

type ChangedPermissions = {
  readonly permissions: readonly ApiPermission[]
  readonly removed: readonly Permission[]
}

/** What an API has after a change, and what it had before alone: nobody may hold that. */
async function changedPermissions(
  tx: Tx,
  { organization, id: api, permissions: before }: Api,
  { permissions: whole, addPermissions = [], removePermissions = [] }: ApiChange,
): Promise<Result<ChangedPermissions, ApiRefusal>> {
  const stranger = removePermissions.find((one) => !has(before, one))
  if (stranger !== undefined) return refuse({ reason: 'permission_unknown', permission: stranger })

  const kept = before.filter(({ permission }) => !removePermissions.includes(permission))
  const permissions = merged(whole ?? kept, addPermissions)
  const removed = before.map(({ permission }) => permission).filter((one) => !has(permissions, one))
  if (removed.length === 0) return accept({ permissions, removed })
  const roles = await listRolesHolding(tx, { organization, api, permissions: removed })
  if (roles.length > 0) return refuse({ reason: 'permission_in_use', roles })
  return accept({ permissions, removed })
}

function has(permissions: readonly ApiPermission[], wanted: Permission): boolean {
  return permissions.some(({ permission }) => permission === wanted)
}

async function whyRefused(
  tx: Tx,
  { organization, id, name, permissions }: Api,
): Promise<ApiRefusal | undefined> {
  const namesake = await storage.findApiByName(tx, organization, name)
  if (namesake !== undefined && namesake.id !== id) return { reason: 'api_name_taken', name }
  return permissions.length > permissionsOfApiMax
    ? { reason: 'permissions_too_many', max: permissionsOfApiMax }
    : undefined
}

/** Each permission once, in their order; of two descriptions the later one. */
function merged(
  held: readonly ApiPermission[],
  added: readonly ApiPermission[],
): readonly ApiPermission[] {
  const all = new Map([...held, ...added].map((one) => [one.permission, one]))
  return storage.inOrder([...all.values()])
}

function unknown(api: ApiId) {
  return refuse({ reason: 'api_unknown', api })
}

function target({ id, name }: Api) {
  return { type: 'api', id, name }
}

/** Memory knows an API by its audience. */
function change({ organization, audience }: Api): Change {
  return { kind: 'api', organization, subject: audience }
}

function facts({ name, tokenLifetime, signingAlg, applicationKeys, permissions }: Api): Facts {
  return {
    name,
    token_lifetime: tokenLifetime,
    signing_alg: signingAlg,
    application_keys: applicationKeys,
    permissions: Object.fromEntries(permissions.map((one) => [one.permission, one.description])),
  }
}

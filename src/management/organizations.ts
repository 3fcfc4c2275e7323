import type { Audience } from '../domain/api.ts'
import type { OperatorNeeded, PermissionMissing } from '../domain/authority.ts'
import { isOperator } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { ApiId, OrganizationId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import { findApiByAudience } from '../storage/apis.ts'
import type { OrganizationsAsked } from '../storage/organizations.ts'
import * as storage from '../storage/organizations.ts'
import type { Page } from '../storage/page.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { addManagementApi } from './management-api.ts'
import type { NotPermitted, PermittedAct } from './permitted.ts'
import { asOperator, permitted, whyNotAlso } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { changeEntries, createdIn, difference, unchanged } from './written.ts'

type Needs = Pick<ManagementPorts, 'db'>

export type OrganizationRefusal =
  | NotPermitted
  | OperatorNeeded
  | VersionRefusal
  | { readonly reason: 'organization_name_taken'; readonly name: Name }
  | { readonly reason: 'audience_unknown'; readonly audience: Audience }
  /** The management API is asked for by name, or not at all. */
  | { readonly reason: 'api_built_in'; readonly api: ApiId }

type Outcome = Promise<Result<Organization, OrganizationRefusal>>

/** Creates a tenant with what is built in: the management API and its roles. Concerns the whole server. */
export async function createOrganization(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  { name }: { readonly name: Name },
): Outcome {
  return asOperator<Organization, OrganizationRefusal>(db, 'server', act, async (tx) => {
    if (await isTaken(tx, name)) return refuse({ reason: 'organization_name_taken', name })
    return accept(await addOrganization(tx, { random }, act, name))
  })
}

/** Adds a tenant, inside a transaction that holds the server's lock. */
export async function addOrganization(
  tx: Tx,
  { random }: Pick<ManagementPorts, 'random'>,
  act: Act,
  name: Name,
): Promise<Written<Organization>> {
  const organization: Organization = {
    id: random.id('organization'),
    name,
    enabled: true,
    defaultAudience: undefined,
    ...createdIn(act),
  }
  await storage.addOrganization(tx, organization)
  const builtIn = await addManagementApi(tx, random, organization)
  return {
    value: organization,
    audit: [
      { kind: 'organization.created', target: target(organization), after: facts(organization) },
      ...builtIn.audit,
    ],
    changes: [change(organization), ...builtIn.changes],
  }
}

export async function listOrganizations(
  { db }: Needs,
  asked: OrganizationsAsked = {},
): Promise<Page<Organization, OrganizationId>> {
  return storage.listOrganizations(db.management, asked)
}

export async function showOrganization(
  { db }: Needs,
  id: OrganizationId,
): Promise<Result<Organization, ConcernRefusal>> {
  const organization = await storage.findOrganization(db.management, id)
  return organization ? accept(organization) : unknown(id)
}

export type OrganizationChange = Conditional & {
  readonly organization: OrganizationId
  readonly name?: Name | undefined
  /** One of its own APIs; `null` for none. */
  readonly defaultAudience?: Audience | null | undefined
  /** Its clients get no tokens while it is not. */
  readonly enabled?: boolean | undefined
}

export async function changeOrganization(
  { db }: Needs,
  act: Act,
  input: OrganizationChange,
): Outcome {
  const { organization: id } = input
  const asked = { organization: id, operation: 'changeOrganization' } as const
  return permitted<Organization, OrganizationRefusal>(db, asked, act, async (tx, by) => {
    const before = await storage.findOrganization(tx, id)
    if (before === undefined) return unknown(id)
    const mismatch = whyMismatched(input, before)
    if (mismatch) return refuse(mismatch)
    const after = changed(before, input)
    const audit = changeEntries(target(before), facts, before, after)
    if (audit.length === 0) return unchanged(before)
    const refusal =
      whyNotTheirs(by, before, after) ??
      (await whyNotCalled(tx, by, before, after)) ??
      (await whyRefused(tx, after))
    if (refusal) return refuse(refusal)

    const version = await storage.changeOrganization(tx, after, act.at)
    return accept({ value: { ...after, version }, audit, changes: [change(after)] })
  })
}

/** Its clients get no tokens until it is enabled again. */
export async function disableOrganization(
  ports: Needs,
  act: Act,
  organization: OrganizationId,
): Outcome {
  return changeOrganization(ports, act, { organization, enabled: false })
}

export async function enableOrganization(
  ports: Needs,
  act: Act,
  organization: OrganizationId,
): Outcome {
  return changeOrganization(ports, act, { organization, enabled: true })
}

function changed(
  before: Organization,
  { name = before.name, defaultAudience, enabled = before.enabled }: OrganizationChange,
): Organization {
  const { defaultAudience: current } = before
  return {
    ...before,
    name,
    enabled,
    defaultAudience: defaultAudience === undefined ? current : (defaultAudience ?? undefined),
  }
}

/** Whether an organization works at all is for operators to say; all else is for its own people. */
function whyNotTheirs(
  by: PermittedAct,
  before: Organization,
  after: Organization,
): OperatorNeeded | PermissionMissing | undefined {
  const isSwitched = before.enabled !== after.enabled
  if (isSwitched && !isOperator(by.actor)) return { reason: 'operator_needed' }
  const isAboutMore = difference(facts(before), facts(after)) !== undefined
  return isAboutMore ? whyNotAlso(by, 'changeOrganization') : undefined
}

/**
 * A name is a label. Operators see all organizations and are told of one that has it already; anybody
 * else who was told would learn of an organization that is none of their business.
 */
async function whyNotCalled(
  tx: Tx,
  { actor }: PermittedAct,
  { name: former }: Organization,
  { name }: Organization,
): Promise<OrganizationRefusal | undefined> {
  const isAsked = name !== former && isOperator(actor)
  return isAsked && (await isTaken(tx, name))
    ? { reason: 'organization_name_taken', name }
    : undefined
}

async function isTaken(tx: Tx, name: Name): Promise<boolean> {
  return (await storage.listOrganizations(tx, { name, limit: 1 })).items.length > 0
}

async function whyRefused(tx: Tx, after: Organization): Promise<OrganizationRefusal | undefined> {
  const { id, defaultAudience: audience } = after
  if (audience === undefined) return undefined
  const api = await findApiByAudience(tx, id, audience)
  if (api === undefined) return { reason: 'audience_unknown', audience }
  return api.builtIn ? { reason: 'api_built_in', api: api.id } : undefined
}

function unknown(organization: OrganizationId) {
  return refuse({ reason: 'organization_unknown', organization })
}

function target({ id, name }: Organization) {
  return { type: 'organization', id, name } as const
}

function change({ id }: Organization): Change {
  return { kind: 'organization', organization: id, subject: id }
}

function facts({ name, defaultAudience }: Organization): Facts {
  return { name, default_audience: defaultAudience ?? null }
}

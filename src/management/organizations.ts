import type { Audience } from '../domain/api.ts'
import type { Change } from '../domain/change.ts'
import type { ApiId, OrganizationId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Organization } from '../domain/organization.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import { findApiByAudience } from '../storage/apis.ts'
import * as storage from '../storage/organizations.ts'
import type { Page } from '../storage/page.ts'
import type { ConcernRefusal } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { addManagementApi } from './management-api.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { createdIn, difference, unchanged } from './written.ts'

type Needs = Pick<ManagementPorts, 'db'>

export type OrganizationRefusal =
  | ConcernRefusal
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
  return inTransaction<Organization, OrganizationRefusal>(db, 'server', act, async (tx) => {
    if (await storage.findOrganizationByName(tx, name)) {
      return refuse({ reason: 'organization_name_taken', name })
    }
    const organization: Organization = {
      id: random.id('organization'),
      name,
      enabled: true,
      defaultAudience: undefined,
      ...createdIn(act),
    }
    await storage.addOrganization(tx, organization)
    const builtIn = await addManagementApi(tx, random, organization)
    return accept({
      value: organization,
      audit: [
        { kind: 'organization.created', target: target(organization), after: facts(organization) },
        ...builtIn.audit,
      ],
      changes: [change(organization), ...builtIn.changes],
    })
  })
}

export async function listOrganizations(
  { db }: Needs,
  start?: OrganizationId,
): Promise<Page<Organization, OrganizationId>> {
  return storage.listOrganizations(db.management, start)
}

export async function showOrganization(
  { db }: Needs,
  id: OrganizationId,
): Promise<Result<Organization, ConcernRefusal>> {
  const organization = await storage.findOrganization(db.management, id)
  return organization ? accept(organization) : unknown(id)
}

export type OrganizationChange = {
  readonly organization: OrganizationId
  readonly name?: Name | undefined
  /** One of its own APIs; `null` for none. */
  readonly defaultAudience?: Audience | null | undefined
}

export async function changeOrganization(
  { db }: Needs,
  act: Act,
  { organization: id, name, defaultAudience }: OrganizationChange,
): Outcome {
  return inTransaction<Organization, OrganizationRefusal>(db, id, act, async (tx) => {
    const before = await storage.findOrganization(tx, id)
    if (before === undefined) return unknown(id)
    const after: Organization = {
      ...before,
      name: name ?? before.name,
      defaultAudience:
        defaultAudience === undefined ? before.defaultAudience : (defaultAudience ?? undefined),
    }
    const differing = difference(facts(before), facts(after))
    if (differing === undefined) return unchanged(before)
    const refusal = await whyRefused(tx, after)
    if (refusal) return refuse(refusal)

    await storage.changeOrganization(tx, after)
    return accept({
      value: after,
      audit: [{ kind: 'organization.changed', target: target(before), ...differing }],
      changes: [change(after)],
    })
  })
}

/** Its clients get no tokens until it is enabled again. */
export async function disableOrganization(ports: Needs, act: Act, id: OrganizationId): Outcome {
  return turn(ports, act, id, false)
}

export async function enableOrganization(ports: Needs, act: Act, id: OrganizationId): Outcome {
  return turn(ports, act, id, true)
}

async function turn({ db }: Needs, act: Act, id: OrganizationId, enabled: boolean): Outcome {
  return inTransaction<Organization, OrganizationRefusal>(db, id, act, async (tx) => {
    const before = await storage.findOrganization(tx, id)
    if (before === undefined) return unknown(id)
    if (before.enabled === enabled) return unchanged(before)
    await storage.turnOrganization(tx, id, enabled ? undefined : act.at)
    const kind = enabled ? 'organization.enabled' : 'organization.disabled'
    return accept({
      value: { ...before, enabled },
      audit: [{ kind, target: target(before) }],
      changes: [change(before)],
    })
  })
}

async function whyRefused(tx: Tx, after: Organization): Promise<OrganizationRefusal | undefined> {
  const { id, name, defaultAudience: audience } = after
  const namesake = await storage.findOrganizationByName(tx, name)
  if (namesake !== undefined && namesake.id !== id) {
    return { reason: 'organization_name_taken', name }
  }
  if (audience === undefined) return undefined
  const api = await findApiByAudience(tx, id, audience)
  if (api === undefined) return { reason: 'audience_unknown', audience }
  return api.builtIn ? { reason: 'api_built_in', api: api.id } : undefined
}

function unknown(organization: OrganizationId) {
  return refuse({ reason: 'organization_unknown', organization })
}

function target({ id, name }: Organization) {
  return { type: 'organization', id, name }
}

function change({ id }: Organization): Change {
  return { kind: 'organization', organization: id, subject: id }
}

function facts({ name, defaultAudience }: Organization): Facts {
  return { name, default_audience: defaultAudience ?? null }
}

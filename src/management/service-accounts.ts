import type { AuditEvent } from '../domain/audit.ts'
import type { NamedBinding } from '../storage/bindings.ts'
import type { Change } from '../domain/change.ts'
import type { CredentialRecord } from '../domain/credential.ts'
import type { Group } from '../domain/group.ts'
import type { GroupId, OrganizationId, ServiceAccountId } from '../domain/id.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { ServiceAccount } from '../domain/service-account.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import { listBindings } from '../storage/bindings.ts'
import { listCredentials } from '../storage/credentials.ts'
import { listGroupsOf } from '../storage/groups.ts'
import type { Page } from '../storage/page.ts'
import type { ServiceAccountsAsked } from '../storage/service-accounts.ts'
import * as storage from '../storage/service-accounts.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { BindingCreation, BindingRefusal } from './bindings.ts'
import { bindRole } from './bindings.ts'
import type { MembershipRefusal } from './groups.ts'
import { joinGroup } from './groups.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { changeEntries, createdIn, endFact, unchanged } from './written.ts'

type Needs = Pick<ManagementPorts, 'db'>

/** An account inside its organization. */
export type AccountPlace = {
  readonly organization: OrganizationId
  readonly account: ServiceAccountId
}

export type UnknownAccount = {
  readonly reason: 'service_account_unknown'
  readonly account: ServiceAccountId
}

export type ServiceAccountRefusal =
  | ConcernRefusal
  | VersionRefusal
  | UnknownAccount
  | { readonly reason: 'service_account_name_taken'; readonly name: Name }
  | { readonly reason: 'expiry_past'; readonly expiresAt: NumericDate }

export type ServiceAccountCreation = {
  readonly organization: OrganizationId
  readonly name: Name
  readonly description: Description
  readonly expiresAt?: NumericDate | undefined
  readonly tokenLifetime?: Seconds | undefined
  readonly groups?: readonly GroupId[] | undefined
  readonly roles?: readonly GrantedRole[] | undefined
}

/** A role to be held from the first second on. */
export type GrantedRole = Omit<BindingCreation, 'organization' | 'subject'>

type CreationRefusal = ServiceAccountRefusal | BindingRefusal | MembershipRefusal

/** Creates an account together with its groups and roles, or not at all. It has no credential yet. */
export async function createServiceAccount(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  input: ServiceAccountCreation,
): Promise<Result<ServiceAccount, CreationRefusal>> {
  const { organization, name, description, expiresAt, tokenLifetime } = input
  return inTransaction<ServiceAccount, CreationRefusal>(db, organization, act, async (tx) => {
    const account: ServiceAccount = {
      id: random.id('service_account'),
      organization,
      name,
      description,
      enabled: true,
      expiresAt,
      tokenLifetime,
      ...createdIn(act),
    }
    const refusal = await whyRefused(tx, act, account)
    if (refusal) return refuse(refusal)

    await storage.addServiceAccount(tx, account)
    const access = await addAccess(tx, { random }, act, { account, ...input })
    if (!access.ok) return access
    return accept({
      value: account,
      audit: [
        { kind: 'service_account.created', target: target(account), after: facts(account) },
        ...access.value.audit,
      ],
      changes: [change(account)],
    })
  })
}

export async function listServiceAccounts(
  { db }: Needs,
  organization: OrganizationId,
  asked: ServiceAccountsAsked = {},
): Promise<Page<ServiceAccount, ServiceAccountId>> {
  return storage.listServiceAccounts(db.management, organization, asked)
}

/** An account with all that belongs to it. Its credentials never hold a secret or a hash. */
export type ServiceAccountView = {
  readonly account: ServiceAccount
  readonly credentials: readonly CredentialRecord[]
  readonly groups: readonly Group[]
  /** The roles it holds itself; those of its groups are seen at the group. */
  readonly bindings: Page<NamedBinding, NamedBinding['id']>
}

export async function showServiceAccount(
  { db: { management: db } }: Needs,
  { organization, account: id }: AccountPlace,
): Promise<Result<ServiceAccountView, UnknownAccount>> {
  const account = await storage.findServiceAccount(db, organization, id)
  if (account === undefined) return unknown(id)
  return accept({
    account,
    credentials: await listCredentials(db, organization, id),
    groups: await listGroupsOf(db, organization, id),
    bindings: await listBindings(db, organization, { subject: { type: 'principal', id } }),
  })
}

export type ServiceAccountChange = AccountPlace &
  Conditional & {
    readonly name?: Name | undefined
    readonly description?: Description | undefined
    /** `null` for no end. */
    readonly expiresAt?: NumericDate | null | undefined
    /** `null` for as long as the API allows. */
    readonly tokenLifetime?: Seconds | null | undefined
    /** It gets no tokens while it is not; its credentials stay as they are. */
    readonly enabled?: boolean | undefined
  }

type Outcome = Promise<Result<ServiceAccount, ServiceAccountRefusal>>

export async function changeServiceAccount(
  { db }: Needs,
  act: Act,
  input: ServiceAccountChange,
): Outcome {
  return write(db, act, input, async (tx, before) => {
    const after = changed(before, input)
    const audit = changeEntries(target(before), facts, before, after)
    if (audit.length === 0) return unchanged(before)
    const refusal = await whyRefused(tx, act, after, before)
    if (refusal) return refuse(refusal)

    const version = await storage.changeServiceAccount(tx, after, act.at)
    return accept({ value: { ...after, version }, audit, changes: [change(after)] })
  })
}

/** It gets no tokens until it is enabled again; its credentials stay as they are. */
export async function disableServiceAccount(ports: Needs, act: Act, place: AccountPlace): Outcome {
  return changeServiceAccount(ports, act, { ...place, enabled: false })
}

export async function enableServiceAccount(ports: Needs, act: Act, place: AccountPlace): Outcome {
  return changeServiceAccount(ports, act, { ...place, enabled: true })
}

/** Removes an account for good, with its credentials, memberships and granted roles. */
export async function removeServiceAccount(
  { db }: Needs,
  act: Act,
  place: AccountPlace & Conditional,
): Outcome {
  return write(db, act, place, async (tx, account) => {
    await storage.removeServiceAccount(tx, account)
    return accept({
      value: account,
      audit: [{ kind: 'service_account.removed', target: target(account), before: facts(account) }],
      changes: [change(account)],
    })
  })
}

type Work = (
  tx: Tx,
  before: ServiceAccount,
) => Promise<Result<Written<ServiceAccount>, ServiceAccountRefusal>>

/** Writes to an account that must be there, as it is known to whoever asks. */
async function write(
  db: Needs['db'],
  act: Act,
  place: AccountPlace & Conditional,
  work: Work,
): Outcome {
  const { organization, account: id } = place
  return inTransaction<ServiceAccount, ServiceAccountRefusal>(db, organization, act, async (tx) => {
    const account = await storage.findServiceAccount(tx, organization, id)
    if (account === undefined) return unknown(id)
    const mismatch = whyMismatched(place, account)
    return mismatch ? refuse(mismatch) : work(tx, account)
  })
}

async function addAccess(
  tx: Tx,
  ports: Pick<ManagementPorts, 'random'>,
  act: Act,
  {
    account,
    groups = [],
    roles = [],
  }: Pick<ServiceAccountCreation, 'groups' | 'roles'> & {
    readonly account: ServiceAccount
  },
): Promise<Result<{ readonly audit: Written<unknown>['audit'] }, CreationRefusal>> {
  const { organization, id } = account
  const audit: AuditEvent[] = []
  for (const group of groups) {
    const joined = await joinGroup(tx, { organization, group, principal: id })
    if (!joined.ok) return joined
    audit.push(...joined.value.audit)
  }
  for (const role of roles) {
    const subject = { type: 'principal', id } as const
    const bound = await bindRole(tx, ports, act, { organization, subject, ...role })
    if (!bound.ok) return bound
    audit.push(...bound.value.audit)
  }
  return accept({ audit })
}

async function whyRefused(
  tx: Tx,
  { at }: Act,
  after: ServiceAccount,
  before?: ServiceAccount,
): Promise<ServiceAccountRefusal | undefined> {
  const { organization, name, expiresAt } = after
  const namesake = await storage.findServiceAccountByName(tx, organization, name)
  if (namesake !== undefined && namesake.id !== after.id) {
    return { reason: 'service_account_name_taken', name }
  }
  const isNewEnd = expiresAt !== undefined && expiresAt !== before?.expiresAt
  return isNewEnd && hasEnded(expiresAt, at) ? { reason: 'expiry_past', expiresAt } : undefined
}

function changed(before: ServiceAccount, input: ServiceAccountChange): ServiceAccount {
  const { name = before.name, description = before.description } = input
  const { expiresAt = before.expiresAt, tokenLifetime = before.tokenLifetime } = input
  const { enabled = before.enabled } = input
  return {
    ...before,
    name,
    description,
    enabled,
    expiresAt: expiresAt ?? undefined,
    tokenLifetime: tokenLifetime ?? undefined,
  }
}

function unknown(account: ServiceAccountId) {
  return refuse({ reason: 'service_account_unknown', account })
}

function target({ id, name }: ServiceAccount) {
  return { type: 'service_account', id, name } as const
}

function change({ organization, id }: ServiceAccount): Change {
  return { kind: 'principal', organization, subject: id }
}

function facts({ name, description, expiresAt, tokenLifetime }: ServiceAccount): Facts {
  return {
    name,
    description,
    expires_at: endFact(expiresAt),
    token_lifetime: tokenLifetime ?? null,
  }
}

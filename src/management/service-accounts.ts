import type { PermissionNotHeld } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { OrganizationId, ServiceAccountId } from '../domain/id.ts'
import type { Description, Name } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { ServiceAccount } from '../domain/service-account.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { hasEnded, isLater } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import type { Page } from '../storage/page.ts'
import type { ServiceAccountsAsked } from '../storage/service-accounts.ts'
import * as storage from '../storage/service-accounts.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { GivenAccess, GivenAccessRefusal } from './given-access.ts'
import { giveAccess } from './given-access.ts'
import { whyNotReachable } from './giving.ts'
import type { Asked, NotPermitted, PermittedAct } from './permitted.ts'
import { permitted } from './permitted.ts'
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
  | NotPermitted
  | PermissionNotHeld
  | VersionRefusal
  | UnknownAccount
  | { readonly reason: 'service_account_name_taken'; readonly name: Name }
  | { readonly reason: 'expiry_past'; readonly expiresAt: NumericDate }

export type ServiceAccountCreation = GivenAccess & {
  readonly organization: OrganizationId
  readonly name: Name
  readonly description: Description
  /** One that is made switched off waits for somebody to enable it. */
  readonly enabled?: boolean | undefined
  readonly expiresAt?: NumericDate | undefined
  readonly tokenLifetime?: Seconds | undefined
}

type CreationRefusal = ServiceAccountRefusal | GivenAccessRefusal

/** Creates an account together with its groups and roles, or not at all. It has no credential yet. */
export async function createServiceAccount(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  input: ServiceAccountCreation,
): Promise<Result<ServiceAccount, CreationRefusal>> {
  const { organization, name, description, enabled = true, expiresAt, tokenLifetime } = input
  const asked = { organization, operation: 'createServiceAccount' } as const
  return permitted<ServiceAccount, CreationRefusal>(db, asked, act, async (tx, by) => {
    const account: ServiceAccount = {
      id: random.id('service_account'),
      organization,
      name,
      description,
      enabled,
      expiresAt,
      tokenLifetime,
      ...createdIn(act),
    }
    const refusal = await whyRefused(tx, act, account)
    if (refusal) return refuse(refusal)

    await storage.addServiceAccount(tx, account)
    const given = await giveAccess(tx, { random }, by, { ...input, principal: account.id })
    if (!given.ok) return given
    return accept({
      value: account,
      audit: [
        { kind: 'service_account.created', target: target(account), after: facts(account) },
        ...given.value,
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

export async function showServiceAccount(
  { db }: Needs,
  { organization, account: id }: AccountPlace,
): Promise<Result<ServiceAccount, UnknownAccount>> {
  const account = await storage.findServiceAccount(db.management, organization, id)
  return account === undefined ? unknown(id) : accept(account)
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
  const asked = { ...input, operation: 'changeServiceAccount' } as const
  return write(db, act, asked, async (tx, by, before) => {
    const after = changed(before, input)
    const audit = changeEntries(target(before), facts, before, after)
    if (audit.length === 0) return unchanged(before)
    const refusal =
      (await whyRefused(tx, act, after, before)) ?? (await whyNotWidened(tx, by, before, after))
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
  const asked = { ...place, operation: 'removeServiceAccount' } as const
  return write(db, act, asked, async (tx, _by, account) => {
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
  by: PermittedAct,
  before: ServiceAccount,
) => Promise<Result<Written<ServiceAccount>, ServiceAccountRefusal>>

/** Writes to an account that must be there, as it is known to whoever asks. */
async function write(
  db: Needs['db'],
  act: Act,
  place: AccountPlace & Conditional & Pick<Asked, 'operation'>,
  work: Work,
): Outcome {
  const { account: id } = place
  return permitted<ServiceAccount, ServiceAccountRefusal>(db, place, act, async (tx, by) => {
    const account = await storage.findServiceAccount(tx, place.organization, id)
    if (account === undefined) return unknown(id)
    const mismatch = whyMismatched(place, account)
    return mismatch ? refuse(mismatch) : work(tx, by, account)
  })
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

/** Whoever lets an account go on, or go on for longer, opens the way to all that it holds. */
async function whyNotWidened(
  tx: Tx,
  by: PermittedAct,
  before: ServiceAccount,
  { organization, id: principal, enabled, expiresAt }: ServiceAccount,
): Promise<PermissionNotHeld | undefined> {
  const isEnabled = enabled && !before.enabled
  if (!isEnabled && !isLater(expiresAt, before.expiresAt)) return undefined
  return whyNotReachable(tx, by, { organization, principal }, isEnabled ? undefined : expiresAt)
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

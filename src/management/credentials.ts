import type { PermissionNotHeld } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { CredentialRecord, Phc } from '../domain/credential.ts'
import type { CredentialId, OrganizationId, PrincipalId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { ClientSecret, SecretHandle } from '../domain/secret.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, isLater } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import * as storage from '../storage/credentials.ts'
import type { Page, PageAsked } from '../storage/page.ts'
import { pageOf } from '../storage/page.ts'
import { isServiceAccount } from '../storage/service-accounts.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { UnknownPrincipal } from './access.ts'
import { whyNotReachable } from './giving.ts'
import type { Asked, NotPermitted, PermittedAct } from './permitted.ts'
import { permitted } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { changeEntries, createdIn, endFact, unchanged } from './written.ts'

/** Credentials of one principal: enough to rotate, few enough to read with every token request. */
export const credentialsMax = 10

type Needs = Pick<ManagementPorts, 'db'>

/** A credential inside its organization. */
export type CredentialPlace = {
  readonly organization: OrganizationId
  readonly credential: CredentialId
  /** Whose it is, if that is known: at another one it is unknown. */
  readonly principal?: PrincipalId | undefined
}

type UnknownCredential = {
  readonly reason: 'credential_unknown'
  readonly credential: CredentialId
}

export type CredentialRefusal =
  | NotPermitted
  | PermissionNotHeld
  | VersionRefusal
  | UnknownCredential
  | UnknownPrincipal
  | { readonly reason: 'credential_name_taken'; readonly name: Name }
  | { readonly reason: 'credentials_too_many'; readonly max: number }
  /** In this organization or another: handles are found before it is known whose they are. */
  | { readonly reason: 'handle_taken'; readonly handle: SecretHandle }
  | { readonly reason: 'expiry_past'; readonly expiresAt: NumericDate }

export type ClientSecretCreation = {
  readonly organization: OrganizationId
  readonly principal: PrincipalId
  readonly name: Name
  readonly expiresAt?: NumericDate | undefined
}

/** The only value that ever holds the secret: it is stored as a hash, and cannot be shown again. */
export type CreatedSecret = {
  readonly credential: CredentialRecord
  readonly secret: ClientSecret
}

export async function createClientSecret(
  { secrets, ...ports }: Pick<ManagementPorts, 'db' | 'random' | 'secrets'>,
  act: Act,
  creation: ClientSecretCreation,
): Promise<Result<CreatedSecret, CredentialRefusal>> {
  const { secret, handle } = secrets.generate()
  const hash = await secrets.hash(secret)
  const added = await addSecret(ports, act, { ...creation, handle, hash })
  return added.ok ? accept({ credential: added.value, secret }) : added
}

/** A secret that whoever registers it has made: its handle and its hash, and never itself. */
export type ClientSecretRegistration = ClientSecretCreation & {
  readonly handle: SecretHandle
  /** One that `parseSecretHash` took. */
  readonly hash: Phc
}

/** Registers a client secret blind: the server never sees it, until it is presented for a token. */
export async function registerClientSecret(
  ports: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  registration: ClientSecretRegistration,
): Outcome {
  return addSecret(ports, act, registration)
}

async function addSecret(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  { organization, principal, name, expiresAt, handle, hash }: ClientSecretRegistration,
): Outcome {
  const asked = { organization, operation: 'createCredential' } as const
  return permitted<CredentialRecord, CredentialRefusal>(db, asked, act, async (tx, by) => {
    const credential = {
      id: random.id('credential'),
      organization,
      principal,
      kind: 'client_secret',
      name,
      handle,
      enabled: true,
      expiresAt,
      ...createdIn(act),
    } as const
    const refusal = await whyNotAnother(tx, by, credential)
    if (refusal) return refuse(refusal)

    await storage.addClientSecret(tx, credential, hash)
    return accept({
      value: credential,
      audit: [{ kind: 'credential.created', target: target(credential), after: facts(credential) }],
      changes: [change(credential)],
    })
  })
}

async function whyNotAnother(
  tx: Tx,
  by: PermittedAct,
  credential: CredentialRecord & { readonly handle: SecretHandle },
): Promise<CredentialRefusal | undefined> {
  const { organization, principal, handle, expiresAt } = credential
  if (!(await isServiceAccount(tx, organization, principal))) {
    return { reason: 'principal_unknown', principal }
  }
  const siblings = await storage.listCredentials(tx, organization, principal)
  if (siblings.length >= credentialsMax) {
    return { reason: 'credentials_too_many', max: credentialsMax }
  }
  if (await storage.isHandleTaken(tx, handle)) return { reason: 'handle_taken', handle }
  return (
    whyRefused(by, credential, siblings) ??
    (await whyNotReachable(tx, by, { organization, principal }, expiresAt))
  )
}

export type CredentialsAsked = PageAsked<CredentialId> & { readonly name?: Name | undefined }

export async function listCredentials(
  { db: { management: db } }: Needs,
  { organization, principal }: Pick<ClientSecretCreation, 'organization' | 'principal'>,
  asked: CredentialsAsked = {},
): Promise<Result<Page<CredentialRecord, CredentialId>, UnknownPrincipal>> {
  if (!(await isServiceAccount(db, organization, principal))) {
    return refuse({ reason: 'principal_unknown', principal })
  }
  const { name, start = '' } = asked
  const all = await storage.listCredentials(db, organization, principal)
  const wanted = all.filter((one) => one.id > start && (name === undefined || one.name === name))
  return accept(pageOf(wanted, asked))
}

export async function showCredential(
  { db }: Needs,
  place: CredentialPlace,
): Promise<Result<CredentialRecord, UnknownCredential>> {
  const { organization, credential: id } = place
  const credential = await storage.findCredential(db.management, organization, id)
  return credential && isOf(place, credential) ? accept(credential) : unknown(id)
}

export type CredentialChange = CredentialPlace &
  Conditional & {
    readonly name?: Name | undefined
    /** `null` for no end. */
    readonly expiresAt?: NumericDate | null | undefined
    /** Refused as a proof while it is not. */
    readonly enabled?: boolean | undefined
  }

type Outcome = Promise<Result<CredentialRecord, CredentialRefusal>>

export async function changeCredential({ db }: Needs, act: Act, input: CredentialChange): Outcome {
  const asked = { ...input, operation: 'changeCredential' } as const
  return write(db, act, asked, async (tx, by, before) => {
    const { name = before.name, expiresAt = before.expiresAt, enabled = before.enabled } = input
    const after = { ...before, name, enabled, expiresAt: expiresAt ?? undefined }
    const audit = changeEntries(target(before), facts, before, after)
    if (audit.length === 0) return unchanged(before)
    const siblings = await storage.listCredentials(tx, before.organization, before.principal)
    const refusal = whyRefused(act, after, siblings) ?? (await whyNotWidened(tx, by, before, after))
    if (refusal) return refuse(refusal)

    const version = await storage.changeCredential(tx, after, act.at)
    return accept({ value: { ...after, version }, audit, changes: [change(after)] })
  })
}

/** Refused as a proof until it is enabled again. */
export async function disableCredential(ports: Needs, act: Act, place: CredentialPlace): Outcome {
  return changeCredential(ports, act, { ...place, enabled: false })
}

export async function enableCredential(ports: Needs, act: Act, place: CredentialPlace): Outcome {
  return changeCredential(ports, act, { ...place, enabled: true })
}

/** Removes a credential for good. */
export async function removeCredential(
  { db }: Needs,
  act: Act,
  place: CredentialPlace & Conditional,
): Outcome {
  const asked = { ...place, operation: 'removeCredential' } as const
  return write(db, act, asked, async (tx, _by, credential) => {
    await storage.removeCredential(tx, credential)
    return accept({
      value: credential,
      audit: [
        { kind: 'credential.removed', target: target(credential), before: facts(credential) },
      ],
      changes: [change(credential)],
    })
  })
}

type Work = (
  tx: Tx,
  by: PermittedAct,
  before: CredentialRecord,
) => Promise<Result<Written<CredentialRecord>, CredentialRefusal>>

/** Writes to a credential that must be there, as it is known to whoever asks. */
async function write(
  db: Needs['db'],
  act: Act,
  place: CredentialPlace & Conditional & Pick<Asked, 'operation'>,
  work: Work,
): Outcome {
  const { credential: id } = place
  return permitted<CredentialRecord, CredentialRefusal>(db, place, act, async (tx, by) => {
    const credential = await storage.findCredential(tx, place.organization, id)
    if (credential === undefined || !isOf(place, credential)) return unknown(id)
    const mismatch = whyMismatched(place, credential)
    return mismatch ? refuse(mismatch) : work(tx, by, credential)
  })
}

/** Whoever lets a credential go on, or go on for longer, opens the way to all that its holder holds. */
async function whyNotWidened(
  tx: Tx,
  by: PermittedAct,
  before: CredentialRecord,
  { organization, principal, enabled, expiresAt }: CredentialRecord,
): Promise<PermissionNotHeld | undefined> {
  const isWidened = (enabled && !before.enabled) || isLater(expiresAt, before.expiresAt)
  if (!isWidened) return undefined
  return whyNotReachable(tx, by, { organization, principal }, expiresAt)
}

/** Names tell the credentials of one principal apart; an end that is given lies ahead. */
function whyRefused(
  { at }: Act,
  after: CredentialRecord,
  siblings: readonly CredentialRecord[],
): CredentialRefusal | undefined {
  const { id, name, expiresAt } = after
  if (siblings.some((other) => other.name === name && other.id !== id)) {
    return { reason: 'credential_name_taken', name }
  }
  const before = siblings.find((other) => other.id === id)
  const isNewEnd = expiresAt !== undefined && expiresAt !== before?.expiresAt
  return isNewEnd && hasEnded(expiresAt, at) ? { reason: 'expiry_past', expiresAt } : undefined
}

function isOf(place: CredentialPlace, { principal }: CredentialRecord): boolean {
  return place.principal === undefined || place.principal === principal
}

function unknown(credential: CredentialId) {
  return refuse({ reason: 'credential_unknown', credential })
}

function target({ id, name }: CredentialRecord) {
  return { type: 'credential', id, name } as const
}

function change({ organization, principal }: CredentialRecord): Change {
  return { kind: 'principal', organization, subject: principal }
}

function facts({ principal, name, handle, expiresAt }: CredentialRecord): Facts {
  return { principal, name, handle: handle ?? null, expires_at: endFact(expiresAt) }
}

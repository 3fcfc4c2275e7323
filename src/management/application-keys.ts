import type { ApplicationKey } from '../domain/application-key.ts'
import type { Actor } from '../domain/audit.ts'
import type { SessionNeeded } from '../domain/authority.ts'
import { isByApplicationKey } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { ApplicationKeyId, MemberId, OrganizationId } from '../domain/id.ts'
import type { Description } from '../domain/name.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { ClientSecret } from '../domain/secret.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import * as storage from '../storage/application-keys.ts'
import { findMember } from '../storage/members.ts'
import type { ConcernRefusal, Written } from '../storage/transaction.ts'
import { inTransaction } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { changeEntries, createdIn, endFact, unchanged } from './written.ts'

/** Keys of one member: enough for the programs of a person, few enough to look through. */
export const applicationKeysMax = 10

type Needs = Pick<ManagementPorts, 'db'>

type Owner = { readonly organization: OrganizationId; readonly member: MemberId }

/** A key inside its organization. */
export type ApplicationKeyPlace = {
  readonly organization: OrganizationId
  readonly applicationKey: ApplicationKeyId
}

/** Not there, or somebody else's: nobody learns which. */
type UnknownKey = {
  readonly reason: 'application_key_unknown'
  readonly applicationKey: ApplicationKeyId
}

type UnknownMember = { readonly reason: 'principal_unknown'; readonly principal: MemberId }

export type ApplicationKeyRefusal =
  | ConcernRefusal
  | VersionRefusal
  | SessionNeeded
  | UnknownKey
  | UnknownMember
  | { readonly reason: 'application_keys_too_many'; readonly max: number }
  | { readonly reason: 'expiry_past'; readonly expiresAt: NumericDate }

export type ApplicationKeyCreation = Owner & {
  readonly description: Description
  readonly expiresAt?: NumericDate | undefined
}

/** The only value that ever holds the secret: it is stored as a hash, and cannot be shown again. */
export type CreatedApplicationKey = {
  readonly key: ApplicationKey
  readonly secret: ClientSecret
}

/**
 * Makes client ID and secret of a member's own. Only that member can, signed in, or the command line
 * beside the database for them: a token must not make something that outlives it.
 */
export async function createApplicationKey(
  { db, random, secrets }: Pick<ManagementPorts, 'db' | 'random' | 'secrets'>,
  act: Act,
  { organization, member, description, expiresAt }: ApplicationKeyCreation,
): Promise<Result<CreatedApplicationKey, ApplicationKeyRefusal>> {
  const { secret, handle } = secrets.generate()
  const hash = await secrets.hash(secret)
  return inTransaction<CreatedApplicationKey, ApplicationKeyRefusal>(
    db,
    organization,
    act,
    async (tx) => {
      const key: ApplicationKey = {
        id: random.id('application_key'),
        organization,
        member,
        description,
        handle,
        enabled: true,
        expiresAt,
        ...createdIn(act),
      }
      const refusal = (await whyNotOwner(tx, act, key)) ?? (await whyNotAnother(tx, act, key))
      if (refusal) return refuse(refusal)
      await storage.addApplicationKey(tx, key, hash)
      return accept({
        value: { key, secret },
        audit: [{ kind: 'application_key.created', target: target(key), after: facts(key) }],
        changes: [change(key)],
      })
    },
  )
}

/** All keys of a member, the oldest first, for that member alone. */
export async function listApplicationKeys(
  { db: { management: db } }: Needs,
  act: Act,
  { organization, member }: Owner,
): Promise<Result<readonly ApplicationKey[], UnknownMember>> {
  if (!isOf(act.actor, { organization, member }) || !(await findMember(db, organization, member))) {
    return refuse({ reason: 'principal_unknown', principal: member })
  }
  return accept(await storage.listApplicationKeys(db, organization, member))
}

export async function showApplicationKey(
  { db }: Needs,
  act: Act,
  { organization, applicationKey: id }: ApplicationKeyPlace,
): Promise<Result<ApplicationKey, UnknownKey>> {
  const key = await storage.findApplicationKey(db.management, organization, id)
  return key && isOf(act.actor, key) ? accept(key) : unknown(id)
}

export type ApplicationKeyChange = ApplicationKeyPlace &
  Conditional & {
    readonly description?: Description | undefined
    /** `null` for no end. */
    readonly expiresAt?: NumericDate | null | undefined
    /** Refused as a proof while it is not. */
    readonly enabled?: boolean | undefined
  }

type Outcome = Promise<Result<ApplicationKey, ApplicationKeyRefusal>>

export async function changeApplicationKey(
  { db }: Needs,
  act: Act,
  input: ApplicationKeyChange,
): Outcome {
  return write(db, act, input, async (tx, before) => {
    const { description = before.description, expiresAt = before.expiresAt } = input
    const { enabled = before.enabled } = input
    const after = { ...before, description, enabled, expiresAt: expiresAt ?? undefined }
    const audit = changeEntries(target(before), facts, before, after)
    if (audit.length === 0) return unchanged(before)
    const isNewEnd = after.expiresAt !== before.expiresAt
    const refusal = isNewEnd ? whyEnded(act, after) : undefined
    if (refusal) return refuse(refusal)

    const version = await storage.changeApplicationKey(tx, after, act.at)
    return accept({ value: { ...after, version }, audit, changes: [change(after)] })
  })
}

/** Removes a key for good. */
export async function removeApplicationKey(
  { db }: Needs,
  act: Act,
  place: ApplicationKeyPlace & Conditional,
): Outcome {
  return write(db, act, place, async (tx, key) => {
    await storage.removeApplicationKey(tx, key)
    return accept({
      value: key,
      audit: [{ kind: 'application_key.removed', target: target(key), before: facts(key) }],
      changes: [change(key)],
    })
  })
}

type Work = (
  tx: Tx,
  before: ApplicationKey,
) => Promise<Result<Written<ApplicationKey>, ApplicationKeyRefusal>>

/** Writes to a key that must be there and one's own, as it is known to whoever asks. */
async function write(
  db: Needs['db'],
  act: Act,
  place: ApplicationKeyPlace & Conditional,
  work: Work,
): Outcome {
  const { organization, applicationKey: id } = place
  return inTransaction<ApplicationKey, ApplicationKeyRefusal>(db, organization, act, async (tx) => {
    const key = await storage.findApplicationKey(tx, organization, id)
    if (key === undefined || !isOf(act.actor, key)) return unknown(id)
    const refusal = (await whyNotOwner(tx, act, key)) ?? whyMismatched(place, key)
    return refusal ? refuse(refusal) : work(tx, key)
  })
}

/** Whether these keys are of whoever acts. The command line beside the database acts for everybody. */
function isOf(actor: Actor, { organization, member }: Owner): boolean {
  if (actor.type === 'operator' || actor.type === 'server') return true
  return actor.type === 'member' && actor.organization === organization && actor.id === member
}

async function whyNotOwner(
  tx: Tx,
  { actor }: Act,
  { organization, member }: Owner,
): Promise<ApplicationKeyRefusal | undefined> {
  const isThere = (await findMember(tx, organization, member)) !== undefined
  if (!isThere || !isOf(actor, { organization, member })) {
    return { reason: 'principal_unknown', principal: member }
  }
  return isByApplicationKey(actor) ? { reason: 'session_needed' } : undefined
}

async function whyNotAnother(
  tx: Tx,
  act: Act,
  key: ApplicationKey,
): Promise<ApplicationKeyRefusal | undefined> {
  const others = await storage.listApplicationKeys(tx, key.organization, key.member)
  return others.length >= applicationKeysMax
    ? { reason: 'application_keys_too_many', max: applicationKeysMax }
    : whyEnded(act, key)
}

/** An end that is given lies ahead. */
function whyEnded({ at }: Act, { expiresAt }: ApplicationKey): ApplicationKeyRefusal | undefined {
  return expiresAt !== undefined && hasEnded(expiresAt, at)
    ? { reason: 'expiry_past', expiresAt }
    : undefined
}

function unknown(applicationKey: ApplicationKeyId) {
  return refuse({ reason: 'application_key_unknown', applicationKey } as const)
}

function target({ id }: ApplicationKey) {
  return { type: 'application_key', id } as const
}

/** A key is a client of its own to memory; a change of its member is one of all their keys. */
function change({ organization, id }: ApplicationKey): Change {
  return { kind: 'principal', organization, subject: id }
}

function facts({ member, description, handle, expiresAt }: ApplicationKey): Facts {
  return { member, description, handle, expires_at: endFact(expiresAt) }
}

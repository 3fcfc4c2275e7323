import type { Access } from '../domain/access.ts'
import type { ApplicationKey } from '../domain/application-key.ts'
import type { CredentialRecord } from '../domain/credential.ts'
import type { Group } from '../domain/group.ts'
import type { Result } from '../domain/result.ts'
import { accept } from '../domain/result.ts'
import type { NumericDate, Seconds } from '../domain/time.ts'
import { later } from '../domain/time.ts'
import { listApplicationKeys } from '../storage/application-keys.ts'
import type { NamedBinding } from '../storage/bindings.ts'
import { listBindings } from '../storage/bindings.ts'
import { listCredentials } from '../storage/credentials.ts'
import { listGroupsOf } from '../storage/groups.ts'
import { listSomeOwners } from '../storage/holdings.ts'
import type { HeldPermission, Principal } from '../storage/principals.ts'
import { findLongestTokenLifetime, listHeldByNobodyElse } from '../storage/principals.ts'
import { countSessions } from '../storage/sessions.ts'
import type { PrincipalPlace, UnknownPrincipal } from './access.ts'
import { effectiveAccessOf } from './access.ts'
import type { ManagementPorts } from './ports.ts'

type Reader = ManagementPorts['db']['management']

/** What would end with a principal. Being disabled ends the same, until it is enabled again. */
export type RemovalPreview = {
  readonly principal: Principal
  /** What nobody could prove themselves with any more. */
  readonly credentials: readonly CredentialRecord[]
  /**
   * A member's application keys. What members call them and how a key is recognised is for the member
   * alone.
   */
  readonly applicationKeys: readonly PreviewedKey[]
  /** Where the member is signed in: with a membership all sessions of the person end. */
  readonly sessions: number
  readonly groups: readonly Group[]
  /** The roles granted to it directly. */
  readonly bindings: readonly NamedBinding[]
  /** What it may do now and nobody else may: no other member or account in force holds it. */
  readonly heldByNobodyElse: readonly HeldPermission[]
  /** Whether the organization would be without an Owner; then it cannot be removed. */
  readonly isLastOwner: boolean
  /** When the last of its tokens ends at the latest, if it goes now; `undefined` if it gets none. */
  readonly tokensEndBy: NumericDate | undefined
}

export type PreviewedKey = Pick<ApplicationKey, 'id' | 'enabled' | 'expiresAt' | 'createdAt'>

/** Tells what would end with a principal, before it is disabled or removed. */
export async function previewRemoval(
  ports: Pick<ManagementPorts, 'db'>,
  place: PrincipalPlace,
  now: NumericDate,
): Promise<Result<RemovalPreview, UnknownPrincipal>> {
  const held = await effectiveAccessOf(ports, place, { now })
  if (!held.ok) return held
  const { principal, access } = held.value
  const { management: db } = ports.db
  const { organization, id } = principal
  const owners = await listSomeOwners(db, organization)
  const lifetime = await longestLifetime(db, principal, access)
  return accept({
    principal,
    credentials: await listCredentials(db, organization, id),
    ...(await ownedByPerson(db, principal, now)),
    groups: await listGroupsOf(db, organization, id),
    bindings: await allBindings(db, principal),
    heldByNobodyElse: await listHeldByNobodyElse(db, principal, permissionsIn(access), now),
    isLastOwner: owners.length === 1 && owners[0] === id,
    tokensEndBy: lifetime === undefined ? undefined : later(now, lifetime),
  })
}

async function ownedByPerson(
  db: Reader,
  { organization, membership }: Principal,
  now: NumericDate,
): Promise<Pick<RemovalPreview, 'applicationKeys' | 'sessions'>> {
  if (membership === undefined) return { applicationKeys: [], sessions: 0 }
  const keys = await listApplicationKeys(db, organization, membership.id)
  const applicationKeys = keys.map(({ id, enabled, expiresAt, createdAt }) => {
    return { id, enabled, expiresAt, createdAt }
  })
  return { applicationKeys, sessions: await countSessions(db, membership.person, now) }
}

function permissionsIn(access: readonly Access[]): readonly HeldPermission[] {
  return access.flatMap(({ audience, whole: { scope }, details }) => [
    ...scope.map((permission) => ({ audience, permission, resource: undefined })),
    ...details.flatMap(({ resource, permissions }) =>
      permissions.map((permission) => ({ audience, permission, resource })),
    ),
  ])
}

async function longestLifetime(
  db: Reader,
  { organization, tokenLifetime }: Principal,
  access: readonly Access[],
): Promise<Seconds | undefined> {
  const audiences = access.map(({ audience }) => audience)
  const longest = await findLongestTokenLifetime(db, organization, audiences)
  if (longest === undefined || tokenLifetime === undefined) return longest
  return tokenLifetime < longest ? tokenLifetime : longest
}

/** Page after page: `bindingsOfSubjectMax` keeps them few. */
async function allBindings(
  db: Reader,
  { organization, id }: Principal,
): Promise<readonly NamedBinding[]> {
  const subject = { type: 'principal', id } as const
  const all: NamedBinding[] = []
  let start: NamedBinding['id'] | undefined
  do {
    const { items, next } = await listBindings(db, organization, { subject, start })
    all.push(...items)
    start = next
  } while (start !== undefined)
  return all
}

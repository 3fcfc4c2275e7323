/**
 * Things of an organization, written in one transaction as they are to be: who made them, and whether
 * they might have, is not what a scene is about. As verbs, one by one, they took longer than the story.
 */
import type { Api } from '../../../src/domain/api.ts'
import type { BindingSubject } from '../../../src/domain/binding.ts'
import type {
  ApplicationKeyId,
  CredentialId,
  MemberId,
  OrganizationId,
  PersonId,
  RoleId,
  ServiceAccountId,
} from '../../../src/domain/id.ts'
import type { Group } from '../../../src/domain/group.ts'
import type { PrincipalId } from '../../../src/domain/id.ts'
import type { Role } from '../../../src/domain/role.ts'
import { createdIn } from '../../../src/management/written.ts'
import { addApplicationKey } from '../../../src/storage/application-keys.ts'
import { addBinding } from '../../../src/storage/bindings.ts'
import { addClientSecret } from '../../../src/storage/credentials.ts'
import { addGroup, addGroupMember } from '../../../src/storage/groups.ts'
import { addMember } from '../../../src/storage/members.ts'
import { addPerson } from '../../../src/storage/people.ts'
import { addRole } from '../../../src/storage/roles.ts'
import { addServiceAccount } from '../../../src/storage/service-accounts.ts'
import type { Tx } from '../../../src/storage/tx.ts'
import type { Desk } from '../desk.ts'
import { description, inDays, name, permission, resource } from '../desk.ts'
import { addStandingSession, sessionOf } from '../standing-session.ts'
import { email } from '../people.ts'

export type Place = { readonly tx: Tx; readonly desk: Desk; readonly organization: OrganizationId }

/** Where and for how long something is given; everywhere and for ever, unless said. */
export type Terms = { readonly resource?: string; readonly days?: number }

/** Roles to be held from the beginning. */
export type Held = readonly (readonly [Pick<Role, 'id'>, Terms?])[]

export async function makeRole(
  { tx, desk, organization }: Place,
  called: string,
  held: readonly (readonly [Api, string])[],
): Promise<Role> {
  const role: Role = {
    id: desk.random.id('role'),
    organization,
    name: name(called),
    description: description(''),
    builtIn: false,
    permissions: new Map(),
    ...createdIn(desk.act),
  }
  const permissions = held.map(([api, text]) => ({ api: api.id, permission: permission(text) }))
  await addRole(tx, role, permissions)
  return role
}

export async function makeGroup(place: Place, called: string, held: Held): Promise<Group> {
  const { tx, desk, organization } = place
  const group: Group = {
    id: desk.random.id('group'),
    organization,
    name: name(called),
    description: description(''),
    ...createdIn(desk.act),
  }
  await addGroup(tx, group)
  for (const [role, terms] of held)
    await give(place, { type: 'group', id: group.id }, role.id, terms)
  return group
}

type Membership = {
  readonly held: Held
  /** Who it is, if they are here already. */
  readonly person?: PersonId | undefined
  readonly isOperator?: boolean
}

/** A member, and a person of their own who cannot sign in. */
export async function makeMember(
  place: Place,
  called: string,
  { held, person, isOperator = false }: Membership,
): Promise<MemberId> {
  const { tx, desk, organization } = place
  const created = createdIn(desk.act)
  const known = person ?? desk.random.id('person')
  if (person === undefined) {
    const who = { email: email(`${called}.${organization}@example.com`), name: name(called) }
    await addPerson(tx, { id: known, isOperator, ...who, ...created })
  }
  const id = desk.random.id('member')
  await addMember(tx, { id, organization, person: known, ...created })
  await addStandingSession(tx, desk, known, sessionOf(id))
  await giveAll(place, id, held)
  return id
}

/** An account with one client secret. */
export async function makeAccount(
  place: Place,
  called: string,
  { held, days }: { readonly held: Held; readonly days?: number },
): Promise<{ readonly id: ServiceAccountId; readonly secret: CredentialId }> {
  const { tx, desk, organization } = place
  const id = desk.random.id('service_account')
  await addServiceAccount(tx, {
    id,
    organization,
    name: name(called),
    description: description(''),
    enabled: true,
    expiresAt: days === undefined ? undefined : inDays(desk, days),
    tokenLifetime: undefined,
    ...createdIn(desk.act),
  })
  await giveAll(place, id, held)
  const { secret, handle } = desk.secrets.generate()
  const credential = {
    id: desk.random.id('credential'),
    organization,
    principal: id,
    kind: 'client_secret',
    name: name('one'),
    handle,
    enabled: true,
    expiresAt: undefined,
    ...createdIn(desk.act),
  } as const
  await addClientSecret(tx, credential, await desk.secrets.hash(secret))
  return { id, secret: credential.id }
}

export async function makeKey(
  { tx, desk, organization }: Place,
  member: MemberId,
): Promise<ApplicationKeyId> {
  const { secret, handle } = desk.secrets.generate()
  const key = {
    id: desk.random.id('application_key'),
    organization,
    member,
    description: description(''),
    handle,
    enabled: true,
    expiresAt: undefined,
    ...createdIn(desk.act),
  }
  await addApplicationKey(tx, key, await desk.secrets.hash(secret))
  return key.id
}

export async function enter({ tx }: Place, group: Group, principal: PrincipalId): Promise<void> {
  await addGroupMember(tx, group, principal)
}

async function giveAll(place: Place, id: PrincipalId, held: Held): Promise<void> {
  for (const [role, terms] of held) await give(place, { type: 'principal', id }, role.id, terms)
}

async function give(
  { tx, desk, organization }: Place,
  subject: BindingSubject,
  role: RoleId,
  { resource: on, days }: Terms = {},
): Promise<void> {
  await addBinding(tx, {
    id: desk.random.id('binding'),
    organization,
    role,
    subject,
    resource: on === undefined ? undefined : resource(on),
    expiresAt: days === undefined ? undefined : inDays(desk, days),
    ...createdIn(desk.act),
  })
}

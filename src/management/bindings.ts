import type { Binding, BindingSubject, ResourceName } from '../domain/binding.ts'
import type {
  AuthorityInsufficient,
  LastOwner,
  PermissionMissing,
  PermissionNotHeld,
} from '../domain/authority.ts'
import { makesOwner } from '../domain/authority.ts'
import type { Change } from '../domain/change.ts'
import type { BindingId, GroupId, OrganizationId, PrincipalId, RoleId } from '../domain/id.ts'
import { parseId } from '../domain/id.ts'
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'
import type { Role } from '../domain/role.ts'
import type { NumericDate } from '../domain/time.ts'
import { hasEnded, isLater } from '../domain/time.ts'
import type { Conditional, VersionRefusal } from '../domain/version.ts'
import { whyMismatched } from '../domain/version.ts'
import type { BindingsAsked, NamedBinding } from '../storage/bindings.ts'
import * as storage from '../storage/bindings.ts'
import { findGroup } from '../storage/groups.ts'
import type { Holders } from '../storage/holdings.ts'
import type { Page } from '../storage/page.ts'
import { findRole } from '../storage/roles.ts'
import { isPrincipal } from '../storage/service-accounts.ts'
import type { Written } from '../storage/transaction.ts'
import type { Act, Tx } from '../storage/tx.ts'
import { whyNotGiven, whyNotTaken, whyNotWithoutOwner } from './giving.ts'
import type { NotPermitted, PermittedAct } from './permitted.ts'
import { permitted, whyNotAlso } from './permitted.ts'
import type { ManagementPorts } from './ports.ts'
import type { Facts } from './written.ts'
import { createdIn, difference, endFact, unchanged } from './written.ts'

/** Roles given to one principal or group: each is read with its token requests. */
export const bindingsOfSubjectMax = 200

type Needs = Pick<ManagementPorts, 'db'>

/** A binding inside its organization. */
export type BindingPlace = { readonly organization: OrganizationId; readonly binding: BindingId }

type UnknownBinding = { readonly reason: 'binding_unknown'; readonly binding: BindingId }

export type BindingRefusal =
  | NotPermitted
  | PermissionNotHeld
  | AuthorityInsufficient
  | LastOwner
  | VersionRefusal
  | UnknownBinding
  | { readonly reason: 'role_unknown'; readonly role: RoleId }
  | { readonly reason: 'principal_unknown'; readonly principal: PrincipalId }
  | { readonly reason: 'group_unknown'; readonly group: GroupId }
  | { readonly reason: 'binding_exists'; readonly binding: BindingId }
  | { readonly reason: 'bindings_too_many'; readonly max: number }
  | { readonly reason: 'expiry_past'; readonly expiresAt: NumericDate }

export type BindingCreation = {
  readonly organization: OrganizationId
  readonly role: RoleId
  readonly subject: BindingSubject
  /** Without one the role is held on the whole organization. */
  readonly resource?: ResourceName | undefined
  readonly expiresAt?: NumericDate | undefined
}

type Outcome = Promise<Result<NamedBinding, BindingRefusal>>

/** Gives a role to a principal or a group. */
export async function createBinding(
  { db, random }: Pick<ManagementPorts, 'db' | 'random'>,
  act: Act,
  input: BindingCreation,
): Promise<Result<Binding, BindingRefusal>> {
  const asked = { organization: input.organization, operation: 'createBinding' } as const
  return permitted<Binding, BindingRefusal>(db, asked, act, async (tx, by) =>
    bindRole(tx, { random }, by, input),
  )
}

export async function listBindings(
  { db }: Needs,
  organization: OrganizationId,
  asked: BindingsAsked = {},
): Promise<Page<NamedBinding, BindingId>> {
  return storage.listBindings(db.management, organization, asked)
}

export async function showBinding(
  { db }: Needs,
  { organization, binding: id }: BindingPlace,
): Promise<Result<NamedBinding, UnknownBinding>> {
  const binding = await storage.findBinding(db.management, organization, id)
  return binding ? accept(binding) : unknown(id)
}

export type BindingChange = BindingPlace &
  Conditional & {
    /** `null` for no end. */
    readonly expiresAt?: NumericDate | null | undefined
  }

/** Moves the end of a binding. What it gives, and to whom, never changes. */
export async function changeBinding({ db }: Needs, act: Act, input: BindingChange): Outcome {
  const { organization, binding: id } = input
  const asked = { organization, operation: 'changeBinding' } as const
  return permitted<NamedBinding, BindingRefusal>(db, asked, act, async (tx, by) => {
    const before = await storage.findBinding(tx, organization, id)
    if (before === undefined) return unknown(id)
    const mismatch = whyMismatched(input, before)
    if (mismatch) return refuse(mismatch)
    const { expiresAt = before.expiresAt } = input
    const after = { ...before, expiresAt: expiresAt ?? undefined }
    const differing = difference(facts(before), facts(after))
    if (differing === undefined) return unchanged(before)
    if (after.expiresAt !== undefined && hasEnded(after.expiresAt, act.at)) {
      return refuse({ reason: 'expiry_past', expiresAt: after.expiresAt })
    }
    const isProlonged = isLater(after.expiresAt, before.expiresAt)
    const refusal = isProlonged
      ? whyNotGiven(by, [{ ...after, permissions: await permissionsOf(tx, after) }])
      : await whyNotWithdrawn(tx, by, before)
    if (refusal) return refuse(refusal)
    const version = await storage.changeBinding(tx, after)
    return accept({
      value: { ...after, version },
      audit: [{ kind: 'binding.changed', target: target(before), ...differing }],
      changes: [change(after)],
    })
  })
}

/** Withdraws a granted role. */
export async function removeBinding(
  { db }: Needs,
  act: Act,
  place: BindingPlace & Conditional,
): Outcome {
  const { organization, binding: id } = place
  const asked = { organization, operation: 'removeBinding' } as const
  return permitted<NamedBinding, BindingRefusal>(db, asked, act, async (tx, by) => {
    const binding = await storage.findBinding(tx, organization, id)
    if (binding === undefined) return unknown(id)
    const mismatch = whyMismatched(place, binding)
    if (mismatch) return refuse(mismatch)
    const refusal = await whyNotWithdrawn(tx, by, binding)
    if (refusal) return refuse(refusal)
    await storage.removeBinding(tx, binding)
    return accept({
      value: binding,
      audit: [{ kind: 'binding.removed', target: target(binding), before: facts(binding) }],
      changes: [change(binding)],
    })
  })
}

/** Gives a role inside a transaction that holds the organization's lock, of what `by` may give. */
export async function bindRole(
  tx: Tx,
  { random }: Pick<ManagementPorts, 'random'>,
  by: PermittedAct,
  { organization, role, subject, resource, expiresAt }: BindingCreation,
): Promise<Result<Written<Binding>, BindingRefusal>> {
  const binding: Binding = {
    id: random.id('binding'),
    organization,
    role,
    subject,
    resource,
    expiresAt,
    ...createdIn(by),
  }
  const refusal = await whyRefused(tx, by, binding)
  return refusal ? refuse(refusal) : accept(await writeBinding(tx, binding))
}

/** Writes one of which nothing has to be asked any more. */
export async function writeBinding(tx: Tx, binding: Binding): Promise<Written<Binding>> {
  await storage.addBinding(tx, binding)
  return {
    value: binding,
    audit: [{ kind: 'binding.created', target: target(binding), after: facts(binding) }],
    changes: [change(binding)],
  }
}

async function whyRefused(
  tx: Tx,
  by: PermittedAct,
  binding: Binding,
): Promise<BindingRefusal | undefined> {
  const { organization, role: id, subject, expiresAt } = binding
  const role = await findRole(tx, organization, id)
  if (role === undefined) return { reason: 'role_unknown', role: id }
  const unknownSubject = await whySubjectUnknown(tx, organization, subject)
  if (unknownSubject) return unknownSubject

  if (expiresAt !== undefined && hasEnded(expiresAt, by.at)) {
    return { reason: 'expiry_past', expiresAt }
  }
  const notTheirs = whyNotTheirs(by, binding, role)
  if (notTheirs) return notTheirs
  const same = await storage.findSameBinding(tx, binding)
  if (same) return { reason: 'binding_exists', binding: same.id }
  const count = await storage.countBindings(tx, organization, subject)
  return count < bindingsOfSubjectMax
    ? undefined
    : { reason: 'bindings_too_many', max: bindingsOfSubjectMax }
}

/** An operator gives to one member of an organization without an Owner what makes them its Owner. */
function whyNotTheirs(
  by: PermittedAct,
  binding: Binding,
  { name: roleName, permissions }: Role,
): PermissionMissing | PermissionNotHeld | undefined {
  const isOfMember = parseId('member', binding.subject.id) !== undefined
  if (by.mayAsOperator && isOfMember && makesOwner({ ...binding, roleName })) return undefined
  return whyNotAlso(by, 'createBinding') ?? whyNotGiven(by, [{ ...binding, permissions }])
}

/** Who loses a role loses what it gives of the management API; and the last Owner keeps theirs. */
async function whyNotWithdrawn(
  tx: Tx,
  by: PermittedAct,
  binding: NamedBinding,
): Promise<AuthorityInsufficient | LastOwner | undefined> {
  const { organization, subject } = binding
  const from: Holders = subject.type === 'principal' ? subject : { type: 'members', of: subject.id }
  const taken = [{ permissions: await permissionsOf(tx, binding) }]
  const notTaken = await whyNotTaken(tx, by, taken, { organization, ...from })
  if (notTaken) return notTaken
  return subject.type === 'principal' && makesOwner(binding)
    ? whyNotWithoutOwner(tx, { organization, principal: subject.id })
    : undefined
}

async function permissionsOf(
  tx: Tx,
  { organization, role }: Binding,
): Promise<Role['permissions']> {
  return (await findRole(tx, organization, role))?.permissions ?? new Map()
}

async function whySubjectUnknown(
  tx: Tx,
  organization: OrganizationId,
  subject: BindingSubject,
): Promise<BindingRefusal | undefined> {
  if (subject.type === 'group') {
    const group = await findGroup(tx, organization, subject.id)
    return group ? undefined : { reason: 'group_unknown', group: subject.id }
  }
  return (await isPrincipal(tx, organization, subject.id))
    ? undefined
    : { reason: 'principal_unknown', principal: subject.id }
}

function unknown(binding: BindingId) {
  return refuse({ reason: 'binding_unknown', binding })
}

function target({ id }: Binding) {
  return { type: 'binding', id }
}

/** A binding belongs to what is remembered of the one who holds it. */
function change({ organization, subject }: Binding): Change {
  return { kind: subject.type, organization, subject: subject.id }
}

function facts({ role, subject, resource, expiresAt }: Binding): Facts {
  return {
    role,
    [subject.type]: subject.id,
    resource: resource ?? null,
    expires_at: endFact(expiresAt),
  }
}

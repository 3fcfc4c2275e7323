import type { Kysely } from 'kysely'
import type { Binding, BindingSubject, ResourceName } from '../domain/binding.ts'
import type { BindingId, OrganizationId, RoleId } from '../domain/id.ts'
import type { Name } from '../domain/name.ts'
import type { Version } from '../domain/version.ts'
import { createdRow, readCreated } from './created.ts'
import type { Page, PageAsked } from './page.ts'
import { after, pageOf, rowsOf } from './page.ts'
import { raised } from './raised.ts'
import type { Tables } from './tables.ts'
import { timestamp } from './timestamp.ts'
import type { Tx } from './tx.ts'

/** A binding with the names that people know its ends by. */
export type NamedBinding = Binding & {
  readonly roleName: Name
  readonly subjectName: Name | undefined
}

export type BindingFilter = {
  readonly role?: RoleId | undefined
  readonly subject?: BindingSubject | undefined
  readonly resource?: ResourceName | undefined
}

export type BindingsAsked = PageAsked<BindingId> & BindingFilter

export async function findBinding(
  db: Kysely<Tables>,
  organization: OrganizationId,
  id: BindingId,
): Promise<NamedBinding | undefined> {
  const row = await bindings(db, organization).where('binding.id', '=', id).executeTakeFirst()
  return row && binding(row)
}

export async function listBindings(
  db: Kysely<Tables>,
  organization: OrganizationId,
  asked: BindingsAsked = {},
): Promise<Page<NamedBinding, BindingId>> {
  const rows = await filtered(bindings(db, organization), asked)
    .where('binding.id', '>', after(asked))
    .orderBy('binding.id')
    .limit(rowsOf(asked))
    .execute()
  return pageOf(rows.map(binding), asked)
}

/** The binding that says the same but for its end. */
export async function findSameBinding(
  tx: Tx,
  { organization, role, subject, resource }: Binding,
): Promise<NamedBinding | undefined> {
  const row = await filtered(bindings(tx, organization), { role, subject })
    .where('binding.resource', 'is not distinct from', resource ?? null)
    .executeTakeFirst()
  return row && binding(row)
}

/** How many bindings a principal, a group or a role is part of. */
export async function countBindings(
  tx: Tx,
  organization: OrganizationId,
  of: BindingSubject | { readonly type: 'role'; readonly id: RoleId },
): Promise<number> {
  const { count } = await tx
    .selectFrom('binding')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('organization_id', '=', organization)
    .where(`${of.type}_id`, '=', of.id)
    .executeTakeFirstOrThrow()
  return count
}

export async function addBinding(tx: Tx, added: Binding): Promise<void> {
  const { subject } = added
  await tx
    .insertInto('binding')
    .values({
      organization_id: added.organization,
      id: added.id,
      role_id: added.role,
      principal_id: subject.type === 'principal' ? subject.id : null,
      group_id: subject.type === 'group' ? subject.id : null,
      resource: added.resource ?? null,
      expires_at: timestamp(added.expiresAt),
      ...createdRow(added),
    })
    .execute()
}

/** Writes its end; returns its new version. */
export async function changeBinding(tx: Tx, changed: Binding): Promise<Version> {
  const { version } = await tx
    .updateTable('binding')
    .set({ expires_at: timestamp(changed.expiresAt), version: raised })
    .where('organization_id', '=', changed.organization)
    .where('id', '=', changed.id)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

export async function removeBinding(tx: Tx, { organization, id }: Binding): Promise<void> {
  await tx
    .deleteFrom('binding')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute()
}

type Bindings = ReturnType<typeof bindings>

function bindings(db: Kysely<Tables>, organization: OrganizationId) {
  return db
    .selectFrom('binding')
    .innerJoin('role', (join) =>
      join
        .onRef('role.organization_id', '=', 'binding.organization_id')
        .onRef('role.id', '=', 'binding.role_id'),
    )
    .leftJoin('service_account as account', (join) =>
      join
        .onRef('account.organization_id', '=', 'binding.organization_id')
        .onRef('account.id', '=', 'binding.principal_id'),
    )
    .leftJoin('member', (join) =>
      join
        .onRef('member.organization_id', '=', 'binding.organization_id')
        .onRef('member.id', '=', 'binding.principal_id'),
    )
    .leftJoin('person', 'person.id', 'member.person_id')
    .leftJoin('principal_group as held_by', (join) =>
      join
        .onRef('held_by.organization_id', '=', 'binding.organization_id')
        .onRef('held_by.id', '=', 'binding.group_id'),
    )
    .where('binding.organization_id', '=', organization)
    .select([
      'binding.organization_id',
      'binding.id',
      'binding.role_id',
      'binding.principal_id',
      'binding.group_id',
      'binding.resource',
      'binding.expires_at',
      'binding.version',
      'binding.created_at',
      'binding.created_by_id',
      'binding.created_by_name',
      'role.name as role_name',
      'account.name as account_name',
      'person.name as person_name',
      'held_by.name as group_name',
    ])
}

function filtered(query: Bindings, { role, subject, resource }: BindingFilter): Bindings {
  let result = query
  if (role !== undefined) result = result.where('binding.role_id', '=', role)
  if (resource !== undefined) result = result.where('binding.resource', '=', resource)
  if (subject?.type === 'principal') {
    return result.where('binding.principal_id', '=', subject.id)
  }
  return subject === undefined ? result : result.where('binding.group_id', '=', subject.id)
}

function binding(row: Awaited<ReturnType<Bindings['executeTakeFirstOrThrow']>>): NamedBinding {
  return {
    organization: row.organization_id,
    id: row.id,
    role: row.role_id,
    roleName: row.role_name,
    subject: subjectOf(row.principal_id, row.group_id),
    subjectName: row.account_name ?? row.person_name ?? row.group_name ?? undefined,
    resource: row.resource ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    version: row.version,
    ...readCreated(row),
  }
}

function subjectOf(
  principal: Tables['binding']['principal_id'],
  group: Tables['binding']['group_id'],
): BindingSubject {
  if (principal !== null) return { type: 'principal', id: principal }
  if (group !== null) return { type: 'group', id: group }
  throw new Error('a binding without a subject')
}

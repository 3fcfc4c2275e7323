import { expressionBuilder, sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { HeldBinding } from '../domain/binding.ts'
import type { GroupId, OrganizationId, PrincipalId, RoleId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Tables } from './tables.ts'

// What somebody holds, as the token plane reads it: groups and bindings, inside the query of whoever
// holds them.

/** A moment inside JSON, where the driver cannot read it for us. */
export function epochSeconds(column: string) {
  return sql<NumericDate | null>`floor(extract(epoch from ${sql.ref(column)}))::bigint`
}

const heldBindingColumns = [
  'binding.id',
  'binding.role_id',
  'binding.resource',
  epochSeconds('binding.expires_at').as('expires_at'),
] as const

/** The columns of the query around it that name an organization, and who in it holds. */
type Holder = { readonly organization: string; readonly id: string }

/** The ids of the groups that a principal is in. */
export function groupsOf({ organization, id }: Holder) {
  return jsonArrayFrom(
    expressionBuilder<Tables>()
      .selectFrom('group_member')
      .where('group_member.organization_id', '=', sql.ref<OrganizationId>(organization))
      .where('group_member.principal_id', '=', sql.ref<PrincipalId>(id))
      .select('group_member.group_id as id')
      .orderBy('group_member.group_id'),
  )
}

/** The bindings that a principal or a group holds itself. */
export function bindingsOf(kind: 'principal' | 'group', { organization, id }: Holder) {
  return jsonArrayFrom(
    expressionBuilder<Tables>()
      .selectFrom('binding')
      .select(heldBindingColumns)
      .orderBy('binding.id')
      .where('binding.organization_id', '=', sql.ref<OrganizationId>(organization))
      .where(`binding.${kind}_id`, '=', sql.ref<PrincipalId & GroupId>(id)),
  )
}

export type BindingRow = {
  readonly id: HeldBinding['id']
  readonly role_id: RoleId
  readonly resource: HeldBinding['resource'] | null
  readonly expires_at: NumericDate | null
}

export function heldBinding(row: BindingRow): HeldBinding {
  return {
    id: row.id,
    role: row.role_id,
    resource: row.resource ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  }
}

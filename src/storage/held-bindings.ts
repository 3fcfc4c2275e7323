import { sql } from 'kysely'
import type { HeldBinding } from '../domain/binding.ts'
import type { RoleId } from '../domain/id.ts'
import type { NumericDate } from '../domain/time.ts'

// Bindings as the token plane reads them: inside the JSON of whoever holds them.

/** A moment inside JSON, where the driver cannot read it for us. */
export function epochSeconds(column: string) {
  return sql<NumericDate | null>`floor(extract(epoch from ${sql.ref(column)}))::bigint`
}

export const heldBindingColumns = [
  'binding.id',
  'binding.role_id',
  'binding.resource',
  epochSeconds('binding.expires_at').as('expires_at'),
] as const

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

import type { Created } from '../domain/created.ts'
import type { NumericDate } from '../domain/time.ts'
import { timestamp } from './timestamp.ts'

// The three columns that say when a thing was made and by whom.

export const createdColumns = ['created_at', 'created_by_id', 'created_by_name'] as const

type CreatedRow = {
  readonly created_at: NumericDate
  readonly created_by_id: string
  readonly created_by_name: string
}

export function readCreated(row: CreatedRow): Created {
  return {
    createdAt: row.created_at,
    createdBy: { id: row.created_by_id, name: row.created_by_name },
  }
}

export function createdRow({ createdAt, createdBy }: Created) {
  return {
    created_at: timestamp(createdAt),
    created_by_id: createdBy.id,
    created_by_name: createdBy.name,
  }
}

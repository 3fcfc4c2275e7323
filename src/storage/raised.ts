import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { Version } from '../domain/version.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Timestamp } from './columns.ts'
import { timestamp } from './timestamp.ts'

/** The version of a row that an update writes: every update sets it. */
export const raised = sql<Version>`version + 1`

/** Since when a row is switched off. One that is off already keeps its moment. */
export function disabledAt(enabled: boolean, at: NumericDate): RawBuilder<Timestamp> | null {
  return enabled ? null : sql<Timestamp>`coalesce(disabled_at, ${timestamp(at)})`
}

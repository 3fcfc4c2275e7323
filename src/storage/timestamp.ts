import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import type { NumericDate } from '../domain/time.ts'
import { isoText } from '../domain/time.ts'
import type { Timestamp } from './columns.ts'

/** Writes a moment into SQL. Reading one back gives a NumericDate (see pool.ts). */
export function timestamp(date: NumericDate): Timestamp
export function timestamp(date: NumericDate | undefined): Timestamp | null
export function timestamp(date: NumericDate | undefined): Timestamp | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one maker of this brand
  return date === undefined ? null : (isoText(date) as Timestamp)
}

/** A moment to compare a column with. */
export function moment(date: NumericDate): RawBuilder<NumericDate> {
  return sql<NumericDate>`${timestamp(date)}::timestamptz`
}

import type { ColumnType } from 'kysely'
import type { Brand } from '../domain/brand.ts'
import type { NumericDate } from '../domain/time.ts'
import type { Version } from '../domain/version.ts'

// Columns that many tables have.

/** A moment as it is written into SQL. Made by `timestamp`. */
export type Timestamp = Brand<string, 'Timestamp'>

export type Moment = ColumnType<NumericDate, Timestamp, Timestamp>
export type MomentOrNull = ColumnType<NumericDate | null, Timestamp | null, Timestamp | null>

export type Created = { created_at: Moment; created_by_id: string; created_by_name: string }
/** Written by the database when a row is added, and by `raised` after that. */
export type Versioned = { version: ColumnType<Version, never, Version> }

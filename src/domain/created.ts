import type { NumericDate } from './time.ts'

/** When a thing was made, and by whom: id and name as they were, so that they outlive whoever they name. */
export type Created = {
  readonly createdAt: NumericDate
  readonly createdBy: { readonly id: string; readonly name: string }
}

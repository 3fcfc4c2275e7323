import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'

/** The most items of one page of a list. */
export const pageItemsMax = 100

/** One more than a page holds, which tells whether there is another page. */
export const pageRows = pageItemsMax + 1

/** Part of a list in the order of its ids, and with it of creation. */
export type Page<Item, Id> = {
  readonly items: readonly Item[]
  /** The next page begins after this id; `undefined` on the last page. */
  readonly next: Id | undefined
}

/** The id to compare with for a page that begins after one, or at the start of the list. */
export function after<Id extends string>(id: Id | undefined): RawBuilder<Id> {
  return sql<Id>`${id ?? ''}`
}

export function pageOf<Item extends { readonly id: Id }, Id>(
  items: readonly Item[],
): Page<Item, Id> {
  const page = items.slice(0, pageItemsMax)
  return { items: page, next: items.length > pageItemsMax ? page.at(-1)?.id : undefined }
}

import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'

/** The most items of one page of a list. */
export const pageItemsMax = 100

/** Part of a list in the order of its ids, and with it of creation. */
export type Page<Item, Id> = {
  readonly items: readonly Item[]
  /** The next page begins after this id; `undefined` on the last page. */
  readonly next: Id | undefined
}

/** Which part: what comes after an id, or the beginning of the list. */
export type PageAsked<Id> = {
  readonly start?: Id | undefined
  /** Fewer items than a page can have. */
  readonly limit?: number | undefined
}

/** The id to compare with for a page that begins after one, or at the start of the list. */
export function after<Id extends string>({ start }: PageAsked<Id>): RawBuilder<Id> {
  return sql<Id>`${start ?? ''}`
}

/** One more than the page holds, which tells whether there is another page. */
export function rowsOf({ limit = pageItemsMax }: PageAsked<unknown>): number {
  return Math.min(limit, pageItemsMax) + 1
}

export function pageOf<Item extends { readonly id: Id }, Id>(
  items: readonly Item[],
  asked: PageAsked<Id>,
): Page<Item, Id> {
  const itemsMax = rowsOf(asked) - 1
  const page = items.slice(0, itemsMax)
  return { items: page, next: items.length > itemsMax ? page.at(-1)?.id : undefined }
}

import type { Document } from '../http/api/documents.ts'
import type { Page } from '../storage/page.ts'

/** One page of a list, and where the next one begins. */
export function pageDocument<Item>(
  name: string,
  { items, next }: Page<Item, string>,
  document: (item: Item) => Document,
): { readonly [name: string]: Document } {
  return { [name]: items.map(document), next: next ?? null }
}

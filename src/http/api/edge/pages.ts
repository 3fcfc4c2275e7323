import { hash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Noun } from '../../../domain/id.ts'
import { parseId } from '../../../domain/id.ts'
import type { Id } from '../../../domain/id.ts'
import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'
import type { Page } from '../../../management/ports.ts'
import type { EdgeRefusal } from './edge-refusal.ts'

const pageItemsMax = 100
const cursorCharactersMax = 200

/** What every list takes beside its filters. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageItemsMax)
    .default(pageItemsMax)
    .openapi({ description: 'The most items to answer with.', example: 100 }),
  cursor: z
    .string()
    .min(1)
    .max(cursorCharactersMax)
    .optional()
    .openapi({ description: 'The `next_cursor` of the page before, with the same filters.' }),
}

/** A page of a list of these. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item).max(pageItemsMax),
    next_cursor: z
      .string()
      .nullable()
      .openapi({ description: 'Where the next page begins; `null` on the last one.' }),
  })
}

/** What a cursor belongs to: one list, with its filters. */
export type Listing = {
  readonly path: string
  readonly query: { readonly cursor?: string | undefined; readonly [filter: string]: unknown }
}

/** Which page of a list in the order of its ids is asked for: after the id that its cursor names. */
export function pageAsked<N extends Noun>(
  noun: N,
  listing: Listing & { readonly query: { readonly limit: number } },
): Result<{ readonly start: Id<N> | undefined; readonly limit: number }, EdgeRefusal> {
  const start = startFrom(listing, (text) => parseId(noun, text))
  return start.ok ? accept({ start: start.value, limit: listing.query.limit }) : start
}

/** Where a page starts, in a list that is in another order than that of ids. */
export function startFrom<Start>(
  listing: Listing,
  parse: (text: string) => Start | undefined,
): Result<Start | undefined, EdgeRefusal> {
  const { cursor } = listing.query
  if (cursor === undefined) return accept(undefined)
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const start = text.startsWith(binding(listing)) ? parse(text.slice(bindingCharacters)) : undefined
  if (start !== undefined) return accept(start)
  const problem = 'not a cursor of this list with these filters'
  return refuse({ reason: 'request_malformed', places: [{ in: 'query', at: 'cursor', problem }] })
}

/** A page as the caller reads it. */
export function pageDocument<Item, Shown>(
  listing: Listing,
  { items, next }: Page<Item, string>,
  document: (item: Item) => Shown,
): { readonly items: Shown[]; readonly next_cursor: string | null } {
  return {
    items: items.map(document),
    next_cursor: next === undefined ? null : cursorFor(listing, next),
  }
}

function cursorFor(listing: Listing, start: string): string {
  return Buffer.from(binding(listing) + start, 'latin1').toString('base64url')
}

const bindingCharacters = 8

/** A cursor means nothing in another list: it would skip what the caller has not seen. */
function binding({ path, query }: Listing): string {
  const filters = Object.entries(query)
    .filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify([path, filters]), 'base64url').slice(0, bindingCharacters)
}

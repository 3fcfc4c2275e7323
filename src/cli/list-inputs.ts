import type { Field, Values } from './inputs.ts'
import { optional } from './inputs.ts'

const cursorField: Field<string> = {
  placeholder: '<cursor>',
  accepts: 'what the page before said',
  parse: (text) => (text === '' ? undefined : text),
}

const itemsMax = 100

const limitField: Field<number> = {
  placeholder: '<count>',
  accepts: `a number from 1 to ${itemsMax}`,
  parse: (text) => {
    const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
    return count >= 1 && count <= itemsMax ? count : undefined
  },
}

/** What every list takes: a page of it, and where that begins. */
export const listInputs = {
  limit: optional(limitField, `The most to list; ${itemsMax} unless said`),
  after: optional(cursorField, 'Begin after the page before, which says this'),
}

export function pageQuery({ limit, after }: Values<typeof listInputs>) {
  return { limit, cursor: after }
}

import type { Brand } from './brand.ts'

/** What people call a thing: 1 to 100 characters, no control characters, no space at either end. */
export type Name = Brand<string, 'Name'>

/** A sentence or two about a thing: at most 500 characters, no control characters but line breaks. */
export type Description = Brand<string, 'Description'>

const nameCharactersMax = 100
const descriptionCharactersMax = 500
// Cc control, Cf invisible and direction-changing, Cs lone surrogates, Zl/Zp line separators: a name
// that shows as something else, or cannot be stored, is a trap in every list it appears in.
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const unfitInText = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u

export function parseName(text: string): Name | undefined {
  const name = text.normalize('NFC')
  if (name.trim() !== name || name === '' || unfit.test(name)) return undefined
  return Array.from(name).length <= nameCharactersMax ? (name as Name) : undefined
}

export function parseDescription(text: string): Description | undefined {
  const description = text.normalize('NFC')
  if (unfitInText.test(description)) return undefined
  return Array.from(description).length <= descriptionCharactersMax
    ? (description as Description)
    : undefined
}

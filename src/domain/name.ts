import type { Brand } from './brand.ts'

/** What people call a thing: 1 to 100 characters that show, and between them spaces (U+0020). */
export type Name = Brand<string, 'Name'>

/** A sentence or two about a thing: at most 500 characters, no control characters but line breaks. */
export type Description = Brand<string, 'Description'>

const nameCharactersMax = 100
const descriptionCharactersMax = 500
// A name that shows as something else, or cannot be stored, is a trap in every list and token it
// appears in: Cc control, Cf direction-changing, Cs lone surrogates, Co what each font shows as it
// likes, Zl/Zp line separators, DI what shows as nothing (a Hangul filler, a variation selector), NChar
// what is no character at all, U+2800 the braille pattern without a dot, Zs spaces that look like ours.
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}\p{NChar}\u2800]|(?! )\p{Zs}/u
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

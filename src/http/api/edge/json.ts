import type { Result } from '../../../domain/result.ts'
import { accept, refuse } from '../../../domain/result.ts'

export type JsonProblem = { readonly at: string; readonly problem: string }

/**
 * Reads JSON strictly: UTF-8 (RFC 8259 §8.1), and no member twice (§4 leaves open which one counts, so
 * that two readers could see two different requests).
 */
export function readJson(bytes: Uint8Array): Result<unknown, JsonProblem> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    const repeated = repeatedMember(text)
    return repeated === undefined
      ? accept(value)
      : refuse({ at: '', problem: `the member ${repeated} is there twice` })
  } catch {
    return refuse({ at: '', problem: 'this is not JSON in UTF-8' })
  }
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** The first name that occurs twice in one object, in text that is JSON. */
function repeatedMember(text: string): string | undefined {
  const open: Set<string>[] = []
  let before = ''
  for (const [part] of text.matchAll(token)) {
    if (part === '{' || part === '[') open.push(new Set())
    if (part === '}' || part === ']') open.pop()
    if (part === ':') {
      const names = open.at(-1)
      // Two ways to write one character are one name.
      const name = String(JSON.parse(before))
      if (names?.has(name) === true) return JSON.stringify(name)
      names?.add(name)
    }
    before = part
  }
  return undefined
}

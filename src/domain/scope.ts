import type { Brand } from './brand.ts'

/** One word of a scope. Case-sensitive. RFC 6749 §3.3. */
export type ScopeToken = Brand<string, 'ScopeToken'>

const scopeTokensMax = 200
// scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeText = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/

/**
 * Reads a space-delimited list of scope-tokens; repeats are folded, order does not matter.
 * Refuses (with `undefined`) characters outside the grammar, doubled or outer spaces, and lists of
 * more than 200 tokens. RFC 6749 §3.3.
 */
export function parseScope(text: string): readonly ScopeToken[] | undefined {
  if (!scopeText.test(text)) return undefined
  const tokens = [...new Set(text.split(' '))]
  return tokens.length <= scopeTokensMax ? (tokens as unknown as ScopeToken[]) : undefined
}

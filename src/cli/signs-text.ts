import type { ApiAnswer } from './answers.ts'

/**
 * What signs the tokens of an API from now on and later; nothing of one that never had another
 * algorithm. When exactly, only operators see: it follows from the keys that all tenants share.
 */
export function signsText({ signing_alg: alg, signing_alg_before: before }: ApiAnswer): string {
  if (before === null) return ''
  return `\n${alg} signs its tokens as soon as a key of it has been published for so long that every\nresource server knows it, and ${before} until then: see countersign keys list.`
}

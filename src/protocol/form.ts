/**
 * The wire: reads requests and states responses, in the words of the RFCs. Pure: text and values in,
 * values out; no I/O, no clock, no packages. It runs wherever JavaScript runs.
 */
import type { Result } from '../domain/result.ts'
import { accept, refuse } from '../domain/result.ts'

/** The parameters of a request. One without a value is `undefined`, as if it had been left out. */
export type Form = {
  readonly parameters: ReadonlyMap<string, string | undefined>
  /** The one parameter that may occur more than once. RFC 8707 §2. */
  readonly resources: readonly string[]
}

export type FormRefusal =
  | { readonly reason: 'form_malformed' }
  | { readonly reason: 'parameters_too_many' }
  /** The name is left out if it does not look like one: it could be a secret in the wrong place. */
  | { readonly reason: 'parameter_repeated'; readonly name: string | undefined }

const parametersMax = 50
// What a form holds unencoded beyond this is not ours to guess at: bytes above ASCII are
// percent-encoded UTF-8 (RFC 6749 Appendix B), and control characters have no place at all.
const printable = /^[\x20-\x7E]*$/
const plainName = /^[a-z_]{1,40}$/

/**
 * Reads `application/x-www-form-urlencoded` text.
 *
 * Refuses broken percent-encoding and bytes that are not UTF-8, more than 50 parameters, and a
 * parameter that occurs twice, even without a value: two readers of one body must not see two
 * requests. RFC 6749 §3.2 and Appendix B.
 */
export function parseForm(text: string): Result<Form, FormRefusal> {
  if (!printable.test(text)) return refuse({ reason: 'form_malformed' })
  const form = { parameters: new Map<string, string | undefined>(), resources: [] }
  let start = 0
  for (let count = 0; start <= text.length; count += 1) {
    if (count === parametersMax) return refuse({ reason: 'parameters_too_many' })
    const ampersand = text.indexOf('&', start)
    const end = ampersand === -1 ? text.length : ampersand
    const refusal = addParameter(form, text.slice(start, end))
    if (refusal !== undefined) return refuse(refusal)
    start = end + 1
  }
  return accept(form)
}

type GrowingForm = {
  readonly parameters: Map<string, string | undefined>
  readonly resources: string[]
}

/** A pair without a name is what a stray `&` leaves; it is no parameter. */
function addParameter(
  { parameters, resources }: GrowingForm,
  pair: string,
): FormRefusal | undefined {
  const equals = pair.indexOf('=')
  const nameEnd = equals === -1 ? pair.length : equals
  const name = decodeFormText(pair.slice(0, nameEnd))
  const value = decodeFormText(pair.slice(nameEnd + 1))
  if (name === undefined || value === undefined) return { reason: 'form_malformed' }

  if (name === 'resource') {
    if (value !== '') resources.push(value)
    return undefined
  }
  if (name !== '' && parameters.has(name)) {
    return { reason: 'parameter_repeated', name: plainName.test(name) ? name : undefined }
  }
  parameters.set(name, value === '' ? undefined : value)
  return undefined
}

/** Decodes one name or value; `undefined` if its percent-encoding or its UTF-8 is broken. */
export function decodeFormText(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

import type { ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ApiDocument, Place } from './schema.ts'

/** What came back, read to its end. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Says what in an answer the document does not promise; nothing if all is as written there. */
export type Complain = (place: Place, answer: Answer) => string | undefined

export const secretOfOurs = /(?:csk|cln|css)_[0-9A-Za-z]{16}/

/** The only operations that may hand out a secret, each in the one answer that makes it. */
const handsOut = new Set([
  'createCredential',
  'createApplicationKey',
  'createInvitation',
  'createRecoveryLink',
])

/** Holds answers against the document: status, content type, body, and that no secret is in it. */
export function complaints(document: ApiDocument): Complain {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  ajv.addSchema(document, 'document')
  const compiled = new Map<string, ValidateFunction>()

  function bodyOf(place: Place, status: string, type: string): ValidateFunction {
    const operation = ['paths', place.path, place.method.toLowerCase(), 'responses', status]
    const { $ref } =
      document.paths[place.path]?.[place.method.toLowerCase()]?.responses[status] ?? {}
    const steps = $ref === undefined ? operation : $ref.slice('#/'.length).split('/')
    const pointer = [...steps, 'content', type, 'schema'].map(escaped).join('/')
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` })
    compiled.set(pointer, known)
    return known
  }

  return (place, answer) => {
    const { status, text } = answer
    const key = String(status)
    const promised = place.responses[key]
    if (status >= 500 || promised === undefined) return `${status} is not promised: ${text}`
    const odd = oddity(place, answer)
    if (odd !== undefined) return odd
    if (promised.content === undefined) return text === '' ? undefined : `a body: ${text}`
    const type = typeOf(answer)
    if (promised.content[type] === undefined) return `${status} is not promised as "${type}"`
    if (!type.endsWith('json')) return undefined
    const fits = bodyOf(place, key, type)
    return fits(JSON.parse(text)) ? undefined : `${status} ${ajv.errorsText(fits.errors)}: ${text}`
  }
}

function typeOf({ headers }: Answer): string {
  return (headers.get('content-type') ?? '').replace(/;.*/, '')
}

/** What is wrong with an answer whatever the document says. */
function oddity({ operationId }: Place, { status, headers, text }: Answer): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(headers.get('trace-id') ?? '')) return 'no trace-id'
  const mayTell = status === 201 && handsOut.has(operationId)
  return !mayTell && secretOfOurs.test(text) ? `a secret is in the answer: ${text}` : undefined
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** The part of JSON Schema that the document of the management API is written in. */
export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly schema?: Schema
}

export type Operation = {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content; readonly required?: boolean }
  readonly responses: Readonly<
    Record<string, { readonly content?: Content; readonly $ref?: string }>
  >
}

/** An OpenAPI document, as far as calls are made from it. */
export type ApiDocument = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** One operation and where it is. */
export type Place = Operation & { readonly method: string; readonly path: string }

const methods = new Set(['get', 'put', 'post', 'delete', 'patch'])

export function operationsOf(document: ApiDocument): readonly Place[] {
  const read = <Value extends object>(value: Value) =>
    '$ref' in value ? (at(document, String(value.$ref)) as Value) : value
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.has(method))
      .map(([method, operation]) => {
        const { parameters = [], responses } = operation
        const answers = Object.entries(responses)
        return Object.assign({}, operation, {
          method: method.toUpperCase(),
          path,
          parameters: parameters.map(read),
          responses: Object.fromEntries(answers.map(([status, each]) => [status, read(each)])),
        })
      }),
  )
}

/** What a reference into the document leads to. */
export function resolved(document: ApiDocument, schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    const { $ref, ...more } = schema
    return { ...resolved(document, at(document, $ref)), ...more }
  }
  if (schema.allOf !== undefined) {
    const { allOf, ...more } = schema
    return Object.assign({}, ...allOf.map((each) => resolved(document, each)), more) as Schema
  }
  return schema
}

function at(document: ApiDocument, reference: string): object {
  const steps = reference.replace(/^#\//, '').split('/')
  const found = steps.reduce<unknown>(
    (place, step) => (place as Record<string, unknown>)[step],
    document,
  )
  if (found === undefined) throw new Error(`the document has no ${reference}`)
  return found as object
}

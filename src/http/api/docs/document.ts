import type { openApiDocument } from '../openapi/openapi.ts'
import type { ApiRoute } from '../route.ts'

/** The OpenAPI document: what the page says of a route is what programs read of it. */
export type Document = ReturnType<typeof openApiDocument>

type Schemas = NonNullable<NonNullable<Document['components']>['schemas']>

/** A schema that is written out, or the name of one that stands elsewhere. */
export type SchemaOrReference = Schemas[string]
export type Schema = Exclude<SchemaOrReference, { $ref: string }>

type Operation = NonNullable<NonNullable<NonNullable<Document['paths']>[string]>['get']>
export type Parameter = Exclude<NonNullable<Operation['parameters']>[number], { $ref: string }>

export function operationOf({ paths }: Document, { path, method }: ApiRoute): Operation {
  const operation = paths?.[path]?.[method]
  if (operation === undefined) throw new Error(`the document has no ${method} ${path}`)
  return operation
}

export function parametersOf(
  { components }: Document,
  { parameters = [] }: Operation,
): readonly Parameter[] {
  return parameters.flatMap((each) => {
    const found = isReference(each) ? components?.parameters?.[nameIn(each)] : each
    return found === undefined || isReference(found) ? [] : [found]
  })
}

export function bodySchemaOf({ requestBody }: Operation): SchemaOrReference | undefined {
  if (requestBody === undefined || isReference(requestBody)) return undefined
  return requestBody.content['application/json']?.schema
}

export function answerSchemaOf(
  { responses = {} }: Operation,
  { status }: ApiRoute,
): SchemaOrReference | undefined {
  const response = responses[String(status)]
  if (response === undefined || isReference(response)) return undefined
  return response.content?.['application/json']?.schema
}

export function isReference(value: object): value is { readonly $ref: string } {
  return '$ref' in value
}

export function nameIn({ $ref }: { readonly $ref: string }): string {
  return $ref.slice($ref.lastIndexOf('/') + 1)
}

export function namedSchemas({ components }: Document): readonly (readonly [string, Schema])[] {
  return Object.entries(components?.schemas ?? {}).flatMap(([name, schema]) =>
    isReference(schema) ? [] : [[name, schema] as const],
  )
}

/** What a schema means, wherever it stands. */
export function resolved(document: Document, schema: SchemaOrReference): Schema {
  if (!isReference(schema)) return schema
  const [, found] = namedSchemas(document).find(([name]) => name === nameIn(schema)) ?? []
  if (found === undefined) throw new Error(`the document has no schema ${schema.$ref}`)
  return found
}
